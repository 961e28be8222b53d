"""What openQA was last seen to do, and the lease of the process that reads it."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from sqlalchemy import Connection, Engine, Row, Select, case, select, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.openqa_load import Observed, Snapshot, SnapshotName
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.marks import free_lease, is_recent, lock_mark, take_lease
from fedora_openqa.store.rows import for_dialects
from fedora_openqa.store.schema import mark, snapshot

T = TypeVar("T")

#: the mark of the last reads of openQA, which is also the lease of the process that reads
WATCH = "watch"

#: why stored facts cannot be shown
OTHER_VERSION = "another version of fedora-openqa has stored it in another form"

_INSERT = for_dialects(lambda insert: insert(snapshot).on_conflict_do_nothing())

#: snapshot to the type of its facts
_TYPES = {name: get_args(hint)[0] for name, hint in get_type_hints(Observed).items()}


class Snapshots(ports.Snapshots):
    """The table of snapshots; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def now(self) -> float:
        with reading(self._engine) as connection:
            return self._clock(connection)

    @override
    def begin(self, owner: str, *, seconds: float, every: float) -> float | None:
        with transaction(self._engine) as connection:
            row = lock_mark(connection, WATCH)
            now = self._clock(connection)
            does = "watches openQA"
            take_lease(connection, row, owner, seconds=seconds, now=now, does=does, again=True)
            if is_recent(row, seconds=every, now=now):
                return None
            connection.execute(update(mark).where(mark.c.name == WATCH).values(at=now))
            return now

    @override
    def end(self, owner: str) -> None:
        with transaction(self._engine) as connection:
            free_lease(connection, WATCH, owner)

    @override
    def save(
        self,
        read: Mapping[SnapshotName, object],
        failed: Mapping[SnapshotName, str] = MappingProxyType({}),
    ) -> None:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            for name, facts in read.items():
                plain = msgspec.to_builtins(facts, str_keys=True)
                _write(connection, name, {"facts": plain, "at": now, "error": ""})
            for name, error in failed.items():
                _write(connection, name, {"error": error})

    @override
    def observed(self, wanted: Collection[SnapshotName] = tuple(SnapshotName)) -> Observed:
        facts = case((snapshot.c.name.in_(wanted), snapshot.c.facts)).label("facts")
        query: Select[Any] = select(snapshot.c.name, facts, snapshot.c.at, snapshot.c.error).where(
            snapshot.c.name.in_(tuple(SnapshotName))
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        return Observed(**{row.name: _snapshot(row, _TYPES[row.name]) for row in rows})


def _write(connection: Connection, name: str, values: dict[str, Any]) -> None:
    of_name = update(snapshot).where(snapshot.c.name == name).values(values)
    if not connection.execute(of_name).rowcount:
        connection.execute(_INSERT(connection.dialect.name), {"name": name, "error": "", **values})


def _snapshot(row: Row[Any], shape: type[T]) -> Snapshot[T]:
    if row.facts is None:
        return Snapshot(at=row.at, error=row.error)
    try:
        return Snapshot(msgspec.convert(row.facts, shape), row.at, row.error)
    except msgspec.ValidationError:
        return Snapshot(error=row.error or OTHER_VERSION)
