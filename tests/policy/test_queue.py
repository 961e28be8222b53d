"""The queue of openQA: since when jobs wait, and how long they did."""

from dataclasses import replace

import pytest

from fedora_openqa.model.history import Scenario
from fedora_openqa.model.openqa_load import Observed, QueuedJob, Snapshot, Wait, Worker
from fedora_openqa.policy.present import capacity
from fedora_openqa.policy.queue import MOST_WAITS, queued_jobs, waits_with
from tests.support.jobs import job

NOW, DAY = 1_000_000.0, 86_400.0


def queued(number: int, **changes: object) -> QueuedJob:
    made = QueuedJob(
        number,
        "B",
        Scenario("install", "Server-dvd-iso", "x86_64", "64bit"),
        "scheduled",
        50,
        classes=("qemu_x86_64", "tap"),
        since=NOW - 100.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # of several types


def seen(*jobs: QueuedJob, at: float = NOW - 60.0, **more: object) -> Observed:
    made = Observed(
        waiting=Snapshot(tuple(it for it in jobs if not it.runs), at),
        running=Snapshot(tuple(it for it in jobs if it.runs), at),
        workers=Snapshot((), at),
    )
    return replace(made, **more)  # type: ignore[arg-type] # of several types


def running(number: int, started: float, **changes: object) -> QueuedJob:
    return queued(number, state="running", started=started, **changes)


@pytest.mark.parametrize(
    ("before", "now", "since"),
    [
        (None, None, NOW),
        (None, 7, NOW),
        (7, 7, NOW - 100.0),
        (7, None, NOW),
    ],
)
def test_a_job_waits_for_a_worker_since_it_waits_for_no_other_job(
    before: int | None, now: int | None, since: float
) -> None:
    earlier = [queued(1, blocked_by=before)] if before else []
    (one,) = queued_jobs(
        [replace(job(1, outcome="scheduled/none"), blocked_by=now)], now=NOW, before=earlier
    )
    assert one.since == since


def test_it_is_kept_how_long_jobs_waited_that_began_within_a_day() -> None:
    before = seen(
        queued(1),
        queued(2),
        # openQA's clock is ahead
        running(3, NOW - 50.0),
        waits=Snapshot({"qemu_x86_64,tap": (Wait(NOW - DAY, 9.0), Wait(NOW - DAY + 1.0, 8.0))}),
    )
    found = waits_with(
        before,
        [
            running(1, NOW - 20.0),
            running(3, NOW - 50.0),
            # it came and began in between
            running(4, NOW - 30.0, since=NOW),
            # not seen at the last look, which it began before
            running(5, NOW - 300.0, since=NOW),
            # it waited for another job until now
            running(6, NOW - 5.0, since=NOW, classes=("tap",)),
        ],
        now=NOW,
    )
    assert found == {
        "qemu_x86_64,tap": (
            Wait(NOW - DAY + 1.0, 8.0),
            Wait(NOW - 30.0, 0.0),
            Wait(NOW - 20.0, 80.0),
        ),
        "tap": (Wait(NOW - 5.0, 0.0),),
    }
    # nothing is known of those that run at the first look
    assert waits_with(Observed(), [running(1, NOW - 20.0)], now=NOW) == {}
    many = {"tap": tuple(Wait(NOW - it, 1.0) for it in range(2 * MOST_WAITS, 0, -1))}
    kept = waits_with(seen(waits=Snapshot(many)), [], now=NOW)["tap"]
    assert kept == many["tap"][-MOST_WAITS:]


def test_the_usual_wait_of_a_class_is_the_median_of_a_day() -> None:
    waits = {
        "tap": (Wait(NOW - DAY, 1e6), Wait(NOW - 9.0, 10.0), Wait(NOW - 8.0, 20.0)),
        "ppc": (Wait(NOW - DAY, 1e6),),
    }
    observed = seen(
        workers=Snapshot((Worker(1, "qa01:1", "idle", ("tap",)),), NOW), waits=Snapshot(waits)
    )
    found = {one.name: one.usual_wait for one in capacity(observed, now=NOW).classes}
    assert found == {"tap": 15.0, "ppc": None}
