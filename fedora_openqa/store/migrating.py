"""Runs the migrations; alone in the store, it loads Alembic."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, inspect
from sqlalchemy.exc import ArgumentError

from fedora_openqa.store.schema import metadata


def migrate(connection: Connection) -> None:
    """Migrate the tables to this version.

    Raises:
        ArgumentError: the database is not ours, or of a newer version.
    """
    config = Config()
    scripts = resources.files(__package__).joinpath("migrations")
    config.set_main_option("script_location", str(scripts))
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        # hosts that start at the same time must migrate one after the other
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261120)")
    try:
        _check_tables(connection)
        command.upgrade(config, "head")
    except CommandError as exc:
        raise ArgumentError(str(exc)) from exc


def _check_tables(connection: Connection) -> None:
    """Refuse a database that has tables of another program with our names."""
    if not MigrationContext.configure(connection).get_current_heads():
        foreign = set(inspect(connection).get_table_names()) & set(metadata.tables)
        if foreign:
            raise CommandError(f"has tables that are not ours: {', '.join(sorted(foreign))}")
