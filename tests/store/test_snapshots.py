"""What openQA was last seen to do, and who looks: on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import Engine, insert

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.history import Scenario
from fedora_openqa.model.openqa_load import JobCounts, QueuedJob, Snapshot, SnapshotName, Worker
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import snapshot
from fedora_openqa.store.snapshots import OTHER_VERSION, Snapshots
from tests.store.timed import StoppedClock

JOB = QueuedJob(
    7,
    "B",
    Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit"),
    "scheduled",
    50,
    classes=("qemu_x86_64", "tap"),
    parents=(3,),
    blocked_by=3,
    since=900.0,
)
WORKER = Worker(3, "qa01:3", "broken", ("tap",), error="no KVM")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(1000.0)


@pytest.fixture
def snapshots(engine: Engine, clock: StoppedClock) -> Snapshots:
    return Snapshots(engine, clock=clock)


def test_what_was_read_stays_when_a_later_read_fails(
    snapshots: Snapshots, clock: StoppedClock
) -> None:
    assert snapshots.observed().at is None
    counts = JobCounts(scheduled=1, by_arch={"x86_64": {"scheduled": 1}})
    snapshots.save(
        {
            SnapshotName.WAITING: (JOB,),
            SnapshotName.RUNNING: (),
            SnapshotName.COUNTS: counts,
        }
    )
    clock.now = 1060.0
    error = "503 \x1b[31mService Unavailable"
    snapshots.save({SnapshotName.WORKERS: (WORKER,)}, {SnapshotName.RUNNING: error})
    seen = snapshots.observed()
    assert seen.waiting == Snapshot((JOB,), 1000.0)
    assert seen.workers == Snapshot((WORKER,), 1060.0)
    assert seen.counts.facts == counts
    assert seen.running.facts == ()
    assert seen.at == 1000.0
    (error,) = seen.errors
    assert error.isprintable()
    times = snapshots.observed([SnapshotName.WORKERS])
    assert times.workers == seen.workers
    assert (times.at, times.errors, times.waiting.facts) == (seen.at, seen.errors, None)
    snapshots.save({SnapshotName.RUNNING: (JOB,)})
    assert snapshots.observed().errors == ()
    assert snapshots.observed().jobs == (JOB,)


def test_one_process_looks_at_a_time_and_not_too_often(
    snapshots: Snapshots, clock: StoppedClock
) -> None:
    def begin(owner: str) -> float | None:
        return snapshots.begin(owner, seconds=180.0, every=60.0)

    assert begin("a") == 1000.0
    with pytest.raises(LeaseLostError, match="a watches openQA"):
        begin("b")
    clock.now = 1030.0
    assert begin("a") is None
    clock.now = 1060.0
    assert begin("a") == 1060.0
    snapshots.end("b")
    with pytest.raises(LeaseLostError):
        begin("b")
    snapshots.end("a")
    # its successor looks when it is time to
    assert begin("b") is None
    # a process that died loses its lease
    clock.now = 1300.0
    assert begin("c") == 1300.0


def test_a_wrong_clock_stops_no_look(snapshots: Snapshots, clock: StoppedClock) -> None:
    clock.now = 1e9
    snapshots.begin("a", seconds=180.0, every=60.0)
    clock.now = 1000.0
    assert snapshots.begin("b", seconds=180.0, every=60.0) == 1000.0


def test_facts_in_another_form_are_not_known(engine: Engine, snapshots: Snapshots) -> None:
    with transaction(engine) as connection:
        row = {"name": "workers", "facts": [{"number": 1}], "at": 7.0, "error": ""}
        connection.execute(insert(snapshot).values(row))
    assert snapshots.observed().workers == Snapshot(error=OTHER_VERSION)
