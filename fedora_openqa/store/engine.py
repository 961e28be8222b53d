"""Opens the database: SQLite in WAL mode, or PostgreSQL.

An empty database becomes a store; a store of another schema is refused.
"""

import contextlib
import math
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy import Engine as Engine  # noqa: PLC0414 - the type of what is opened here
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    InvalidatePoolError,
    NoSuchModuleError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from fedora_openqa.errors import ConfigError, PermanentError, SchemaError, ServiceUnavailableError
from fedora_openqa.store.limits import LIMITS, LONG, Limits
from fedora_openqa.store.versions import check_version, read_version

#: what to do about a URL whose driver is not installed
NO_DRIVER = (
    "its driver is not installed; postgresql+psycopg:// needs"
    " pip install 'fedora-openqa[postgresql]'"
)

#: the execution option of a transaction that only reads
READS = "fedora_openqa_reads"

#: seconds for which a connection relies on the schema that it found
CHECK_SECONDS = 10.0

#: where a connection keeps the time of its last look at the schema
CHECKED = "fedora_openqa.checked"

#: seconds for which an unused connection to PostgreSQL is not tested
PING_SECONDS = 0.1

#: where a connection keeps the time of its return to the pool
RETURNED = "fedora_openqa.returned"

#: codes of PostgreSQL for a statement that does not fit a migrated schema: an unknown column or
#: table, a prepared statement whose columns were changed
OTHER_SCHEMA = ("42703", "42P01", "0A000")


def open_engine(url: str, *, limits: Limits = LIMITS) -> Engine:
    """Open a store; make the tables of a new one.

    :param url: SQLAlchemy's: ``sqlite:////var/lib/…`` or ``postgresql+psycopg://…``

    Raises:
        ConfigError: the URL is invalid, its driver is not installed, or the database is not ours.
        SchemaError: the store has a schema that this version cannot work with.
        ServiceUnavailableError: the database cannot be reached.
    """
    engine = _connect(url, limits=limits)
    with _opening(engine), _translated(engine):
        with _read_only(engine).begin() as connection:
            is_store = _check_schema(connection)
        if not is_store:
            # late: Alembic takes longer to load than all else here, and is rarely needed
            from fedora_openqa.store.migrating import Migrations

            with engine.begin() as connection:
                for _ in Migrations().upgrade(connection):
                    pass
    return engine


def _connect(url: str, *, limits: Limits = LIMITS, foreign_keys: bool = True) -> Engine:
    """Prepare connections to a database, whatever is in it.

    Raises:
        ConfigError: the URL is invalid, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # not quoted: a part of it may be a password
        raise ConfigError("[store] url is not a URL of SQLAlchemy") from None
    try:
        if parsed.get_backend_name() == "sqlite":
            return _open_sqlite(parsed, limits, foreign_keys=foreign_keys)
        engine = create_engine(parsed, pool_use_lifo=True)
    except ImportError as exc:
        raise ConfigError(f"[store] url {shown(parsed)}: {NO_DRIVER}") from exc
    except (ArgumentError, NoSuchModuleError) as exc:
        raise ConfigError(f"[store] url {shown(parsed)}: {one_line(exc)}") from exc
    except OSError as exc:
        raise ConfigError(f"[store] url {shown(parsed)}: {exc.strerror}") from exc
    _test_unused(engine)
    if engine.driver == "psycopg":
        from fedora_openqa.store.postgresql import limit_waiting

        limit_waiting(engine, limits)
    return engine


@contextlib.contextmanager
def _opening(engine: Engine) -> Iterator[None]:
    """Name the store in errors that only a person can correct.

    Raises:
        ConfigError: it is not a database, not ours, or no table may be created there.
    """
    try:
        yield
    except SchemaError:
        raise
    except ConfigError as exc:
        raise ConfigError(f"[store] url {shown(engine.url)}: {exc}") from exc
    except DatabaseError as exc:
        raise ConfigError(f"[store] url {shown(engine.url)}: {one_line(exc.orig)}") from exc


def shown(url: URL) -> str:
    """Return a URL without what may be secret: the account, and parameters of the driver."""
    return str(url.set(username=None, password=None).set(query={}))


def shown_url(url: str) -> str:
    """Return the URL of a store as `shown`; empty: it is not a URL of SQLAlchemy."""
    try:
        return shown(make_url(url))
    except (ArgumentError, ValueError):
        return ""


@contextlib.contextmanager
def single_transaction(
    url: str, *, reads: bool = True, foreign_keys: bool = True
) -> Iterator[Connection]:
    """Open the only transaction of a command on a store as a whole, of whatever schema.

    :param reads: it only reads
    :param foreign_keys: SQLite deletes what refers to a deleted row, also to those of a table
        that a migration replaces

    Raises:
        ConfigError: the URL is invalid, its driver is not installed, or the database is not ours.
        ServiceUnavailableError: the database cannot be reached.
    """
    engine = _connect(url, limits=LONG, foreign_keys=foreign_keys)
    begun = _read_only(engine) if reads else engine
    try:
        with _opening(engine), _translated(engine), begun.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextlib.contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction: commit at the end of the block, roll back on an exception.

    Raises:
        SchemaError: the store was migrated to a schema that this version cannot work with.
        ServiceUnavailableError: the database is away or busy. Nothing was changed; if the
            commit failed, everything may have been.
        PermanentError: the database cannot store such a value.
    """
    with _translated(engine), engine.begin() as connection:
        checked = connection.info.get(CHECKED, -math.inf)
        if time.monotonic() - checked > CHECK_SECONDS and not _check_schema(connection):
            raise ServiceUnavailableError("database: the tables of the store are gone")
        yield connection


def _read_only(engine: Engine) -> Engine:
    """Return an engine for transactions that only read."""
    return engine.execution_options(**{READS: True})


@contextlib.contextmanager
def _translated(engine: Engine) -> Iterator[None]:
    """Translate SQLAlchemy's errors; raises as `transaction`."""
    try:
        yield
    except (OperationalError, InterfaceError, IntegrityError) as exc:
        if engine.dialect.name == "sqlite":
            # a connection that is read-only, or to a file that was removed, stays so
            engine.dispose()
        # IntegrityError: two processes inserted the same subject at once; the next attempt finds it
        raise ServiceUnavailableError(f"database: {one_line(exc.orig)}") from exc
    except DataError as exc:
        # a number that is too large for PostgreSQL
        raise PermanentError(f"database: {one_line(exc.orig)}") from exc
    except (ProgrammingError, NotSupportedError) as exc:
        if getattr(exc.orig, "sqlstate", None) not in OTHER_SCHEMA:
            raise
        # new connections check the schema
        engine.dispose()
        raise ServiceUnavailableError(f"database: {one_line(exc.orig)}") from exc
    except PoolTimeoutError as exc:
        raise ServiceUnavailableError(f"database: {one_line(exc)}") from exc


def _check_schema(connection: Connection) -> bool:
    """Refuse a schema that does not fit; return False for a database without a store."""
    version = read_version(connection)
    if version is None:
        return False
    check_version(version)
    connection.info[CHECKED] = time.monotonic()
    return True


def reading(engine: Engine) -> contextlib.AbstractContextManager[Connection]:
    """Open a transaction that only reads; raises as `transaction`.

    It waits for no writer and keeps none out, on SQLite too.
    """
    return transaction(_read_only(engine))


def store_file(url: str) -> Path | None:
    """Return the file of a SQLite database; None: another database, or an invalid URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        return None
    return (
        Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None
    )


def make_file(url: str) -> None:
    """Make an empty SQLite database, unless its file exists.

    Raises:
        ConfigError: the URL is invalid, or the file cannot be created.
    """
    _connect(url)


def store_exists(url: str) -> bool:
    """Return False for a SQLite database whose file does not exist."""
    file = store_file(url)
    try:
        return file is None or file.exists()
    except OSError:
        # who opens it raises the error that names the cause
        return True


def one_line(text: object) -> str:
    """Return a text of a database or its tools as one line."""
    return " ".join(str(text).split())


def _test_unused(engine: Engine) -> None:
    """Test a connection before its use, as `pool_pre_ping`, but not for each message of a burst."""

    @event.listens_for(engine, "checkout")
    def check(connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401 - the driver's
        if time.monotonic() - record.info.get(RETURNED, -math.inf) < PING_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as exc:
            raise InvalidatePoolError from exc

    @event.listens_for(engine, "checkin")
    def returned(_connection: object, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's
        record.info[RETURNED] = time.monotonic()


def _open_sqlite(url: URL, limits: Limits, *, foreign_keys: bool) -> Engine:
    if url.database in (None, "", ":memory:"):
        # an in-memory database belongs to one connection
        raise ArgumentError("names no file")
    path = Path(str(url.database)).absolute()
    _make_file(path)

    def connect() -> sqlite3.Connection:
        # mode=rw: a file that was removed must not be created again, empty
        return sqlite3.connect(
            f"file:{quote(os.fsencode(path))}?mode=rw",
            uri=True,
            timeout=limits.statement,
            check_same_thread=False,
        )

    engine = create_engine(url, creator=connect, pool_use_lifo=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:  # noqa: ANN401 - sqlite3's, SQLAlchemy's
        record.info["file"] = _identity(path)
        # the driver begins transactions only at the first write: too late for a lock
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA foreign_keys = {foreign_keys}")

    @event.listens_for(engine, "checkout")
    def check(_connection: object, record: Any, _proxy: object) -> None:  # noqa: ANN401
        # writes to a file that was removed or replaced are lost
        if record.info["file"] != _identity(path):
            raise DisconnectionError

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # a transaction that began by reading fails to write once another process has written
        reads = connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _make_file(path: Path) -> None:
    """Create an empty database that only its owner can read, unless it exists.

    Raises:
        ArgumentError: the path is a directory.
        OSError: the file cannot be created.
    """
    if not path.parent.exists():
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
    if path.is_dir():
        raise ArgumentError("is a directory")
    with contextlib.suppress(FileExistsError):
        # SQLite gives its journals the same mode
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _identity(path: Path) -> tuple[int, int] | None:
    """Return the device and inode of a file; None: it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
