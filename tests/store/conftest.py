"""The databases under test: SQLite always, PostgreSQL where it is installed."""

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fedora_openqa.store.engine import open_engine
from tests.services.postgresql import PostgreSQL
from tests.services.postgresql_fixture import private_postgresql, real_postgresql
from tests.store.timed import TimedSubjects
from tests.support.stores import copy_store

__all__ = ["private_postgresql", "real_postgresql"]


#: the migrated database of a PostgreSQL that tests copy
TEMPLATE = "store"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def server(request: pytest.FixtureRequest) -> PostgreSQL | None:
    """Return the PostgreSQL under test; None: SQLite."""
    if request.param == "sqlite":
        return None
    server: PostgreSQL = request.getfixturevalue("real_postgresql")
    return server


@pytest.fixture
def url(server: PostgreSQL | None, tmp_path: Path) -> str:
    """Return the URL of an empty database, or of a SQLite file that does not exist."""
    return server.create() if server else f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def engine(server: PostgreSQL | None, tmp_path: Path) -> Iterator[Engine]:
    """Open an empty store that was migrated before."""
    engine = open_engine(_copy(server) if server else copy_store(tmp_path / "store.db"))
    yield engine
    engine.dispose()


def _copy(server: PostgreSQL) -> str:
    _migrate(server)
    return server.create(template=TEMPLATE)


@functools.cache
def _migrate(server: PostgreSQL) -> None:
    open_engine(server.create(TEMPLATE)).dispose()


@pytest.fixture
def subjects(engine: Engine) -> TimedSubjects:
    return TimedSubjects(engine)
