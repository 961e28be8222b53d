"""The life of a store as a whole: planned and made upgrades, and what it holds."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Engine

from fedora_openqa.store.engine import (
    connect_engine,
    opening,
    read_only,
    store_exists,
    translated,
)
from fedora_openqa.store.limits import LONG
from fedora_openqa.store.upgrading import Migrations, Step
from fedora_openqa.store.versions import SchemaVersion, read_version


@dataclass(frozen=True, slots=True)
class Upgrader:
    """Upgrades a store."""

    #: SQLAlchemy's
    url: str
    migrations: Migrations = field(default_factory=Migrations)

    def plan(self) -> tuple[SchemaVersion | None, tuple[Step, ...]]:
        """Return the version of the store and the migrations that it needs.

        None: there is no store yet; nothing is created.

        Raises:
            ConfigError: the database is not ours, or newer.
            ServiceUnavailableError: the database cannot be reached.
        """
        if not store_exists(self.url):
            return None, self.migrations.steps
        engine = self._connect()
        with opening(engine), translated(engine), read_only(engine).begin() as connection:
            version = read_version(connection)
            return version, self.migrations.steps_from(version)

    def upgrade(self) -> Iterator[Step]:
        """Migrate the store in one transaction; yield each step before it is done.

        Raises: as `plan`, and
            PermanentError: a migration fails.
        """
        engine = self._connect()
        with opening(engine), translated(engine), engine.begin() as connection:
            yield from self.migrations.upgrade(connection)

    def _connect(self) -> Engine:
        return connect_engine(self.url, limits=LONG, foreign_keys=False)
