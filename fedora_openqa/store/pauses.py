"""Stored pauses: lanes that a person has stopped, by whom and why."""

from dataclasses import asdict

from sqlalchemy import Engine, delete, insert, select, true, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.arrivals import announce
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.rows import in_force
from fedora_openqa.store.schema import pause as table
from fedora_openqa.store.schema import subject


class Pauses(ports.Pauses):
    """The table of pauses; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def all(self) -> tuple[Pause, ...]:
        with reading(self._engine) as connection:
            query = select(table).where(in_force(self._clock(connection))).order_by(table.c.lane)
            return tuple(
                Pause(row.lane, by=row.by, reason=row.reason, since=row.since, until=row.until)
                for row in connection.execute(query)
            )

    @override
    def pause(self, pause: Pause) -> None:
        with transaction(self._engine) as connection:
            connection.execute(delete(table).where(table.c.lane == pause.lane))
            connection.execute(insert(table).values(**asdict(pause)))

    @override
    def resume(self, lane: str) -> bool:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            connection.execute(delete(table).where(~in_force(now)))
            if connection.execute(delete(table).where(table.c.lane == lane)).rowcount == 0:
                return False
            connection.execute(
                update(subject)
                .where(
                    # the release of a subject is not stored: an early attempt costs little
                    true()
                    if lane == ALL_LANES
                    else subject.c.lane == lane.split(":", maxsplit=1)[0],
                    subject.c.state == SubjectState.WANTED,
                    subject.c.lease_owner.is_(None),
                )
                # attempts in a paused lane are no failures of the subject
                .values(due=now, attempts=0, updated=now)
            )
            announce(connection)
            return True
