"""The jobs that openQA must keep: each is stored before openQA is told."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import (
    Engine,
    Executable,
    Row,
    Select,
    and_,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.evidence import KeptBuild, KeptJob, KeptState
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.rows import for_dialects
from fedora_openqa.store.schema import job
from fedora_openqa.store.schema import kept_job as table

#: no person has released the job
HELD = and_(table.c.state != KeptState.RELEASING, table.c.state != KeptState.RELEASED)


def _intend(insert: Any) -> Executable:  # noqa: ANN401 - a dialect's
    """Return the INSERT of a job, or the UPDATE of one that is to be kept longer."""
    query = insert(table)
    new = query.excluded
    # what a person has released only a person keeps again
    longer = and_(new.until > table.c.until, or_(HELD, func.length(new.by) > 0))
    changes = {
        name: case((longer, new[name]), else_=table.c[name])
        for name in ("until", "by", "reason", "state")
    }
    return cast(
        "Executable", query.on_conflict_do_update(index_elements=[table.c.job_id], set_=changes)
    )


_INTEND = for_dialects(_intend)


class KeptJobs(ports.KeptJobs):
    """The table of kept jobs; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def now(self) -> float:
        with reading(self._engine) as connection:
            return self._clock(connection)

    @override
    def intend(self, jobs: Sequence[KeptJob]) -> int:
        # always in the same order: two processes would deadlock otherwise
        rows = [_row(one) for one in sorted(jobs, key=lambda it: it.job_id)]
        if not rows:
            return 0
        ids = [row["job_id"] for row in rows]
        with transaction(self._engine) as connection:
            known = connection.execute(
                select(func.count()).select_from(table).where(table.c.job_id.in_(ids))
            ).scalar_one()
            connection.execute(_INTEND(connection.dialect.name), rows)
        return len(rows) - int(known)

    @override
    def confirm(self, job_id: int) -> None:
        with transaction(self._engine) as connection:
            connection.execute(
                update(table)
                .where(table.c.job_id == job_id, table.c.state == KeptState.INTENDED)
                .values(state=KeptState.KEPT)
            )

    @override
    def tried(self, job_id: int) -> None:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            connection.execute(update(table).where(table.c.job_id == job_id).values(tried=now))

    @override
    def forget(self, job_id: int) -> None:
        with transaction(self._engine) as connection:
            of_job = table.c.job_id == job_id
            connection.execute(delete(table).where(of_job, HELD))
            connection.execute(update(table).where(of_job).values(state=KeptState.RELEASED))

    @override
    def end(self, build: str) -> int:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            query = update(table).where(table.c.build == build, table.c.state != KeptState.RELEASED)
            values = {"until": now, "tried": 0.0, "state": KeptState.RELEASING}
            return connection.execute(query.values(values)).rowcount

    @override
    def prune(self, *, keep: float) -> None:
        with transaction(self._engine) as connection:
            before = self._clock(connection) - keep
            connection.execute(
                delete(table).where(table.c.until < before, table.c.state == KeptState.RELEASED)
            )

    @override
    def to_keep(self, *, build: str | None = None, most: int) -> tuple[KeptJob, ...]:
        with reading(self._engine) as connection:
            now = self._clock(connection)
            query = select(table).where(table.c.state == KeptState.INTENDED, table.c.until > now)
            return _jobs(connection.execute(_first(query, build, most)).all())

    @override
    def to_release(self, *, build: str | None = None, most: int) -> tuple[KeptJob, ...]:
        with reading(self._engine) as connection:
            now = self._clock(connection)
            query = select(table).where(table.c.until <= now, table.c.state != KeptState.RELEASED)
            return _jobs(connection.execute(_first(query, build, most)).all())

    @override
    def of_build(self, build: str) -> tuple[KeptJob, ...]:
        query = select(table).where(table.c.build == build, table.c.state != KeptState.RELEASED)
        with reading(self._engine) as connection:
            return _jobs(connection.execute(query.order_by(table.c.job_id)).all())

    @override
    def builds(self) -> tuple[KeptBuild, ...]:
        query = (
            select(
                table.c.build,
                func.count().label("jobs"),
                func.sum(case((table.c.state == KeptState.KEPT, 0), else_=1)).label("open"),
                func.max(table.c.until).label("until"),
                func.max(table.c.by).label("by"),
                func.max(table.c.reason).label("reason"),
            )
            .where(table.c.state != KeptState.RELEASED)
            .group_by(table.c.build)
            .order_by(table.c.build)
        )
        with reading(self._engine) as connection:
            return tuple(
                KeptBuild(row.build, row.jobs, row.open, row.until, row.by, row.reason)
                for row in connection.execute(query)
            )

    @override
    def heard_of(self, *, since: float) -> tuple[str, ...]:
        # without DISTINCT, for which SQLite reads the whole index of builds
        query = select(job.c.build).where(job.c.read >= since)
        with reading(self._engine) as connection:
            return tuple(sorted(set(connection.scalars(query))))


def _first(query: Select[Any], build: str | None, most: int) -> Select[Any]:
    if build is not None:
        query = query.where(table.c.build == build)
    return query.order_by(table.c.tried, table.c.job_id).limit(most)


def _row(one: KeptJob) -> dict[str, Any]:
    return {
        "job_id": one.job_id,
        "build": one.build,
        "until": one.until,
        "by": one.by,
        "reason": one.reason,
        "state": KeptState.INTENDED,
        "tried": 0.0,
    }


def _jobs(rows: Sequence[Row[Any]]) -> tuple[KeptJob, ...]:
    return tuple(KeptJob(row.job_id, row.build, row.until, row.by, row.reason) for row in rows)
