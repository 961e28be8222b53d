"""The reports of processes, and what monitoring asks of the store."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.health import Found, Heard, Process
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import Wanted
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.health import KEEP_SECONDS, Health
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.subjects import Subjects
from tests.store.timed import StoppedClock

PROCESS = Process(
    host="qa01",
    pid=4711,
    role="scheduler",
    version="1",
    lanes={"update": 990.0, "compose": None},
    topics={"pungi.compose.status.change": Heard(900.0, 60.0), "x": Heard(None)},
    started=500.0,
    seen=1000.0,
)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(1000.0)


@pytest.fixture
def health(engine: Engine, clock: StoppedClock) -> Health:
    return Health(engine, clock=clock)


def test_a_process_is_stored_as_it_reported_itself_last(health: Health) -> None:
    health.report(replace(PROCESS, lanes={}, seen=985.0))
    health.report(PROCESS)
    assert health.vitals().processes == (PROCESS,)


def test_processes_that_ended_long_ago_are_deleted(health: Health, clock: StoppedClock) -> None:
    health.report(PROCESS)
    clock.now += KEEP_SECONDS + 1
    other = replace(PROCESS, pid=4712, seen=clock.now)
    health.report(other)
    assert health.vitals().processes == (other,)


def test_due_is_what_a_worker_could_lease(
    health: Health, engine: Engine, clock: StoppedClock
) -> None:
    subjects = Subjects(engine, clock=clock)
    for key in ("update:A", "update:B", "compose:C"):
        subjects.want(Wanted(key, key.partition(":")[0], {}), message_id=None)
    Deliveries(engine, clock=clock).want(
        [WantedDelivery(sink=Sink.WIKI, build="B", item="1", delay=60.0)]
    )
    subjects.park_message("m", {}, reason="odd")
    clock.now += 30
    assert health.vitals().due == {"update": 1000.0, "compose": 1000.0}
    assert health.vitals().parked == {"message": 1}
    for _ in range(2):
        assert subjects.lease("a", ["update"], seconds=10.0)
    assert health.vitals().due == {"compose": 1000.0}
    Pauses(engine, clock=clock).pause(Pause("compose", by="me", reason="x", since=clock.now))
    clock.now += 60
    # the leases are over, and the delivery is due
    assert health.vitals().due == {"update": 1000.0, "wiki": 1060.0}


def test_what_sweeps_found_is_counted(health: Health, engine: Engine, clock: StoppedClock) -> None:
    subjects = Subjects(engine, clock=clock)
    assert health.vitals().last_sweep is None
    subjects.swept({"update": 2})
    clock.now += 60
    subjects.swept({"update": 1, "wiki": 3})
    clock.now += 60
    subjects.swept({})
    vitals = health.vitals()
    assert vitals.found == {"update": Found(1060.0, 3), "wiki": Found(1060.0, 3)}
    assert vitals.last_sweep == 1120.0


def test_rows_are_counted_by_state(health: Health, engine: Engine, clock: StoppedClock) -> None:
    subjects = Subjects(engine, clock=clock)
    subjects.want(Wanted("update:A", "update", {}), message_id=None)
    subjects.park_message("m", {}, reason="odd")
    Deliveries(engine, clock=clock).want(
        [WantedDelivery(sink=Sink.WIKI, build="B", item=item) for item in "12"]
    )
    Pauses(engine, clock=clock).pause(Pause("compose", by="me", reason="x", since=clock.now))
    clock.now += 60
    tallies = health.tallies()
    counts = {of: number for of, number in tallies.subjects.items() if number}
    assert counts == {("update", "wanted"): 1, ("message", "parked"): 1, ("wiki", "wanted"): 1}
    assert tallies.deliveries["wiki", "pending"] == 2
    assert tallies.unreported == {"wiki": 1000.0}
    assert tallies.paused == {"compose"}
