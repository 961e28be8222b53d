"""A database that is busy or gone for a while."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedora_openqa.errors import PermanentError, ServiceUnavailableError
from fedora_openqa.model.work import Change, Wanted
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from tests.services.postgresql import PostgreSQL
from tests.store.work import UPDATE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Another process's connection, which has the database for itself."""
    open_engine(f"sqlite:///{path}").dispose()
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def test_a_busy_database_is_waited_for(path: Path, other: sqlite3.Connection) -> None:
    free = threading.Timer(1.0, other.rollback)
    free.start()
    engine = open_engine(f"sqlite:///{path}")
    free.join()
    other.execute("BEGIN IMMEDIATE")
    free = threading.Timer(1.0, other.rollback)
    free.start()
    assert Subjects(engine).want(UPDATE, message_id="m1") is Change.NEW
    free.join()
    engine.dispose()


def test_a_database_that_stays_busy_is_unavailable(path: Path, other: sqlite3.Connection) -> None:
    with pytest.raises(ServiceUnavailableError, match="database is locked"):
        open_engine(f"sqlite:///{path}", busy_seconds=0.1)
    other.rollback()
    engine = open_engine(f"sqlite:///{path}", busy_seconds=0.1)
    subjects = Subjects(engine)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ServiceUnavailableError, match="database is locked"):
        subjects.want(UPDATE, message_id="m1")
    other.rollback()
    # what failed left nothing behind
    assert subjects.want(UPDATE, message_id="m1") is Change.NEW
    engine.dispose()


@pytest.mark.service
def test_a_server_that_was_away_is_used_again(private_postgresql: PostgreSQL) -> None:
    url = private_postgresql.create()
    engine = open_engine(url)
    subjects = Subjects(engine)
    assert subjects.want(UPDATE, message_id="m1") is Change.NEW
    private_postgresql.stop()
    with pytest.raises(ServiceUnavailableError) as caught:
        subjects.want(UPDATE, message_id="m2")
    assert "\n" not in str(caught.value)
    with pytest.raises(ServiceUnavailableError):
        open_engine(url)
    private_postgresql.start()
    assert subjects.want(UPDATE, message_id="m1") is Change.NOTHING
    engine.dispose()


@pytest.mark.service
def test_a_server_that_goes_within_a_transaction_is_unavailable(
    private_postgresql: PostgreSQL,
) -> None:
    engine = open_engine(private_postgresql.create())
    subjects = Subjects(engine)
    # the pool has a connection whose other end is gone
    private_postgresql.stop()
    private_postgresql.start()
    assert subjects.want(UPDATE, message_id="m1") is Change.NEW
    engine.dispose()


# SQLite holds anything
@pytest.mark.service
@pytest.mark.parametrize("key", ["update:with\0nul", "update:" + "long" * 100])
def test_what_a_database_cannot_hold_is_no_reason_to_try_again(
    real_postgresql: PostgreSQL, key: str
) -> None:
    engine = open_engine(real_postgresql.create())
    wanted = Wanted(key=key, kind="update", request={})
    with pytest.raises(PermanentError, match="database"):
        Subjects(engine).want(wanted, message_id=None)
    engine.dispose()
