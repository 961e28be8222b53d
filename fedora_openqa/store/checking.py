"""Checks a store: its integrity, its schema, and rows that the code never writes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import ColumnElement, Connection, FromClause, and_, func, not_, select

from fedora_openqa.model.deliveries import DeliveryState
from fedora_openqa.model.products import ProductState
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.engine import single_transaction, store_exists
from fedora_openqa.store.product_ledger import INTENDED
from fedora_openqa.store.schema import REVISION, delivery, metadata, product, subject
from fedora_openqa.store.versions import SchemaVersion, check_version, read_version

#: what PostgreSQL knows of its own doubts
_INVALID = """
SELECT 'index ' || indexrelid::regclass::text FROM pg_index
 WHERE NOT indisvalid AND indrelid::regclass::text = ANY(%(tables)s)
UNION ALL
SELECT 'constraint ' || conname FROM pg_constraint
 WHERE NOT convalidated AND conrelid::regclass::text = ANY(%(tables)s)
"""

#: what no row may be: description, the table, the condition
IMPOSSIBLE: tuple[tuple[str, FromClause, ColumnElement[bool]], ...] = (
    ("subjects of an unknown state", subject, subject.c.state.not_in(SubjectState)),
    (
        "products of an unknown state",
        product,
        product.c.state.not_in([*ProductState, INTENDED]),
    ),
    ("deliveries of an unknown state", delivery, delivery.c.state.not_in(DeliveryState)),
    (
        "pending deliveries of a build that is done",
        delivery.join(subject, delivery.c.subject_id == subject.c.id),
        and_(
            delivery.c.state == DeliveryState.PENDING,
            subject.c.state.in_([SubjectState.REPORTED, SubjectState.SKIPPED]),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class StoreCheck:
    """What a store holds, and what is wrong with it."""

    #: None: there is no store yet
    version: SchemaVersion | None
    #: table to number of rows
    rows: Mapping[str, int]
    problems: tuple[str, ...]


def check_store(url: str) -> StoreCheck:
    """Check a store.

    :param url: SQLAlchemy's

    Raises:
        ConfigError: the database is not ours.
        SchemaError: this version cannot work with its schema.
        ServiceUnavailableError: the database cannot be reached.
    """
    if not store_exists(url):
        return StoreCheck(None, {}, ())
    with single_transaction(url) as connection:
        problems = list(_damage(connection))
        version = read_version(connection)
        if version is None:
            return StoreCheck(None, {}, tuple(problems))
        check_version(version)
        if version.revision == REVISION:
            problems += _differences(connection)
        problems += _orphans(connection)
        for what, rows, condition in IMPOSSIBLE:
            if found := _count(connection, rows, condition):
                problems.append(f"{found} {what}")
        counts = {name: _count(connection, it) for name, it in sorted(metadata.tables.items())}
        return StoreCheck(version, counts, tuple(problems))


def _damage(connection: Connection) -> Iterator[str]:
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("PRAGMA integrity_check").scalars()
        yield from (f"damaged: {text}" for text in found if text != "ok")
    elif connection.dialect.name == "postgresql":
        found = connection.exec_driver_sql(_INVALID, {"tables": list(metadata.tables)}).scalars()
        yield from (f"invalid: {text}" for text in found)


def _differences(connection: Connection) -> list[str]:
    context = MigrationContext.configure(connection)
    return [f"not the schema of the code: {it}" for it in compare_metadata(context, metadata)]


def _orphans(connection: Connection) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                parent = select(key.column.table).where(key.column == column).exists()
                if found := _count(connection, table, not_(parent)):
                    yield f"{found} rows of {table.name} without a {key.column.table.name}"


def _count(connection: Connection, rows: FromClause, *conditions: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(rows).where(*conditions)
    return int(connection.execute(counted).scalar_one())
