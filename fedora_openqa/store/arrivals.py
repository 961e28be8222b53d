"""How a process learns that any process has stored work that is due.

PostgreSQL notifies a listening connection. On SQLite the announcements are counted; the count is
read only after the files were changed by a commit of another connection.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.store.schema import WORK, mark
from fedora_openqa.texts import first_line

#: PostgreSQL's channel, one in each database
CHANNEL = "fedora_openqa_work"

#: seconds without a notification after which a listening connection is tested
TEST_SECONDS = 30.0

#: counts an announcement, on SQLite
COUNT = (
    insert(mark)
    .values(name=WORK, number=1)
    .on_conflict_do_update(index_elements=["name"], set_={"number": mark.c.number + 1})
)


def announce(connection: Connection) -> None:
    """Make a stored subject that is due an arrival, once the transaction is committed."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
    else:
        connection.execute(COUNT)


def open_arrivals(engine: Engine) -> ports.Arrivals:
    """Return the arrivals of a database that `open_engine` opened; nothing is sent yet."""
    return Notifications(engine) if engine.dialect.name == "postgresql" else Announcements(engine)


class Notifications(ports.Arrivals):
    """Work that PostgreSQL notifies of; the connection is opened anew after a failure."""

    def __init__(self, engine: Engine) -> None:
        """Use a database of PostgreSQL."""
        self._engine = engine
        self._connection: Any = None
        self._tested = 0.0

    @override
    def wait(self, seconds: float) -> bool:
        try:
            with _translated(self._engine):
                return self._wait(seconds)
        except ServiceUnavailableError:
            self._close()
            raise

    def _wait(self, seconds: float) -> bool:
        if self._connection is None:
            self._connection = self._listen()
            # what was stored meanwhile was not notified of
            return True
        if time.monotonic() - self._tested > TEST_SECONDS:
            # a connection whose other end is gone is silent, too
            self._connection.execute("SELECT 1")
            self._tested = time.monotonic()
        return any(True for _ in self._connection.notifies(timeout=seconds, stop_after=1))

    def _listen(self) -> Any:  # noqa: ANN401 - psycopg's connection
        connection = self._engine.raw_connection()
        listening: Any = connection.driver_connection
        # it never returns to the pool
        connection.detach()
        listening.autocommit = True
        listening.execute(f"LISTEN {CHANNEL}")
        self._tested = time.monotonic()
        return listening

    def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error):
                self._connection.close()
            self._connection = None


class Announcements(ports.Arrivals):
    """Work that is announced in a SQLite file."""

    def __init__(self, engine: Engine) -> None:
        """Use a database of SQLite."""
        self._engine = engine
        # SQLite compares the versions that one connection sees: it has a pool of its own
        self._pool = engine.pool.recreate()
        #: the last two states of the files
        self._stamps: tuple[object, object] = (None, None)
        #: the connection, and the version it saw last
        self._seen: tuple[object, int] | None = None
        #: announcements so far. None: unknown
        self._number: int | None = None

    @override
    def wait(self, seconds: float) -> bool:
        time.sleep(seconds)
        try:
            with _translated(self._engine):
                return self._look()
        except ServiceUnavailableError:
            self._pool.dispose()
            self._pool = self._pool.recreate()
            self._seen = self._number = None
            self._stamps = (None, None)
            raise

    def _look(self) -> bool:
        stamp = _stamp(str(self._engine.url.database))
        stamps, self._stamps = self._stamps, (self._stamps[1], stamp)
        # two commits may share the time of a file: the first look after a change is not the last
        if stamps == (stamp, stamp):
            return False
        # the pool opens another connection if the file was replaced
        connection = self._pool.connect()
        try:
            version = _only(connection, "PRAGMA data_version")
            seen = (connection.driver_connection, version or 0)
            if seen == self._seen:
                return False
            number = _only(connection, "SELECT number FROM mark WHERE name = ?", WORK) or 0
        finally:
            connection.close()
        changed = number != self._number or self._seen is None or seen[0] is not self._seen[0]
        self._seen, self._number = seen, number
        return changed


def _stamp(database: str) -> object:
    """Return what changes with each commit to a SQLite database, but for the clock's resolution."""
    with contextlib.suppress(OSError):
        stats = [Path(f"{database}{suffix}").stat() for suffix in ("", "-wal")]
        return [(one.st_ino, one.st_size, one.st_mtime_ns) for one in stats]
    # without one of the files the database itself is asked
    return object()


def _only(connection: PoolProxiedConnection, query: str, *values: str) -> int | None:
    """Return the only value of a query. None: it has no row."""
    cursor = connection.cursor()
    cursor.execute(query, values)
    row: Any = cursor.fetchone()
    return row and int(row[0])


@contextlib.contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as exc:
        raise ServiceUnavailableError(f"database: {first_line(str(exc))}") from exc
