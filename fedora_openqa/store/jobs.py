"""The jobs of openQA, as they were heard of in messages and read for other purposes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    update,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import JobResult, JobState
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.rows import for_dialects
from fedora_openqa.store.schema import job

#: how far each state is; a word of a newer openQA is taken for one of a running job
RANKS: Mapping[str, int] = {JobState.SCHEDULED: 0, JobState.DONE: 2, JobState.CANCELLED: 2}
RUNNING_RANK = 1

#: columns that belong to its state
_STATE = ("state", "result", "reason", "failed_modules", "fatal_module", "started")
#: columns that a job has from the beginning, or that become known
_KNOWN = ("worker_class", "worker_host", "clone_id")
SCENARIO_COLUMNS = (job.c.test, job.c.flavor, job.c.arch, job.c.machine)


def _remember(insert: Any) -> Executable:  # noqa: ANN401 - a dialect's
    """Return the INSERT of a job, or the UPDATE of one whose state is not newer."""
    query = insert(job)
    new = query.excluded
    is_newer = or_(new.rank > job.c.rank, and_(new.rank == job.c.rank, new.read >= job.c.read))

    def kept(name: str) -> ColumnElement[Any]:
        return case(
            (is_newer, func.coalesce(new[name], job.c[name])),
            else_=func.coalesce(job.c[name], new[name]),
        )

    changes: dict[str, Any] = {name: kept(name) for name in _STATE}
    changes |= {name: func.coalesce(new[name], job.c[name]) for name in _KNOWN}
    changes |= {
        "version": func.coalesce(func.nullif(new.version, ""), job.c.version),
        # a message comes after the end, of which openQA has the time
        "finished": case(
            (new.finished < job.c.finished, new.finished),
            else_=func.coalesce(job.c.finished, new.finished),
        ),
        # a message does not say that a job is a copy
        "origin_id": case((new.origin_id < job.c.origin_id, new.origin_id), else_=job.c.origin_id),
        "rank": case((is_newer, new.rank), else_=job.c.rank),
        "read": case((is_newer, new.read), else_=job.c.read),
    }
    return cast("Executable", query.on_conflict_do_update(index_elements=[job.c.id], set_=changes))


_REMEMBER = for_dialects(_remember)


def remember(connection: Connection, jobs: Iterable[StoredJob], *, now: float) -> None:
    """Store jobs within a transaction; what is stored of a newer state stays."""
    # always in the same order: two processes would deadlock otherwise
    rows = [_row(one, now=now) for one in sorted(jobs, key=lambda it: it.id)]
    if rows:
        # one row alone is quicker without executemany
        connection.execute(_REMEMBER(connection.dialect.name), rows if len(rows) > 1 else rows[0])


#: of a job that was restarted, if it is stored
_LINK = (
    update(job)
    .where(job.c.id == bindparam("old"))
    .values(clone_id=func.coalesce(job.c.clone_id, bindparam("copy")))
)

#: what a copy has of its job
_INHERITED = ("build", "version", "test", "flavor", "arch", "machine", "worker_class", "origin_id")


def _copy(insert: Any) -> Executable:  # noqa: ANN401 - a dialect's
    """Return the INSERT of the copy of a stored job, or the UPDATE of a copy that is stored."""
    own: Mapping[str, ColumnElement[Any]] = {
        "id": bindparam("copy", type_=job.c.id.type),
        "state": literal(JobState.SCHEDULED.value),
        "result": literal(JobResult.NONE.value),
        "rank": literal(RANKS[JobState.SCHEDULED]),
        "read": bindparam("now", type_=job.c.read.type),
    }
    old = select(*(job.c[name] for name in _INHERITED), *own.values()).where(
        job.c.id == bindparam("old")
    )
    query = insert(job).from_select([*_INHERITED, *own], old)
    changes: dict[str, Any] = {
        "version": func.coalesce(func.nullif(job.c.version, ""), query.excluded.version),
        "worker_class": func.coalesce(job.c.worker_class, query.excluded.worker_class),
        "origin_id": case(
            (query.excluded.origin_id < job.c.origin_id, query.excluded.origin_id),
            else_=job.c.origin_id,
        ),
    }
    return cast("Executable", query.on_conflict_do_update(index_elements=[job.c.id], set_=changes))


_COPY = for_dialects(_copy)


def link(connection: Connection, copies: Iterable[tuple[int, int]], *, now: float) -> None:
    """Store within a transaction that jobs were restarted; of what is not stored, nothing is."""
    # always in the same order: two processes would deadlock otherwise
    rows = [{"old": old, "copy": copy, "now": now} for old, copy in sorted(copies)]
    if rows:
        connection.execute(_LINK, [{"old": row["old"], "copy": row["copy"]} for row in rows])
        connection.execute(_COPY(connection.dialect.name), rows)


def newest_runs(scenario: Scenario, *, most: int, version: str = "") -> Select[Any]:
    """Return the query for the ids of the newest runs of a scenario.

    An index has all of it. It has the runs of each version together: to find the newest, all that
    is read of the others is their id.

    :param version: only those of this VERSION; empty: of all
    """
    same = [column == value for column, value in zip(SCENARIO_COLUMNS, scenario, strict=True)]
    if version:
        same.append(job.c.version == version)
    return select(job.c.id).where(*same).order_by(job.c.id.desc()).limit(most)


class JobHistory(ports.JobHistory):
    """The table of jobs; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def remember(self, jobs: Sequence[StoredJob]) -> None:
        if jobs:
            with transaction(self._engine) as connection:
                remember(connection, jobs, now=self._clock(connection))

    @override
    def scenarios(self, test: str) -> tuple[Scenario, ...]:
        query = (
            select(*SCENARIO_COLUMNS)
            .where(job.c.test == test)
            .distinct()
            .order_by(*SCENARIO_COLUMNS)
        )
        with reading(self._engine) as connection:
            return tuple(Scenario(*row) for row in connection.execute(query))

    @override
    def tests(self, start: str, *, most: int) -> tuple[str, ...]:
        # one step of the index for each test, not for each job
        least = func.min(job.c.test)
        found = (
            select(least.label("test"), literal(1).label("number"))
            .where(job.c.test >= bindparam("start", start))
            .cte(recursive=True)
        )
        after = select(least).where(job.c.test > found.c.test).scalar_subquery()
        found = found.union_all(
            select(after, found.c.number + 1).where(
                found.c.test.is_not(None), found.c.number < most
            )
        )
        query = select(found.c.test).where(found.c.test.is_not(None))
        with reading(self._engine) as connection:
            names = sorted(connection.scalars(query))
        return tuple(one for one in names if one.startswith(start))

    @override
    def runs(self, scenario: Scenario, *, most: int, version: str = "") -> tuple[StoredJob, ...]:
        newest = newest_runs(scenario, most=most, version=version)
        query = select(job).where(job.c.id.in_(newest)).order_by(job.c.id.desc())
        with reading(self._engine) as connection:
            return tuple(stored_job(row) for row in connection.execute(query))


def _row(one: StoredJob, *, now: float) -> dict[str, Any]:
    return {
        "id": one.id,
        "build": one.build,
        "version": one.version,
        **one.scenario._asdict(),
        "state": one.state,
        "result": one.result,
        "reason": one.reason or None,
        "failed_modules": list(one.failed_modules) or None,
        "fatal_module": one.fatal_module or None,
        "origin_id": one.origin_id or one.id,
        "clone_id": one.clone_id,
        "worker_class": one.worker_class or None,
        "worker_host": one.worker_host or None,
        "started": one.started,
        # a message does not say when its job ended
        "finished": one.finished or (now if one.is_ended else None),
        "rank": RANKS.get(one.state, RUNNING_RANK),
        "read": now,
    }


def stored_job(row: Row[Any]) -> StoredJob:
    """Return the job of a row."""
    return StoredJob(
        id=row.id,
        build=row.build,
        version=row.version,
        scenario=Scenario(row.test, row.flavor, row.arch, row.machine),
        state=row.state,
        result=row.result,
        reason=row.reason or "",
        failed_modules=tuple(row.failed_modules or ()),
        fatal_module=row.fatal_module or "",
        origin_id=row.origin_id,
        clone_id=row.clone_id,
        worker_class=row.worker_class or "",
        worker_host=row.worker_host or "",
        started=row.started,
        finished=row.finished,
    )
