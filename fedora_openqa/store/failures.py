"""Failed jobs with the passed ones around them, and what persons decided about failures."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import (
    Engine,
    Executable,
    Row,
    ScalarSelect,
    and_,
    case,
    delete,
    desc,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.failures import (
    FailedRun,
    FailureKind,
    FailureNote,
    FailureRule,
    PassedRun,
    Trait,
)
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import OK_RESULTS
from fedora_openqa.policy.history import TELLING_RESULTS
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.jobs import SCENARIO_COLUMNS, stored_job
from fedora_openqa.store.rows import for_dialects
from fedora_openqa.store.schema import FAILED, failure_note, failure_rule, job


def _passed(name: str, *, older: bool) -> ScalarSelect[int]:
    """Return the query of the id of the passed run next to a job."""
    near = job.alias(f"near_{name}")
    return (
        select(near.c.id)
        .where(
            *(near.c[it.name] == it for it in SCENARIO_COLUMNS),
            near.c.id < job.c.id if older else near.c.id > job.c.id,
            near.c.version == job.c.version,
            near.c.result.in_(sorted(OK_RESULTS)),
        )
        .order_by(desc(near.c.id) if older else near.c.id)
        .limit(1)
        .correlate(job)
        .scalar_subquery()
    )


_BEFORE, _AFTER = job.alias("before"), job.alias("after")
_FAILED_RUNS = (
    select(
        job,
        *(
            one.c[column].label(f"{name}_{column}")
            for name, one in (("before", _BEFORE), ("after", _AFTER))
            for column in ("id", "origin_id", "build", "finished")
        ),
    )
    .select_from(job)
    .outerjoin(_BEFORE, _BEFORE.c.id == _passed("before", older=True))
    .outerjoin(_AFTER, _AFTER.c.id == _passed("after", older=False))
    # with values in the place of parameters, so that the index of these jobs is used
    .where(text(FAILED))
)


def _store_note(insert: Any) -> Executable:  # noqa: ANN401 - a dialect's
    query = insert(failure_note)
    changes = {column.name: query.excluded[column.name] for column in failure_note.c}
    return cast("Executable", query.on_conflict_do_update(index_elements=["id"], set_=changes))


_STORE_NOTE = for_dialects(_store_note)

_TRAITS = {
    Trait.FLAVOR: job.c.flavor,
    Trait.ARCH: job.c.arch,
    Trait.MACHINE: job.c.machine,
    Trait.HOST: job.c.worker_host,
}


class Failures(ports.Failures):
    """The failed jobs of the table of jobs, and the table of notes."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def now(self) -> float:
        with reading(self._engine) as connection:
            return self._clock(connection)

    @override
    def failed(self, *, since: float, until: float | None = None) -> tuple[FailedRun, ...]:
        # PostgreSQL would plan for any time, from the sixth query on, and that takes twice as long
        query = _FAILED_RUNS.where(job.c.finished >= literal(since, literal_execute=True))
        if until is not None:
            query = query.where(job.c.finished < until)
        with reading(self._engine) as connection:
            return tuple(map(_run, connection.execute(query)))

    @override
    def ended(self, job_id: int) -> float | None:
        with reading(self._engine) as connection:
            return connection.execute(select(job.c.finished).where(job.c.id == job_id)).scalar()

    @override
    def beside(
        self, traits: Mapping[Trait, str], *, version: str, since: float, until: float
    ) -> Mapping[str, tuple[int, int]]:
        if not traits:
            return {}
        has = {trait: _TRAITS[trait] == value for trait, value in traits.items()}
        passed = job.c.result.in_(sorted(OK_RESULTS))
        query = select(
            *(func.count(case((it, 1))) for one in has.values() for it in (and_(one, passed), one))
        ).where(
            job.c.finished.between(since, until),
            job.c.result.in_(sorted(TELLING_RESULTS)),
            or_(*has.values()),
        )
        if version:
            # messages do not have it
            query = query.where(job.c.version.in_([version, ""]))
        with reading(self._engine) as connection:
            counts = iter(connection.execute(query).one())
        return {trait: (next(counts), next(counts)) for trait in has}

    @override
    def notes(self) -> tuple[FailureNote, ...]:
        query = select(failure_note).order_by(failure_note.c.id)
        with reading(self._engine) as connection:
            return tuple(map(_note, connection.execute(query)))

    @override
    def note(self, note: FailureNote) -> None:
        values = {
            "id": note.id,
            "title": note.title or None,
            "bug": note.bug or None,
            "kind": note.kind,
            "closed": note.closed,
            "apart": list(note.apart),
            "by": note.by,
            "at": note.at,
        }
        with transaction(self._engine) as connection:
            connection.execute(_STORE_NOTE(connection.dialect.name), values)

    @override
    def telling(self, *, since: float) -> tuple[StoredJob, ...]:
        query = select(job).where(
            job.c.finished >= since,
            job.c.result.in_(sorted(TELLING_RESULTS)),
            or_(job.c.reason.is_not(None), job.c.failed_modules.is_not(None)),
        )
        with reading(self._engine) as connection:
            return tuple(map(stored_job, connection.execute(query)))

    @override
    def rules(self) -> tuple[FailureRule, ...]:
        query = select(failure_rule).order_by(failure_rule.c.id)
        with reading(self._engine) as connection:
            return tuple(map(_rule, connection.execute(query)))

    @override
    def add_rule(self, rule: FailureRule) -> int:
        query = insert(failure_rule).values(
            text=rule.text,
            test=rule.test or None,
            arch=rule.arch or None,
            title=rule.title or None,
            bug=rule.bug or None,
            by=rule.by,
            at=rule.at,
        )
        with transaction(self._engine) as connection:
            return int(connection.execute(query.returning(failure_rule.c.id)).scalar_one())

    @override
    def remove_rule(self, number: int) -> bool:
        query = delete(failure_rule).where(failure_rule.c.id == number)
        with transaction(self._engine) as connection:
            return connection.execute(query).rowcount > 0


def _rule(row: Row[Any]) -> FailureRule:
    return FailureRule(
        text=row.text,
        test=row.test or "",
        arch=row.arch or "",
        title=row.title or "",
        bug=row.bug or "",
        by=row.by,
        at=row.at,
        id=row.id,
    )


def _run(row: Row[Any]) -> FailedRun:
    before = (row.before_id, row.before_origin_id, row.before_build, row.before_finished)
    after = (row.after_id, row.after_origin_id, row.after_build, row.after_finished)
    return FailedRun(
        stored_job(row),
        None if row.before_id is None else PassedRun(*before),
        None if row.after_id is None else PassedRun(*after),
    )


def _note(row: Row[Any]) -> FailureNote:
    return FailureNote(
        id=row.id,
        title=row.title or "",
        bug=row.bug or "",
        kind=FailureKind(row.kind) if row.kind else None,
        closed=row.closed,
        apart=tuple(row.apart),
        by=row.by,
        at=row.at,
    )
