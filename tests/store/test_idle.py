"""Workers that have nothing to do until a time sleep until then."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, event
from typing_extensions import override

from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import Away, Finished, Lease, SubjectState, Wanted
from fedora_openqa.workflows.worker import Worker
from tests.store.timed import StoppedClock, TimedPauses, TimedSubjects
from tests.store.work import KINDS, LANE_DELAY, UPDATE, leased

#: seconds of the simulated time
MINUTES = 10 * 60.0


def want(subjects: TimedSubjects, number: int) -> None:
    for ordinal in range(number):
        wanted = Wanted(key=f"update:{ordinal}", lane="update", request={})
        subjects.want(wanted, message_id=None)


def reach_the_limit(engine: Engine, clock: StoppedClock) -> None:
    # more than is leased within the time
    want(TimedSubjects(engine, clock=clock), 100)


def pause_the_lane(engine: Engine, clock: StoppedClock) -> None:
    reach_the_limit(engine, clock)
    TimedPauses(engine, clock.now).pause(Pause("update", by="ada", reason="?", since=clock.now))


def take_the_service_away(engine: Engine, clock: StoppedClock) -> None:
    subjects = TimedSubjects(engine, clock=clock)
    want(subjects, 100)
    subjects.postpone_lane(
        leased(subjects, now=clock.now), Away("503", retry_after=3600.0), delay=lambda _: 3600.0
    )


def leave_it_empty(_engine: Engine, _clock: StoppedClock) -> None:
    pass


class Alarm(threading.Event):
    """Lets the simulated time go by instead of waiting."""

    def __init__(self, clock: StoppedClock, stopped: threading.Event) -> None:
        """Set an event once `MINUTES` have gone by."""
        super().__init__()
        self.clock = clock
        self.stopped = stopped
        self.end = clock.now + MINUTES

    @override
    def wait(self, timeout: float | None = None) -> bool:
        assert timeout
        self.clock.now += timeout
        if self.clock.now > self.end:
            self.stopped.set()
        return False


@pytest.mark.parametrize(
    "prepare", [reach_the_limit, pause_the_lane, take_the_service_away, leave_it_empty]
)
def test_an_idle_worker_does_not_poll(
    engine: Engine, prepare: Callable[[Engine, StoppedClock], None]
) -> None:
    clock, stopped = StoppedClock(1e9), threading.Event()
    prepare(engine, clock)
    attempts: list[Lease] = []
    statements: list[str] = []

    def attempt(lease: Lease) -> Finished:
        attempts.append(lease)
        return Finished(SubjectState.SCHEDULED)

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    Worker(
        backlog=TimedSubjects(engine, per_minute={"update": 2}, clock=clock),
        attempts={"update": attempt},
        owner="a",
        lease_seconds=600.0,
        awake=Alarm(clock, stopped),
    ).run(stopped)
    # two a minute
    assert len(attempts) == (20 if prepare is reach_the_limit else 0)
    assert len(statements) / (MINUTES / 60) <= 70


def test_a_lane_at_its_limit_is_due_when_the_minute_is_over(engine: Engine) -> None:
    subjects = TimedSubjects(engine, per_minute={"update": 2})
    want(subjects, 4)
    for now in (0.0, 10.0):
        assert subjects.at(now).next_due(KINDS) == 0.0
        assert subjects.at(now).lease("a", KINDS, seconds=1000.0)
    assert subjects.at(20.0).next_due(KINDS) == 60.0
    # a lane without a limit does not wait for it
    subjects.at(20.0).want(Wanted(key="compose:C", lane="compose", request={}), message_id=None)
    assert subjects.at(20.0).next_due(KINDS) == 20.0


@pytest.mark.parametrize("lane", ["update", ALL_LANES])
def test_a_pause_is_waited_for_that_ends_by_itself(engine: Engine, lane: str) -> None:
    subjects = TimedSubjects(engine)
    subjects.want(UPDATE, message_id=None)
    pauses = TimedPauses(engine)
    pauses.pause(Pause(lane, by="ada", reason="?", since=0.0, until=50.0))
    assert subjects.next_due(KINDS) == 50.0
    assert subjects.at(50.0).next_due(KINDS) == 0.0
    pauses.pause(Pause(lane, by="ada", reason="?", since=0.0))
    assert subjects.next_due(KINDS) is None


def test_the_latest_of_all_reasons_counts(engine: Engine) -> None:
    subjects = TimedSubjects(engine, per_minute={"update": 1})
    want(subjects, 2)
    subjects.at(0.0).postpone_lane(leased(subjects), Away("503"), delay=LANE_DELAY)
    opens = subjects.next_due(KINDS)
    assert opens
    assert opens >= 60.0
    TimedPauses(engine).pause(Pause("update", by="ada", reason="?", since=0.0, until=opens + 7.0))
    assert subjects.next_due(KINDS) == opens + 7.0
