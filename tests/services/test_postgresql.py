"""The real PostgreSQL can be started, and leaves nothing behind."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.services.postgresql import PostgreSQL


@pytest.mark.service
def test_each_database_is_empty_and_stays_over_a_restart(private_postgresql: PostgreSQL) -> None:
    first, second = (create_engine(private_postgresql.create()) for _ in range(2))
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id INTEGER)"))
    with second.begin() as connection:
        connection.execute(text("CREATE TABLE kept (id INTEGER)"))
    first.dispose()
    second.dispose()
    private_postgresql.stop()
    assert not list(Path(private_postgresql.folder).glob(".s.PGSQL.*"))
    private_postgresql.start()
    with first.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM kept")).scalar_one() == 0
    first.dispose()
