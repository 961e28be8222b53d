"""Arrivals: work that another process stores is noticed, on SQLite and PostgreSQL."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.arrivals import open_arrivals
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.parking import Parking
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.subjects import Subjects
from tests.store.work import UPDATE


@pytest.fixture
def other(engine: Engine) -> Iterator[Engine]:
    """The same store, as another process opens it."""
    other = open_engine(engine.url.render_as_string(hide_password=False))
    yield other
    other.dispose()


@pytest.fixture
def arrivals(engine: Engine) -> ports.Arrivals:
    """Arrivals that have begun."""
    arrivals = open_arrivals(engine)
    # what was stored before is an arrival
    assert arrivals.wait(0.0)
    return arrivals


def wait_for_one(arrivals: ports.Arrivals) -> None:
    """Wait; the test's time limit ends this."""
    while not arrivals.wait(0.02):
        pass


def park(engine: Engine) -> None:
    subjects = Subjects(engine)
    subjects.want(UPDATE, message_id=None)
    lease = subjects.lease("a", [UPDATE.lane], seconds=60.0)
    assert lease
    subjects.finish(lease, SubjectState.PARKED, reason="no")


def pause(engine: Engine) -> None:
    Pauses(engine).pause(Pause("update", by="me", reason="no", since=0.0, until=None))


@pytest.mark.parametrize(
    ("prepare", "store"),
    [
        (lambda _: None, lambda it: Subjects(it).want(UPDATE, message_id=None)),
        (
            lambda _: None,
            lambda it: Deliveries(it).want([WantedDelivery(sink=Sink.MAIL, build="B", item="1")]),
        ),
        (park, lambda it: Parking(it).release(UPDATE.key, by="me")),
        (pause, lambda it: Pauses(it).resume("update")),
    ],
)
def test_what_another_process_stores_arrives(
    engine: Engine,
    other: Engine,
    prepare: Callable[[Engine], None],
    store: Callable[[Engine], object],
) -> None:
    prepare(other)
    arrivals = open_arrivals(engine)
    assert arrivals.wait(0.0)
    assert not arrivals.wait(0.02)
    store(other)
    wait_for_one(arrivals)


def test_a_message_that_came_before_is_no_arrival(other: Engine, arrivals: ports.Arrivals) -> None:
    Subjects(other).want(UPDATE, message_id="m")
    wait_for_one(arrivals)
    Subjects(other).want(UPDATE, message_id="m")
    assert not arrivals.wait(0.02)


def test_what_else_is_stored_is_no_arrival(other: Engine, arrivals: ports.Arrivals) -> None:
    Subjects(other).want(UPDATE, message_id=None)
    wait_for_one(arrivals)
    lease = Subjects(other).lease("a", [UPDATE.lane], seconds=60.0)
    assert lease
    Subjects(other).finish(lease, SubjectState.SCHEDULED, reason=None)
    assert not arrivals.wait(0.02)


@pytest.mark.service
@pytest.mark.parametrize("server", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_is_opened_again(other: Engine, arrivals: ports.Arrivals) -> None:
    with other.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND query LIKE 'LISTEN%'"
            )
        )
    with pytest.raises(ServiceUnavailableError):
        wait_for_one(arrivals)
    # what was stored meanwhile is not missed
    assert arrivals.wait(0.0)
    Subjects(other).want(UPDATE, message_id=None)
    wait_for_one(arrivals)


@pytest.mark.parametrize("server", ["sqlite"], indirect=True)
def test_a_file_that_is_replaced_is_an_arrival(engine: Engine, arrivals: ports.Arrivals) -> None:
    path = Path(str(engine.url.database))
    shutil.copy(path, path.with_suffix(".copy"))
    path.unlink()
    with pytest.raises(ServiceUnavailableError):
        arrivals.wait(0.0)
    path.with_suffix(".copy").rename(path)
    assert arrivals.wait(0.0)
    replaced = create_engine(engine.url)
    Subjects(replaced).want(UPDATE, message_id=None)
    wait_for_one(arrivals)


def test_an_idle_wait_on_sqlite_asks_nothing_of_the_database(tmp_path: Path) -> None:
    waiting = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    writing = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    statements: list[str] = []

    def trace(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(statements.append)

    event.listen(waiting, "connect", trace)
    arrivals = open_arrivals(waiting)
    for _ in range(3):
        arrivals.wait(0.02)
    statements.clear()
    assert not any(arrivals.wait(0.02) for _ in range(5))
    assert not statements
    Subjects(writing).want(UPDATE, message_id=None)
    assert arrivals.wait(0.02)
    assert statements
