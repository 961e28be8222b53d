"""Opens the database: SQLite in WAL mode, or PostgreSQL; and brings its tables up to date."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from fedora_openqa.errors import ConfigError, PermanentError, ServiceUnavailableError
from fedora_openqa.store.schema import metadata

#: seconds that SQLite waits for another process's transaction
BUSY_SECONDS = 30


def open_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """Connect to a database, whose tables are then those of this version.

    :param url: SQLAlchemy's: ``sqlite:////var/lib/…`` or ``postgresql+psycopg://…``

    Raises:
        ConfigError: the URL is none, its driver is not installed, or what is there is not ours,
            or of a newer version.
        ServiceUnavailableError: the database cannot be reached.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # not quoted: a part of it may be a password
        raise ConfigError("[store] url is not a URL of SQLAlchemy") from None
    try:
        if parsed.get_backend_name() == "sqlite":
            engine = _open_sqlite(parsed, busy_seconds)
        else:
            engine = create_engine(parsed, pool_pre_ping=True)
        with transaction(engine) as connection:
            _migrate(connection)
    # str() of a parsed URL hides the password
    except (ArgumentError, NoSuchModuleError, ImportError, CommandError) as exc:
        raise ConfigError(f"[store] url {parsed}: {_one_line(exc)}") from exc
    except OSError as exc:
        raise ConfigError(f"[store] url {parsed}: {exc.strerror}") from exc
    except DatabaseError as exc:
        # whatever is no reason to wait: not a database at all, or no right to make tables
        raise ConfigError(f"[store] url {parsed}: {_one_line(exc.orig)}") from exc
    return engine


@contextlib.contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Do all of the block, or nothing.

    Raises:
        ServiceUnavailableError: the database is away or busy; nothing was changed, or, if
            that happened while it was told to commit, all of it may be.
        PermanentError: it cannot hold such a value.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except (OperationalError, InterfaceError, IntegrityError) as exc:
        if engine.dialect.name == "sqlite":
            # a handle that was opened read-only, or on a file that is gone, stays so
            engine.dispose()
        # integrity: two processes stored the same subject at once, and the next try finds it
        raise ServiceUnavailableError(f"database: {_one_line(exc.orig)}") from exc
    except DataError as exc:
        # PostgreSQL minds the size of a number
        raise PermanentError(f"database: {_one_line(exc.orig)}") from exc
    except PoolTimeoutError as exc:
        raise ServiceUnavailableError(f"database: {_one_line(exc)}") from exc


def store_file(url: str) -> Path | None:
    """Return the file of a SQLite database; None: it is none, or the URL is broken."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    return (
        Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
    )


def _one_line(exc: BaseException | None) -> str:
    return " ".join(str(exc).split())


def _open_sqlite(url: URL, busy_seconds: float) -> Engine:
    if url.database in (None, "", ":memory:"):
        # each connection would have a database of its own
        raise ArgumentError("names no file")
    path = Path(str(url.database)).absolute()
    _make_file(path)

    def connect() -> sqlite3.Connection:
        # rw: a file that was removed must not be made anew, empty
        return sqlite3.connect(
            f"file:{quote(os.fsencode(path))}?mode=rw",
            uri=True,
            timeout=busy_seconds,
            check_same_thread=False,
        )

    engine = create_engine(url, creator=connect)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:  # noqa: ANN401 - sqlite3's, SQLAlchemy's
        record.info["file"] = _identity(path)
        # the driver's own idea of when a transaction begins is late for a lock
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "checkout")
    def check(_connection: object, record: Any, _proxy: object) -> None:  # noqa: ANN401
        # what is written to a file that was removed or replaced is lost
        if record.info["file"] != _identity(path):
            raise DisconnectionError

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a transaction that began by reading could not write once another has written
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _make_file(path: Path) -> None:
    """Make a database that nobody else can read, unless it is there.

    Raises:
        ArgumentError: there is a directory.
        OSError: it cannot be made.
    """
    if not path.parent.exists():
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.is_dir():
        raise ArgumentError("is a directory")
    with contextlib.suppress(FileExistsError):
        # its journals get the same mode from SQLite
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of the same name; None: there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _migrate(connection: Connection) -> None:
    config = AlembicConfig()
    scripts = resources.files(__package__).joinpath("migrations")
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        # hosts that start at the same time must not migrate at the same time
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261120)")
    _check_tables(connection)
    command.upgrade(config, "head")


def _check_tables(connection: Connection) -> None:
    """Leave a database alone that somebody else has made."""
    if not MigrationContext.configure(connection).get_current_heads():
        foreign = set(inspect(connection).get_table_names()) & set(metadata.tables)
        if foreign:
            raise CommandError(f"has tables that are not ours: {', '.join(sorted(foreign))}")
