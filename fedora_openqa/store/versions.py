"""The revision of a store's schema, and whether this version of the code can work with it.

Needs no Alembic: ordinary commands only read the revision.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, inspect, select

from fedora_openqa import __version__
from fedora_openqa.errors import ConfigError, SchemaError
from fedora_openqa.store.schema import REVISION, alembic_version, metadata, migration


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """The version of a store's schema."""

    #: "0002"
    revision: str
    #: the revision of the oldest code that may work with it
    oldest_code: str
    #: the version of fedora-openqa that migrated the store: "1.2.0"
    software: str


def read_version(connection: Connection) -> SchemaVersion | None:
    """Return the version of a store's schema; None: the database has no store yet.

    Raises:
        ConfigError: the database has tables of another program with our names.
    """
    names = set(inspect(connection).get_table_names())
    if {alembic_version.name, migration.name} <= names:
        applied = migration.c.revision == alembic_version.c.version_num
        columns = (migration.c.revision, migration.c.oldest_code, migration.c.software)
        if row := connection.execute(
            select(*columns).join_from(migration, alembic_version, applied)
        ).first():
            return SchemaVersion(row.revision, row.oldest_code, row.software)
    if foreign := names & set(metadata.tables):
        raise ConfigError(
            "has tables of another program, or of an unreleased version of fedora-openqa:"
            f" {', '.join(sorted(foreign))}"
        )
    return None


def check_version(version: SchemaVersion, *, code: str = REVISION) -> None:
    """Refuse a schema that the code cannot work with.

    :param code: the revision that the code is made for

    Raises:
        SchemaError: it names both versions and the command that helps.
    """
    if version.revision < code:
        raise SchemaError(
            f"the store has schema {version.revision} and fedora-openqa {__version__} needs"
            f" {code}: run `fedora-openqa store upgrade`"
        )
    if version.oldest_code > code:
        raise SchemaError(
            f"the store has schema {version.revision} of fedora-openqa {version.software} and"
            f" fedora-openqa {__version__} knows {code}: install"
            f" {version.software} or newer, or run `fedora-openqa store restore` with a backup of"
            f" schema {code}"
        )
