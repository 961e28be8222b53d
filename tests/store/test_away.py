"""A database that is busy or away for a while."""

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select

from fedora_openqa.errors import PermanentError, ServiceUnavailableError
from fedora_openqa.model.work import Change, Wanted
from fedora_openqa.store.clock import clock_difference
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine, reading, transaction
from fedora_openqa.store.health import Health
from fedora_openqa.store.limits import Limits
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.schema import subject
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from tests.services.postgresql import PostgreSQL
from tests.store.work import KINDS, UPDATE

#: an account that may not write everything, as root may
NOBODY = 65534

#: seconds that a server keeps while it is not frozen, also on a slow machine
FREEZING = Limits(connect=4.0, statement=4.0)


@pytest.fixture
def own_path() -> Iterator[Path]:
    """Return the path of a store of an ordinary account; the test runs as that account."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        root = os.geteuid() == 0
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(folder) / "store.db"
        finally:
            if root:
                os.seteuid(0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def other(path: Path) -> Iterator[sqlite3.Connection]:
    """Return the connection of another process that has locked the database."""
    open_engine(f"sqlite:///{path}").dispose()
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    yield connection
    connection.close()


def test_a_busy_database_is_waited_for(path: Path, other: sqlite3.Connection) -> None:
    engine = open_engine(f"sqlite:///{path}")
    free = threading.Timer(1.0, other.rollback)
    free.start()
    assert Subjects(engine).want(UPDATE, message_id="m1") is Change.NEW
    free.join()
    engine.dispose()


def test_a_database_that_stays_busy_is_unavailable(path: Path, other: sqlite3.Connection) -> None:
    engine = open_engine(f"sqlite:///{path}", limits=Limits(statement=0.1))
    subjects = Subjects(engine)
    with pytest.raises(ServiceUnavailableError, match="database is locked"):
        subjects.want(UPDATE, message_id="m1")
    other.rollback()
    # the failed transaction has stored nothing
    assert subjects.want(UPDATE, message_id="m1") is Change.NEW
    engine.dispose()


def test_what_only_reads_waits_for_no_writer(path: Path, other: sqlite3.Connection) -> None:
    # the writer never ends: waiting would end in "database is locked"
    engine = open_engine(f"sqlite:///{path}", limits=Limits(statement=0.1))
    other.execute("DELETE FROM mark")
    stories = Stories(engine)
    assert stories.lanes(now=stories.now()) == ()
    assert (stories.last_message(), stories.absences()) == (None, ())
    assert Health(engine).vitals().last_sweep is None
    assert Pauses(engine).all() == ()
    assert Deliveries(engine).all("wiki:B") == ()
    subjects = Subjects(engine)
    assert subjects.known([UPDATE.key]) == {}
    assert subjects.seconds_until_due(KINDS) is None
    assert clock_difference(engine) == pytest.approx(0.0, abs=60.0)
    engine.dispose()


def test_what_only_reads_keeps_no_writer_out(path: Path, other: sqlite3.Connection) -> None:
    other.rollback()
    reader, writer = (
        open_engine(f"sqlite:///{path}", limits=Limits(statement=0.1)) for _ in range(2)
    )
    with reading(reader) as connection:
        assert connection.execute(select(subject.c.key)).all() == []
        assert Subjects(writer).want(UPDATE, message_id=None) is Change.NEW
    reader.dispose()
    writer.dispose()


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


@pytest.mark.service
def test_a_server_that_is_frozen_is_unavailable_and_used_again(
    private_postgresql: PostgreSQL,
) -> None:
    url = private_postgresql.create()
    engine = open_engine(url, limits=FREEZING)
    subjects = Subjects(engine)
    assert subjects.want(UPDATE, message_id="m1") is Change.NEW
    with private_postgresql.frozen():
        # once with an open connection, and once with a new one
        for _ in range(2):
            with pytest.raises(ServiceUnavailableError) as caught:
                subjects.want(UPDATE, message_id="m2")
            assert "\n" not in str(caught.value)
    assert subjects.want(UPDATE, message_id="m1") is Change.NOTHING
    engine.dispose()


@pytest.mark.service
def test_a_server_that_freezes_within_a_statement_is_unavailable(
    private_postgresql: PostgreSQL,
) -> None:
    engine = open_engine(private_postgresql.create(), limits=FREEZING)
    with (
        pytest.raises(ServiceUnavailableError, match="no answer for 9 seconds"),
        transaction(engine) as connection,
        private_postgresql.frozen(),
    ):
        connection.exec_driver_sql("SELECT 1")
    engine.dispose()


@pytest.mark.service
def test_a_statement_that_takes_too_long_is_ended_by_the_server(
    real_postgresql: PostgreSQL,
) -> None:
    engine = open_engine(real_postgresql.create(), limits=FREEZING)
    with (
        pytest.raises(ServiceUnavailableError, match="statement timeout"),
        transaction(engine) as connection,
    ):
        connection.exec_driver_sql("SELECT pg_sleep(100)")
    engine.dispose()


# SQLite holds any number
@pytest.mark.service
def test_what_a_database_cannot_hold_is_no_reason_to_try_again(
    real_postgresql: PostgreSQL,
) -> None:
    engine = open_engine(real_postgresql.create())
    wanted = Wanted(key="update:U", lane="update", request={}, priority=2**40)
    with pytest.raises(PermanentError, match="database"):
        Subjects(engine).want(wanted, message_id=None)
    engine.dispose()


def change_modes(path: Path, *, file: int, folder: int) -> None:
    """Make the database, its journals and its folder read-only or writable, as a mount does."""
    path.parent.chmod(0o700)
    for one in path.parent.iterdir():
        one.chmod(file)
    path.parent.chmod(folder)


def write_with_new_handles(subjects: Subjects, engine: Engine) -> None:
    engine.dispose()
    subjects.want(UPDATE, message_id="m1")


def test_a_store_that_was_read_only_for_a_while_is_written_to_again(own_path: Path) -> None:
    engine = open_engine(f"sqlite:///{own_path}")
    subjects = Subjects(engine)
    subjects.want(UPDATE, message_id=None)
    change_modes(own_path, file=0o400, folder=0o500)
    # one handle was open before, others are opened now
    for _ in range(3):
        with pytest.raises(ServiceUnavailableError):
            write_with_new_handles(subjects, engine)
    change_modes(own_path, file=0o600, folder=0o700)
    assert subjects.want(replace(UPDATE, again=True), message_id="m1") is Change.AGAIN
    engine.dispose()


def test_a_store_that_is_removed_is_missed_and_used_again_once_it_is_back(path: Path) -> None:
    engine = open_engine(f"sqlite:///{path}")
    subjects = Subjects(engine)
    assert subjects.want(UPDATE, message_id="m1") is Change.NEW
    engine.dispose()
    kept = subjects.find(UPDATE.key)
    away = path.with_suffix(".away")
    path.rename(away)
    with pytest.raises(ServiceUnavailableError, match="unable to open"):
        subjects.want(UPDATE, message_id="m2")
    assert not path.exists()
    away.rename(path)
    assert subjects.find(UPDATE.key) == kept
    # another file in its place is noticed, too
    path.unlink()
    open_engine(f"sqlite:///{path}").dispose()
    assert subjects.find(UPDATE.key) is None
    engine.dispose()


def test_a_full_disk_costs_time_only(path: Path) -> None:
    engine = open_engine(f"sqlite:///{path}")
    subjects = Subjects(engine)
    big = {"text": "x" * 100_000}
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    # SQLite's own limit raises the same error as a full disk
    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(engine, "connect", limit)
    engine.dispose()
    with pytest.raises(ServiceUnavailableError, match="full"):
        subjects.want(replace(UPDATE, request=big), message_id="m1")
    event.remove(engine, "connect", limit)
    assert subjects.want(replace(UPDATE, request=big), message_id="m1") is Change.NEW
    engine.dispose()
