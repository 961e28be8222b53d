"""The server's SQLite database: tables, and access to their rows.

It must not decide anything; `jobs`, `cluster` and `serialize` do.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from fedora_openqa.errors import ConfigError

#: settings that are columns of the table of jobs, as in openQA
MAIN_SETTINGS = ("DISTRI", "VERSION", "FLAVOR", "ARCH", "TEST", "MACHINE", "BUILD")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS job_group (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE
);
CREATE TABLE IF NOT EXISTS scheduled_product (
    id INTEGER PRIMARY KEY AUTOINCREMENT, status TEXT NOT NULL, settings TEXT NOT NULL,
    results TEXT, asynchronous INTEGER NOT NULL, t_created TEXT NOT NULL, t_updated TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY AUTOINCREMENT, DISTRI TEXT, VERSION TEXT, FLAVOR TEXT, ARCH TEXT,
    TEST TEXT, MACHINE TEXT, BUILD TEXT, group_id INTEGER, priority INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'scheduled', result TEXT NOT NULL DEFAULT 'none', reason TEXT,
    clone_id INTEGER, blocked_by_id INTEGER, scheduled_product_id INTEGER, worker_id INTEGER,
    t_started TEXT, t_finished TEXT
);
CREATE INDEX IF NOT EXISTS job_build ON job (BUILD);
CREATE INDEX IF NOT EXISTS job_clone ON job (clone_id);
CREATE INDEX IF NOT EXISTS job_blocked ON job (blocked_by_id);
CREATE INDEX IF NOT EXISTS job_state ON job (state);
CREATE TABLE IF NOT EXISTS setting (job_id INTEGER NOT NULL, key TEXT NOT NULL, value TEXT);
CREATE INDEX IF NOT EXISTS setting_job ON setting (job_id);
CREATE INDEX IF NOT EXISTS setting_value ON setting (key, value);
CREATE TABLE IF NOT EXISTS dependency (
    child INTEGER NOT NULL, parent INTEGER NOT NULL, kind TEXT NOT NULL,
    PRIMARY KEY (child, parent, kind)
);
CREATE INDEX IF NOT EXISTS dependency_parent ON dependency (parent);
CREATE TABLE IF NOT EXISTS module (
    job_id INTEGER NOT NULL, name TEXT NOT NULL, flags TEXT NOT NULL, result TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS module_job ON module (job_id);
CREATE TABLE IF NOT EXISTS file (
    job_id INTEGER NOT NULL, name TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (job_id, name)
);
CREATE TABLE IF NOT EXISTS worker (
    id INTEGER PRIMARY KEY AUTOINCREMENT, host TEXT NOT NULL, instance INTEGER NOT NULL,
    classes TEXT NOT NULL, error TEXT, dead INTEGER NOT NULL DEFAULT 0, UNIQUE (host, instance)
);
CREATE TABLE IF NOT EXISTS comment (
    id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER, job_id INTEGER, text TEXT NOT NULL,
    t_created TEXT NOT NULL, t_updated TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS comment_job ON comment (job_id);
"""
#: parameters in one statement; SQLite permits 32766
_CHUNK = 5000

Row = sqlite3.Row


@dataclass(frozen=True)
class Dependency:
    """A stored dependency between two jobs."""

    child: int
    parent: int
    kind: str


class Database:
    """A connection, used from the thread of the event loop only."""

    def __init__(self, location: str) -> None:
        """Open a file, or `:memory:`, and create missing tables.

        Raises:
            ConfigError: the file cannot be opened or is not a database.
        """
        try:
            # the application may be created in one thread and run in another
            self._connection = sqlite3.connect(
                location, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            # faster; a power cut may lose the last second
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.executescript(_SCHEMA)
        except sqlite3.Error as problem:
            raise ConfigError(f"sandbox database {location}: {problem}") from problem

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all changes inside together, or roll them back."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row of a query; None: there is none."""
        found: Row | None = self._connection.execute(statement, values).fetchone()
        return found

    def write(self, statement: str, values: Sequence[object] = ()) -> int:
        """Change rows; return the id of an inserted one."""
        return self._connection.execute(statement, values).lastrowid or 0

    def write_all(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Write many rows."""
        self._connection.executemany(statement, rows)

    def rows_for(self, statement: str, ids: Iterable[int]) -> list[Row]:
        """Return the rows of a query that contains one `IN ({})`, for any number of ids."""
        wanted = list(ids)
        found: list[Row] = []
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            found += self.rows(statement.format(",".join("?" * len(chunk))), chunk)
        return found

    def job(self, number: int) -> Row | None:
        """Return a job's row."""
        return self.row("SELECT * FROM job WHERE id = ?", (number,))

    def settings(self, ids: Iterable[int]) -> dict[int, dict[str, str]]:
        """Return the jobs' settings that are not columns."""
        wanted = list(ids)
        found: dict[int, dict[str, str]] = {number: {} for number in wanted}
        statement = "SELECT job_id, key, value FROM setting WHERE job_id IN ({}) ORDER BY rowid"
        for number, key, value in self.rows_for(statement, wanted):
            settings = found[number]
            # a row for each worker class, so that a filter finds it
            settings[key] = f"{settings[key]},{value}" if key in settings else value
        return found

    def add_settings(self, number: int, settings: Mapping[str, str]) -> None:
        """Store a job's settings that are not columns."""
        pairs = [
            (number, key, part)
            for key, value in settings.items()
            for part in (value.split(",") if key == "WORKER_CLASS" else (value,))
        ]
        self.write_all("INSERT INTO setting VALUES (?, ?, ?)", pairs)

    def parents(self, number: int) -> list[Dependency]:
        """Return the dependencies of a job on others."""
        rows = self.rows("SELECT * FROM dependency WHERE child = ? ORDER BY rowid", (number,))
        return [Dependency(*row) for row in rows]

    def children(self, number: int) -> list[Dependency]:
        """Return the dependencies of others on a job."""
        rows = self.rows("SELECT * FROM dependency WHERE parent = ? ORDER BY rowid", (number,))
        return [Dependency(*row) for row in rows]

    def add_dependency(self, dependency: Dependency) -> None:
        """Store a dependency, once."""
        self.write(
            "INSERT OR IGNORE INTO dependency VALUES (?, ?, ?)",
            (dependency.child, dependency.parent, dependency.kind),
        )

    def groups(self) -> dict[int, str]:
        """Return the names of the job groups, by id."""
        return {row["id"]: row["name"] for row in self.rows("SELECT * FROM job_group ORDER BY id")}

    def add_groups(self, names: Iterable[str]) -> None:
        """Add the missing groups; ids of existing ones stay."""
        known = set(self.groups().values())
        for name in names:
            if name not in known:
                self.write("INSERT INTO job_group (name) VALUES (?)", (name,))
                known.add(name)


def now_text() -> str:
    """Return the present time in the format of openQA's database, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
