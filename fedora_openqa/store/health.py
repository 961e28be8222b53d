"""The processes of the deployment, and what monitoring asks of the store."""

from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    delete,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Absence, DeliveryState, Sink
from fedora_openqa.model.health import Found, Heard, Process, Tallies, Vitals
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.clock import Clock, database_time, has_come
from fedora_openqa.store.counting import count_subjects
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.rows import in_force, is_paused
from fedora_openqa.store.schema import (
    FOUND,
    SWEEP,
    absence,
    delivery,
    mark,
    pause,
    process,
    subject,
)

#: seconds that the row of a process is kept after its last report
KEEP_SECONDS = 86_400.0


class Health(ports.Health):
    """The reports of processes and the vital signs; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def report(self, reported: Process) -> None:
        values = {
            "host": reported.host,
            "pid": reported.pid,
            "role": reported.role,
            "version": reported.version,
            "lanes": dict(reported.lanes),
            "topics": {name: [one.last, one.gap] for name, one in reported.topics.items()},
            "has_metrics": reported.has_metrics,
            "started": reported.started,
            "seen": reported.seen,
        }
        with transaction(self._engine) as connection:
            row = process.c.name == reported.name
            changed = connection.execute(update(process).where(row).values(**values))
            if changed.rowcount == 0:
                old = process.c.seen < reported.seen - KEEP_SECONDS
                connection.execute(delete(process).where(old))
                connection.execute(insert(process).values(name=reported.name, **values))

    @override
    def vitals(self) -> Vitals:
        with reading(self._engine) as connection:
            now = self._clock(connection)
            marks = {row.name: row for row in connection.execute(select(mark))}
            sweep = marks.get(SWEEP)
            return Vitals(
                now=now,
                processes=tuple(
                    _process(row)
                    for row in connection.execute(select(process).order_by(process.c.name))
                ),
                due=_due(connection, now=now),
                found={
                    name.removeprefix(FOUND): Found(at=row.at, count=row.number)
                    for name, row in marks.items()
                    if name.startswith(FOUND)
                },
                absences=tuple(
                    Absence(lane=row.lane, error=row.error, since=row.since, until=row.until)
                    for row in connection.execute(select(absence).order_by(absence.c.lane))
                ),
                parked={
                    lane: numbers.parked
                    for lane, numbers in count_subjects(connection, [SubjectState.PARKED])
                    if numbers.parked
                },
                last_sweep=sweep.at if sweep else None,
            )

    @override
    def tallies(self) -> Tallies:
        sinks = subject.c.lane.in_(tuple(Sink))
        wanted = subject.c.state == SubjectState.WANTED
        with reading(self._engine) as connection:
            now = self._clock(connection)
            return Tallies(
                subjects={
                    (lane, state): number
                    for lane, numbers in count_subjects(connection)
                    for state, number in numbers._mapping.items()  # noqa: SLF001 - its public name
                    if number
                },
                deliveries=_count_open(connection),
                unreported={
                    row.lane: row.since
                    for row in connection.execute(
                        select(subject.c.lane, func.min(subject.c.asked).label("since"))
                        .where(wanted, sinks)
                        .group_by(subject.c.lane)
                    )
                },
                paused=frozenset(
                    connection.execute(select(pause.c.lane).where(in_force(now))).scalars()
                ),
            )


def _count_open(connection: Connection) -> dict[tuple[str, str], int]:
    """Count the deliveries that are not done; only builds that are not finished have some."""
    open_states = (DeliveryState.PENDING, DeliveryState.PARKED)
    query = (
        select(subject.c.lane, delivery.c.state, func.count())
        .join_from(subject, delivery)
        .where(
            subject.c.lane.in_(tuple(Sink)),
            subject.c.state.in_((SubjectState.WANTED, SubjectState.PARKED)),
            delivery.c.state.in_(open_states),
        )
        .group_by(subject.c.lane, delivery.c.state)
    )
    return {(lane, state): number for lane, state, number in connection.execute(query)}


def _due(connection: Connection, *, now: float) -> dict[str, float]:
    """Return for each lane since when its oldest subject is due that a worker could lease."""
    absent = select(absence.c.lane).where(absence.c.until > now)
    query = (
        select(subject.c.lane, func.min(subject.c.due).label("due"))
        .where(
            subject.c.state == SubjectState.WANTED,
            subject.c.due <= now,
            not_(is_paused(now)),
            subject.c.lane.not_in(absent),
            or_(subject.c.lease_owner.is_(None), has_come(subject.c.lease_until, now)),
        )
        .group_by(subject.c.lane)
    )
    return {row.lane: row.due for row in connection.execute(query)}


def _process(row: Row[Any]) -> Process:
    return Process(
        host=row.host,
        pid=row.pid,
        role=row.role,
        version=row.version,
        lanes=row.lanes,
        topics={name: Heard(last, gap) for name, (last, gap) in row.topics.items()},
        started=row.started,
        seen=row.seen,
        has_metrics=row.has_metrics,
    )
