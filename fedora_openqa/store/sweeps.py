"""What sweeps found, and the lease of the process that sweeps."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.sweeps import Comparison, Gathered, JobsListed, Seen, Turn
from fedora_openqa.model.work import Wanted
from fedora_openqa.policy.sweeping import has_new_jobs
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.marks import INSERT_MARK, free_lease, lock_mark, take_lease
from fedora_openqa.store.schema import ENABLED, SWEEP, comparison, mark, sighting

#: seconds after which a comparison is forgotten; its build is compared again, if it is still seen
COMPARED_FOR = 7 * 86_400.0


class Sweeps(ports.Sweeps):
    """The marks, sightings and comparisons of sweeps; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def look(self) -> Turn:
        with reading(self._engine) as connection:
            row = connection.execute(select(mark).where(mark.c.name == SWEEP)).first()
            return self._turn(connection, row)

    @override
    def begin(self, owner: str, *, seconds: float) -> Turn:
        with transaction(self._engine) as connection:
            row = lock_mark(connection, SWEEP)
            now = self._clock(connection)
            take_lease(connection, row, owner, seconds=seconds, now=now, does="sweeps")
            return self._turn(connection, row)

    def _turn(self, connection: Connection, row: Row[Any] | None) -> Turn:
        last = _gathered(row) if row else None
        return Turn(now=self._clock(connection), last=last, done=_done(connection))

    @override
    def renew(self, owner: str, *, seconds: float) -> bool:
        with transaction(self._engine) as connection:
            until = self._clock(connection) + seconds
            held = update(mark).where(mark.c.name == SWEEP, mark.c.lease_owner == owner)
            return connection.execute(held.values(lease_until=until)).rowcount == 1

    @override
    def end(self, owner: str) -> None:
        with transaction(self._engine) as connection:
            free_lease(connection, SWEEP, owner)

    @override
    def gather(
        self, owner: str, seen: Sequence[Seen], jobs: JobsListed | None, *, found: Mapping[str, int]
    ) -> float:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            facts: dict[str, Any] = {"at": now, "by": owner, "found": dict(found)}
            if jobs:
                facts |= {"newest": jobs.newest, "after": jobs.after}
            held = update(mark).where(mark.c.name == SWEEP, mark.c.lease_owner == owner)
            if not connection.execute(held.values(facts=facts)).rowcount:
                raise LeaseLostError(f"the lease of {owner} is over, and another process sweeps")
            connection.execute(delete(sighting))
            if seen:
                connection.execute(insert(sighting), [_row_of(one) for one in seen])
            connection.execute(delete(comparison).where(comparison.c.at < now - COMPARED_FOR))
            return now

    @override
    def switch_on(self, sink: Sink) -> float:
        name = mark.c.name == f"{ENABLED}{sink}"
        with transaction(self._engine) as connection:
            values = {"name": f"{ENABLED}{sink}", "at": self._clock(connection)}
            connection.execute(INSERT_MARK(connection.dialect.name), values)
            return float(connection.execute(select(mark.c.at).where(name)).scalar_one())

    @override
    def switch_off(self, sink: Sink) -> None:
        with transaction(self._engine) as connection:
            connection.execute(delete(mark).where(mark.c.name == f"{ENABLED}{sink}"))

    def switched_on(self, sink: Sink) -> float | None:
        """Return since when a sink is switched on; None: it is not."""
        with reading(self._engine) as connection:
            name = mark.c.name == f"{ENABLED}{sink}"
            at: float | None = connection.execute(select(mark.c.at).where(name)).scalar()
            return at

    @override
    def seen(self) -> tuple[Seen, ...]:
        with reading(self._engine) as connection:
            rows = connection.execute(select(sighting).order_by(sighting.c.key))
            return tuple(_seen(row) for row in rows)

    @override
    def reopen(self, jobs: Mapping[str, Collection[int]] | None) -> None:
        query = select(comparison).where(comparison.c.settled)
        with transaction(self._engine) as connection:
            for row in connection.execute(query).all():
                if has_new_jobs(row.build, _comparison(row), jobs):
                    connection.execute(
                        update(comparison)
                        .where(comparison.c.sink == row.sink, comparison.c.build == row.build)
                        .values(settled=False)
                    )

    @override
    def comparisons(self, sink: Sink) -> Mapping[str, Comparison]:
        with reading(self._engine) as connection:
            rows = connection.execute(select(comparison).where(comparison.c.sink == sink))
            return {row.build: _comparison(row) for row in rows}

    @override
    def compared(
        self, sink: Sink, build: str, *, digest: str, settled: bool, jobs: Collection[int]
    ) -> None:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            values = {"digest": digest, "at": now, "settled": settled, "jobs": sorted(jobs)}
            of_build = (comparison.c.sink == sink, comparison.c.build == build)
            if not connection.execute(update(comparison).where(*of_build).values(values)).rowcount:
                connection.execute(insert(comparison).values(sink=sink, build=build, **values))

    @override
    def finish(self, duty: str, gathered: float, *, found: Mapping[str, int]) -> None:
        name = f"{SWEEP}:{duty}"
        facts = {"gathered": gathered, "found": dict(found)}
        with transaction(self._engine) as connection:
            connection.execute(delete(mark).where(mark.c.name == name))
            now = self._clock(connection)
            connection.execute(insert(mark).values(name=name, at=now, facts=facts))


def _gathered(row: Row[Any]) -> Gathered | None:
    facts = row.facts
    if "at" not in facts:
        return None
    jobs = JobsListed(facts["newest"], facts["after"]) if "newest" in facts else None
    return Gathered(at=facts["at"], by=facts["by"], jobs=jobs)


def _comparison(row: Row[Any]) -> Comparison:
    return Comparison(row.digest, row.at, row.settled, frozenset(row.jobs))


def _done(connection: Connection) -> dict[str, float]:
    query = select(mark.c.name, mark.c.facts).where(mark.c.name.startswith(f"{SWEEP}:"))
    return {
        row.name.removeprefix(f"{SWEEP}:"): float(row.facts["gathered"])
        for row in connection.execute(query)
    }


def _row_of(seen: Seen) -> dict[str, Any]:
    wanted = seen.wanted
    return {
        "key": wanted.key,
        "lane": wanted.lane,
        "request": dict(wanted.request),
        "digest": wanted.digest,
        "priority": wanted.priority,
        "build": seen.build,
        "arch": seen.arch,
        "content": None if seen.content is None else list(seen.content),
        "current": seen.current,
    }


def _seen(row: Row[Any]) -> Seen:
    return Seen(
        wanted=Wanted(
            key=row.key,
            lane=row.lane,
            request=row.request,
            digest=row.digest,
            priority=row.priority,
        ),
        build=row.build,
        arch=row.arch,
        content=None if row.content is None else tuple(row.content),
        current=row.current,
    )
