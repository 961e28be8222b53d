"""Upgrades a store: what would be done, and to do it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from fedora_openqa.store.engine import single_transaction, store_exists
from fedora_openqa.store.migrating import Migrations, Step
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
        with single_transaction(self.url) as connection:
            version = read_version(connection)
            return version, self.migrations.steps_from(version)

    def upgrade(self) -> Iterator[Step]:
        """Migrate the store in one transaction; yield each step before it is done.

        Raises: as `plan`, and
            PermanentError: a migration fails.
        """
        with single_transaction(self.url, reads=False, foreign_keys=False) as connection:
            yield from self.migrations.upgrade(connection)
