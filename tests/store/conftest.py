"""The databases under test: SQLite always, PostgreSQL where it is installed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fedora_openqa.store.engine import open_engine, store_file
from tests.services.postgresql import PostgreSQL
from tests.services.postgresql_fixture import private_postgresql, real_postgresql
from tests.store.timed import TimedSubjects
from tests.support.stores import copy_store

__all__ = ["private_postgresql", "real_postgresql"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database, or of a SQLite file that does not exist."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    server: PostgreSQL = request.getfixturevalue("real_postgresql")
    return server.create()


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    if file := store_file(url):
        copy_store(file)
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def subjects(engine: Engine) -> TimedSubjects:
    return TimedSubjects(engine)
