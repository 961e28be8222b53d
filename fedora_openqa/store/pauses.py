"""Stored pauses: lanes that a person has stopped, and by whom and why."""

from sqlalchemy import Engine, Select, delete, insert, select, update

from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import pause as table
from fedora_openqa.store.schema import subject


def paused_kinds() -> Select[tuple[str]]:
    """Name the lanes that are paused: those of a kind are its name."""
    return select(table.c.lane)


class Pauses:
    """`fedora_openqa.ports.Pauses`; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    def all(self) -> tuple[Pause, ...]:
        """Give all pauses, by lane."""
        with transaction(self._engine) as connection:
            rows = connection.execute(select(table).order_by(table.c.lane))
            return tuple(
                Pause(lane=row.lane, by=row.by, reason=row.reason, since=row.since) for row in rows
            )

    def pause(self, pause: Pause) -> None:
        """Stop a lane; one that is stopped already gets the new reason."""
        with transaction(self._engine) as connection:
            connection.execute(delete(table).where(table.c.lane == pause.lane))
            connection.execute(
                insert(table).values(
                    lane=pause.lane, by=pause.by, reason=pause.reason, since=pause.since
                )
            )

    def resume(self, lane: str) -> bool:
        """Let a lane go on, with what waits in it at once; false if it was not stopped."""
        with transaction(self._engine) as connection:
            if connection.execute(delete(table).where(table.c.lane == lane)).rowcount == 0:
                return False
            now = self._clock(connection)
            connection.execute(
                update(subject)
                .where(
                    # the release of a subject is not stored: an early look costs little
                    subject.c.kind == lane.split(":", maxsplit=1)[0],
                    subject.c.state == SubjectState.WANTED,
                    subject.c.lease_owner.is_(None),
                )
                # looking at a paused lane was an attempt each time, and no fault of the subject
                .values(due=now, attempts=0, updated=now)
            )
            return True
