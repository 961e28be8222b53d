"""How a process learns that any process has stored work that is due.

PostgreSQL notifies a listening connection. SQLite counts the commits of all processes.
"""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.texts import first_line

#: PostgreSQL's channel, one in each database
CHANNEL = "fedora_openqa_work"

#: seconds without a notification after which a listening connection is tested
TEST_SECONDS = 30.0


def announce(connection: Connection) -> None:
    """Notify the processes that wait for work, once the transaction is committed."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")


def open_arrivals(engine: Engine) -> ports.Arrivals:
    """Return the arrivals of a database that `open_engine` opened; nothing is sent yet."""
    return Notifications(engine) if engine.dialect.name == "postgresql" else Commits(engine)


class Notifications(ports.Arrivals):
    """Work that PostgreSQL notifies of; the connection is opened anew after a failure."""

    #: a notification is lost with the connection
    look_every = 30.0

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


class Commits(ports.Arrivals):
    """Commits of other connections to a SQLite file, whatever they change."""

    #: none is missed
    look_every = 120.0

    def __init__(self, engine: Engine) -> None:
        """Use a database of SQLite."""
        self._engine = engine
        # SQLite compares the versions that one connection sees: it has a pool of its own
        self._pool = engine.pool.recreate()
        #: the connection, and the version it saw last
        self._seen: tuple[object, int] | None = None

    @override
    def wait(self, seconds: float) -> bool:
        time.sleep(seconds)
        try:
            with _translated(self._engine):
                seen = self._look()
        except ServiceUnavailableError:
            self._pool.dispose()
            self._pool = self._pool.recreate()
            raise
        changed, self._seen = seen != self._seen, seen
        return changed

    def _look(self) -> tuple[object, int]:
        # the pool opens another connection if the file was replaced
        connection = self._pool.connect()
        try:
            cursor = connection.cursor()
            cursor.execute("PRAGMA data_version")
            row: Any = cursor.fetchone()
            return connection.driver_connection, row[0]
        finally:
            connection.close()


@contextlib.contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, engine.dialect.loaded_dbapi.Error) as exc:
        raise ServiceUnavailableError(f"database: {first_line(str(exc))}") from exc
