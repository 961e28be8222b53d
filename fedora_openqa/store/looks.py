"""Whether openQA answered at the last look, and the lease of the process that looks."""

from sqlalchemy import Engine, select, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.marks import is_recent, lock_mark, take_lease
from fedora_openqa.store.rows import FREE
from fedora_openqa.store.schema import mark

#: the mark of the last look
PRESENCE = "presence"

#: the key of its facts: why openQA was away; null: it was not
ABSENCE = "absence"


class Looks(ports.Looks):
    """The mark of looks; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def absence(self) -> str | None:
        with reading(self._engine) as connection:
            facts = connection.execute(select(mark.c.facts).where(mark.c.name == PRESENCE)).scalar()
            return (facts or {}).get(ABSENCE)

    @override
    def begin(self, owner: str, *, seconds: float, every: float) -> bool:
        with transaction(self._engine) as connection:
            row = lock_mark(connection, PRESENCE)
            now = self._clock(connection)
            if row.lease_owner is None and is_recent(row, seconds=every, now=now):
                return False
            does = "asks openQA whether it answers"
            take_lease(connection, row, owner, seconds=seconds, now=now, does=does)
            connection.execute(update(mark).where(mark.c.name == PRESENCE).values(at=now))
            return True

    @override
    def end(self, owner: str, absence: str | None) -> None:
        held = update(mark).where(mark.c.name == PRESENCE, mark.c.lease_owner == owner)
        with transaction(self._engine) as connection:
            connection.execute(held.values(facts={ABSENCE: absence}, **FREE))
