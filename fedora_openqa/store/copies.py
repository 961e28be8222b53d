"""Backs a store up into a file while processes use it, and restores it from one.

A backup of SQLite is a SQLite file, one of PostgreSQL an archive of ``pg_dump``.
"""

import contextlib
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, func, select
from sqlalchemy.engine import make_url

from fedora_openqa.errors import ConfigError, PermanentError
from fedora_openqa.store.engine import (
    make_file,
    one_line,
    single_transaction,
    store_exists,
    store_file,
)
from fedora_openqa.store.schema import REVISION, subject
from fedora_openqa.store.versions import SchemaVersion, read_version

#: seconds until a locked file counts as being used
BUSY_SECONDS = 2.0

#: suffix of a damaged file that a restored one replaces
DAMAGED = ".damaged"

#: in what pg_restore prints: the names of columns, and a line of values with tabs for each row
_ROWS = re.compile(r"^COPY \S+ \(([^)]+)\) FROM stdin;\n((?:.*\n)+?)\\\.$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Copies:
    """Copies of one store."""

    #: SQLAlchemy's
    url: str

    def back_up(self, target: Path, *, force: bool) -> None:
        """Write a consistent copy of the store, which only its owner can read.

        :param force: replace a file that is there

        Raises:
            ConfigError: there is no store, the file exists or cannot be written, or ``pg_dump``
                is missing.
            PermanentError: the copy failed.
            ServiceUnavailableError: the database cannot be reached.
        """
        self.check_target(target, force=force)
        source = store_file(self.url)
        try:
            with _beside(target) as new:
                if source:
                    _copy_sqlite(source, new)
                else:
                    self._run("pg_dump", "--format=custom", f"--file={new}")
                _put(new, target, force=force)
        except FileExistsError as exc:
            raise ConfigError(f"{target} exists: --force replaces it") from exc
        except OSError as exc:
            raise ConfigError(f"{target}: {exc.strerror}") from exc
        except sqlite3.Error as exc:
            raise PermanentError(f"{target}: no copy of the store: {exc}") from exc

    def check_target(self, target: Path, *, force: bool) -> None:
        """Check what `back_up` needs; raises as it does."""
        if target.exists() and not force:
            raise ConfigError(f"{target} exists: --force replaces it")
        if not self._version():
            raise ConfigError("there is no store to back up")
        if not store_file(self.url):
            _program("pg_dump")

    def check_source(self, source: Path, *, force: bool) -> None:
        """Check what `restore` needs; raises as it does."""
        file = store_file(self.url)
        backup = _version_of_file(source) if file else _version_of_archive(source)
        if backup.oldest_code > REVISION:
            raise ConfigError(
                f"{source} has schema {backup.revision} of fedora-openqa {backup.software}, and"
                f" this version knows {REVISION}: restore it with {backup.software} or newer"
            )
        if not force and self._subjects():
            raise ConfigError("the store is not empty: --force replaces all that is in it")
        present = None if file else self._version()
        if present and present.revision != backup.revision:
            # tables that the backup does not know would stay
            raise ConfigError(
                f"the database has schema {present.revision} and {source} has {backup.revision}:"
                " restore it into an empty database"
            )

    def restore(self, source: Path, *, force: bool) -> None:
        """Replace the store by a backup, in one transaction.

        :param force: also a store that is damaged or not empty

        Raises:
            ConfigError: the file is not a backup that this version can work with, the store is
                not empty, or processes use it.
            PermanentError: it failed; the store is as it was.
            ServiceUnavailableError: the database cannot be reached.
        """
        self.check_source(source, force=force)
        if file := store_file(self.url):
            make_file(self.url)
            _restore_sqlite(source, file)
        else:
            self._refuse_while_used()
            self._run(
                "pg_restore",
                "--single-transaction",
                "--clean",
                "--if-exists",
                "--no-owner",
                str(source),
            )

    def _version(self) -> SchemaVersion | None:
        if not store_exists(self.url):
            return None
        with single_transaction(self.url) as connection:
            return read_version(connection)

    def _subjects(self) -> int:
        """Return the number of subjects in the store."""
        if not self._version():
            return 0
        with single_transaction(self.url) as connection:
            count = select(func.count()).select_from(subject)
            return int(connection.execute(count).scalar_one())

    def _refuse_while_used(self) -> None:
        others = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND application_name = 'fedora-openqa'"
        )
        with single_transaction(self.url) as connection:
            used = connection.exec_driver_sql(others).scalar_one()
        if used:
            raise ConfigError(f"{used} connections use the store: stop all its processes first")

    def _run(self, program: str, *arguments: str) -> None:
        ended = subprocess.run(  # noqa: S603 - no shell
            [_program(program), f"--dbname={self._conninfo()}", *arguments],
            capture_output=True,
            check=False,
            text=True,
            env=self._environment(),
        )
        if ended.returncode:
            raise PermanentError(f"{program}: {one_line(ended.stderr)}")

    def _parameters(self) -> dict[str, str]:
        url = make_url(self.url)
        _, parameters = url.get_dialect()().create_connect_args(url)
        return {name: str(value) for name, value in parameters.items()}

    def _conninfo(self) -> str:
        """Return libpq's parameters without the password: arguments can be read by all."""
        return " ".join(
            f"{name}='{_quoted(value)}'"
            for name, value in self._parameters().items()
            if name != "password"
        )

    def _environment(self) -> Mapping[str, str]:
        password = self._parameters().get("password")
        return {**os.environ, **({"PGPASSWORD": password} if password else {})}


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise ConfigError(f"{name} is not installed: backups of PostgreSQL are made with it")
    return path


@contextlib.contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Yield an empty file in the folder of another, which only its owner can read."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for suffix in ("", "-journal", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)


def _put(new: Path, target: Path, *, force: bool) -> None:
    """Give a complete file its name.

    Raises:
        FileExistsError: the name is taken, and not to be replaced.
    """
    with new.open("rb") as written:
        os.fsync(written.fileno())
    if force:
        new.replace(target)
    else:
        # unlike a rename, it replaces nothing
        os.link(new, target)


def _open(path: Path, *, mode: str) -> "contextlib.closing[sqlite3.Connection]":
    """Open a SQLite file that exists.

    :param mode: SQLite's: ``ro``, ``rw``
    """
    name = quote(os.fsencode(path.absolute()))
    return contextlib.closing(
        sqlite3.connect(f"file:{name}?mode={mode}", uri=True, timeout=BUSY_SECONDS)
    )


def _copy_sqlite(source: Path, target: Path) -> None:
    # to read beside writers, SQLite may have to write a journal's index
    with _open(source, mode="rw") as here, _open(target, mode="rw") as there:
        here.backup(there)
        # one file, without a journal beside it
        there.execute("PRAGMA journal_mode = DELETE")


def _version_of_file(source: Path) -> SchemaVersion:
    """Return the version of a backup of SQLite, which is only read.

    Raises:
        ConfigError: it is damaged, or not a store.
    """
    try:
        with _open(source, mode="ro") as backup:
            found = backup.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise ConfigError(f"{source} is damaged: {found}")
            engine = create_engine("sqlite://", creator=lambda: backup)
            with engine.connect() as connection:
                version = read_version(connection)
    except sqlite3.Error as exc:
        raise ConfigError(f"{source} is not a backup of a store on SQLite: {exc}") from exc
    if version is None:
        raise ConfigError(f"{source} is not a backup of a store")
    return version


def _version_of_archive(source: Path) -> SchemaVersion:
    """Return the version of a backup of PostgreSQL.

    Raises:
        ConfigError: it is not a store.
    """
    shown = subprocess.run(  # noqa: S603 - no shell
        [_program("pg_restore"), "--data-only", "--table=migration", "--file=-", str(source)],
        capture_output=True,
        check=False,
        text=True,
    )
    rows = _ROWS.search(shown.stdout)
    if shown.returncode or not rows:
        raise ConfigError(f"{source} is not a backup of a store on PostgreSQL")
    names = rows[1].split(", ")
    last = max(rows[2].splitlines(), key=lambda row: row.split("\t")[names.index("revision")])
    values = dict(zip(names, last.split("\t"), strict=True))
    return SchemaVersion(values["revision"], values["oldest_code"], values["software"])


def _restore_sqlite(source: Path, target: Path) -> None:
    """Replace what is in a database, in one transaction of SQLite.

    Raises:
        ConfigError: another process has it open.
        PermanentError: it failed; the database is as it was.
    """
    try:
        with _open(source, mode="ro") as backup, _open(target, mode="rw") as store:
            # SQLite leaves this mode only if no other connection is open
            store.execute("PRAGMA journal_mode = DELETE")
            backup.backup(store)
    except sqlite3.Error as exc:
        if exc.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise ConfigError("processes use the store: stop them all first") from exc
        if exc.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise PermanentError(f"{target}: not restored: {exc}") from exc
        _set_aside(target)
        _restore_sqlite(source, target)


def _set_aside(damaged: Path) -> None:
    """Rename a damaged database and its journals; put an empty file in its place."""
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{damaged}{suffix}").replace(f"{damaged}{DAMAGED}{suffix}")
    make_file(f"sqlite:///{damaged}")
