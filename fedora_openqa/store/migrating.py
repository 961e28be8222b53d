"""Migrates a store, or makes the tables of a new one; alone in the store, it loads Alembic."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert

from fedora_openqa import __version__
from fedora_openqa.errors import ConfigError, PermanentError
from fedora_openqa.store.schema import migration
from fedora_openqa.store.versions import SchemaVersion, read_version

#: the migrations that come with this version
MIGRATIONS = Path(str(resources.files(__package__).joinpath("migrations")))

#: names the advisory lock that one migrating process has on PostgreSQL
LOCK = 20261120


@dataclass(frozen=True, slots=True)
class Step:
    """A migration from one schema to the next."""

    revision: str
    #: the first line of its docstring
    title: str
    #: the revision of the oldest code that may work with the schema that it makes
    oldest_code: str


@dataclass(frozen=True, slots=True)
class Migrations:
    """The migrations of a version of fedora-openqa."""

    #: the folder of migrations
    folder: Path = MIGRATIONS / "versions"

    @property
    def steps(self) -> tuple[Step, ...]:
        """All migrations, the first one first."""
        scripts = ScriptDirectory.from_config(self._config()).walk_revisions()
        return tuple(
            Step(
                one.revision,
                (one.doc or "").partition("\n")[0],
                # each of our migrations has it
                one.module.oldest_code,
            )
            for one in reversed(list(scripts))
        )

    def steps_from(self, version: SchemaVersion | None) -> tuple[Step, ...]:
        """Return the migrations that a store needs; None: of a database without a store.

        Raises:
            ConfigError: the store is newer: there is no way back.
        """
        steps = self.steps
        if version is None:
            return steps
        if version.revision > steps[-1].revision:
            raise ConfigError(
                f"the store has schema {version.revision} of fedora-openqa {version.software} and"
                f" fedora-openqa {__version__} knows {steps[-1].revision}: a store is not"
                " downgraded; run `fedora-openqa store restore` with a backup"
            )
        return tuple(step for step in steps if step.revision > version.revision)

    def upgrade(self, connection: Connection) -> Iterator[Step]:
        """Migrate a store within one transaction; yield each step before it is done.

        Other processes that migrate the same store wait for the end of the transaction.

        Raises:
            ConfigError: the store is newer, or the database has tables of another program.
            PermanentError: rows would lose what they refer to.
        """
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        config = self._config()
        config.attributes["connection"] = connection
        for step in self.steps_from(read_version(connection)):
            yield step
            command.upgrade(config, step.revision)
            connection.execute(
                insert(migration).values(
                    revision=step.revision,
                    oldest_code=step.oldest_code,
                    software=__version__,
                    at=time.time(),
                )
            )
        if connection.dialect.name == "sqlite":
            # they are not checked while tables are replaced
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if broken:
                raise PermanentError(f"the migration leaves rows of {broken[0]} without a parent")

    def _config(self) -> AlembicConfig:
        config = AlembicConfig()
        # a % in a path would be interpolated
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.set_main_option("version_locations", str(self.folder).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        return config
