"""Workers, on a real store and with a workflow whose ends the test chooses."""

import errno
import logging
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fedora_openqa import ports
from fedora_openqa.errors import (
    ConfigError,
    PermanentError,
    ServiceUnavailableError,
    SubjectError,
    TemporaryError,
)
from fedora_openqa.model.deliveries import Absence
from fedora_openqa.model.products import ScheduleResult
from fedora_openqa.model.requests import ComposeRequest, CoreOSRequest, Request, UpdateRequest
from fedora_openqa.model.subjects import MESSAGE_KINDS as KINDS
from fedora_openqa.model.work import Lease, SubjectState, Wanted
from fedora_openqa.ports import ProductLedger
from fedora_openqa.store.looks import Looks
from fedora_openqa.store.pruning import SUBJECTS_AT_ONCE
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.lookout import Lookout
from fedora_openqa.workflows.worker import ScheduleAttempt, Worker
from tests.store.timed import StoppedClock
from tests.support.stores import new_store
from tests.support.waiting import wait_for


@dataclass
class Workflow:
    """Ends as the test says, and keeps its requests."""

    ends: list[ScheduleResult | Exception] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def __call__(self, request: Request, ledger: ProductLedger) -> ScheduleResult:
        assert ledger.finished() == {}
        self.requests.append(request)
        self.meanwhile()
        end = self.ends.pop(0) if self.ends else ScheduleResult(target="x")
        if isinstance(end, Exception):
            raise end
        return end


@dataclass
class Place:
    subjects: Subjects
    workflow: Workflow
    clock: StoppedClock
    engine: Engine

    @property
    def now(self) -> float:
        return self.clock.now

    @now.setter
    def now(self, now: float) -> None:
        self.clock.now = now

    def worker(self, *, lease_seconds: float = 60.0, owner: str = "a") -> Worker:
        attempt = ScheduleAttempt(
            schedule=self.workflow,
            ledger=self.subjects.ledger,
            arches=("x86_64",),
        )
        return Worker(
            backlog=self.subjects,
            attempts=dict.fromkeys(KINDS, attempt),
            owner=owner,
            lease_seconds=lease_seconds,
            keep_seconds=500.0,
            awake=threading.Event(),
        )

    def lookout(
        self, openqa: ports.Presence, *, back: Callable[[], None] = lambda: None
    ) -> Lookout:
        return Lookout(openqa, Looks(self.engine, clock=self.clock), "a", back=back)

    def want(self, key: str = "update:U", *, again: bool = False, **request: object) -> None:
        lane = key.partition(":")[0]
        wanted = Wanted(key=key, lane=lane, request=request or {"update": "U"}, again=again)
        self.subjects.want(wanted, message_id=None)

    def absences(self) -> tuple[Absence, ...]:
        return Stories(self.engine).absences()

    def state(self, key: str = "update:U") -> tuple[SubjectState, str | None]:
        found = self.subjects.find(key)
        assert found
        return found.state, found.reason


@pytest.fixture
def place(tmp_path: Path) -> Place:
    clock = StoppedClock(1000.0)
    engine = new_store(tmp_path / "store.db")
    return Place(Subjects(engine, clock=clock), Workflow(), clock, engine)


def test_nothing_to_do_is_said(place: Place) -> None:
    assert not place.worker().work()


def test_a_subject_becomes_the_request_of_its_kind(place: Place) -> None:
    place.want("compose:C", location="https://x")
    place.want("update:U", update="U", everything=False)
    place.want("coreos:B", url="https://y")
    worker = place.worker()
    while worker.work():
        pass
    assert place.workflow.requests == [
        ComposeRequest(location="https://x", arches=("x86_64",)),
        UpdateRequest(update="U", everything=False),
        CoreOSRequest(url="https://y"),
    ]
    assert place.state() == (SubjectState.SCHEDULED, None)


def test_what_is_asked_for_again_does_not_stop_at_old_jobs(place: Place) -> None:
    place.want()
    place.worker().work()
    place.want(again=True)
    place.worker().work()
    assert [request.force for request in place.workflow.requests] == [False, True]


def test_a_failure_is_due_again_later_and_delays_no_other(place: Place) -> None:
    place.want("update:U", update="U")
    place.want("update:V", update="V")
    place.workflow.ends = [ServiceUnavailableError("503")]
    worker = place.worker()
    assert worker.work()
    assert worker.work()
    assert not worker.work()
    assert place.state("update:V") == (SubjectState.SCHEDULED, None)
    found = place.subjects.find("update:U")
    assert found
    assert (found.state, found.last_error) == (SubjectState.WANTED, "503")
    place.now = found.due
    assert worker.work()
    assert place.state("update:U") == (SubjectState.SCHEDULED, None)


@dataclass
class Presence(ports.Presence):
    """An openQA that may be away."""

    away: bool = False
    asked: int = 0

    @property
    def api_url(self) -> str:
        return "https://openqa.test/api/v1/"

    def reach(self) -> None:
        self.asked += 1
        if self.away:
            raise ServiceUnavailableError("GET /jobs: refused")


def test_while_openqa_is_away_its_lane_waits_and_no_attempt_counts(place: Place) -> None:
    openqa, back = Presence(away=True), threading.Event()
    worker = place.worker()
    worker.lookout = place.lookout(openqa, back=back.set)
    for alias in "UV":
        place.want(f"update:{alias}", update=alias)
    place.workflow.ends = [ServiceUnavailableError(f"GET {openqa.api_url}jobs: 503")]
    # an hour, in which one small request is all that openQA is asked
    for _ in range(300):
        worker.work()
        place.now += 15.0
    assert [request for request in place.workflow.requests if request] == [
        UpdateRequest(update="U")
    ]
    assert 200 < openqa.asked <= 300
    assert worker.lookout.unready() == ("openQA does not answer",)
    (absence,) = place.absences()
    assert (absence.lane, absence.since) == ("update", 1000.0)
    openqa.away = False
    place.now = absence.until
    assert worker.work()
    assert back.is_set()
    assert worker.lookout.unready() == ()
    # the first subject may have been the cause
    assert place.state("update:V") == (SubjectState.SCHEDULED, None)
    assert place.absences() == ()
    assert worker.work()
    found = place.subjects.find("update:U")
    assert found
    assert (found.state, found.attempts) == (SubjectState.SCHEDULED, 1)


@pytest.mark.parametrize(
    ("error", "asked"), [("GET https://openqa.test/api/v1/jobs: 503", 1), ("GET https://x: 503", 0)]
)
def test_a_failure_while_openqa_answers_delays_only_its_subject(
    place: Place, error: str, asked: int
) -> None:
    worker = place.worker()
    openqa = Presence()
    worker.lookout = place.lookout(openqa)
    place.want("update:U", update="U")
    place.want("update:V", update="V")
    place.workflow.ends = [ServiceUnavailableError(error)]
    assert worker.work()
    assert place.absences() == ()
    assert worker.work()
    assert place.state("update:V") == (SubjectState.SCHEDULED, None)
    assert worker.lookout.unready() == ()
    # a failure that is not openQA's is no reason to ask it
    assert openqa.asked == asked


def test_a_worker_does_not_ask_what_another_process_asks(place: Place) -> None:
    worker, openqa = place.worker(), Presence(away=True)
    worker.lookout = place.lookout(openqa)
    other = Looks(place.engine, clock=place.clock)
    assert other.begin("b", seconds=40.0, every=8.0)
    place.want()
    place.workflow.ends = [ServiceUnavailableError(f"GET {openqa.api_url}jobs: 503")] * 2
    # not known yet: its lane waits all the same
    assert worker.work()
    assert [absence.lane for absence in place.absences()] == ["update"]
    assert worker.lookout.unready() == ()
    other.end("b", "no answer in time")
    place.now += 7.0
    assert worker.work()
    assert worker.lookout.unready() == ("openQA does not answer",)
    assert openqa.asked == 0


@pytest.mark.parametrize("error", [SubjectError("doomed"), ZeroDivisionError("ours")])
def test_what_cannot_succeed_is_parked(place: Place, error: Exception) -> None:
    place.want()
    place.workflow.ends = [error]
    assert place.worker().work()
    state, reason = place.state()
    assert state is SubjectState.PARKED
    assert str(error) in (reason or "")


def test_a_wrong_deployment_stops_one_lane_until_it_is_mended(place: Place) -> None:
    place.want("update:U", update="U")
    place.want("update:V", update="V")
    place.want("compose:C", location="https://x")
    place.workflow.ends = [ConfigError("no key")]
    with pytest.raises(ConfigError):
        place.worker().work()
    # the other lane goes on
    worker = place.worker(owner="b")
    assert worker.work()
    assert not worker.work()
    assert place.state("compose:C") == (SubjectState.SCHEDULED, None)
    (absence,) = place.absences()
    assert (absence.lane, absence.error, absence.since) == ("update", "no key", 1000.0)
    # tried again with another subject: it may be the first one's own trouble
    place.now = absence.until
    assert worker.work()
    assert place.state("update:V") == (SubjectState.SCHEDULED, None)
    assert place.absences() == ()
    assert worker.work()
    found = place.subjects.find("update:U")
    assert found
    assert (found.state, found.attempts) == (SubjectState.SCHEDULED, 1)


def test_a_lane_that_nobody_mends_is_tried_every_five_minutes_in_the_end(place: Place) -> None:
    place.want()
    place.workflow.ends = [ConfigError("no key")] * 12
    waits = []
    for _ in range(12):
        with pytest.raises(ConfigError):
            place.worker().work()
        (absence,) = place.absences()
        assert absence.since == 1000.0
        waits.append(absence.until - place.now)
        place.now = absence.until
    assert waits == [1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0]
    assert place.state() == (SubjectState.WANTED, None)


def test_a_running_worker_outlives_a_wrong_deployment(place: Place) -> None:
    place.want("update:U", update="U")
    place.want("compose:C", location="https://x")
    stopped = threading.Event()
    worker = place.worker()

    def wrong_then_right() -> None:
        if len(place.workflow.requests) > 1:
            stopped.set()
            worker.awake.set()

    place.workflow.meanwhile = wrong_then_right
    place.workflow.ends = [ConfigError("302")]
    worker.run(stopped)
    assert place.state("compose:C") == (SubjectState.SCHEDULED, None)


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("can't start new thread"),
        RuntimeError("cannot schedule new futures after interpreter shutdown"),
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_a_shortage_of_the_machine_parks_nothing(place: Place, error: Exception) -> None:
    place.want()
    place.workflow.ends = [error]
    assert place.worker().work()
    found = place.subjects.find("update:U")
    assert found
    assert found.state is SubjectState.WANTED
    assert found.last_error is not None
    assert found.last_error.startswith("this machine: ")


def test_a_shortage_behind_another_error_is_one_too(place: Place) -> None:
    place.want()

    def open_file() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    def fail() -> None:
        try:
            open_file()
        except OSError as exc:
            raise ValueError("no metadata") from exc

    place.workflow.meanwhile = fail
    assert place.worker().work()
    assert place.state() == (SubjectState.WANTED, None)


def test_a_service_is_not_asked_before_it_wants_to_be(place: Place) -> None:
    place.want()
    place.workflow.ends = [TemporaryError("429", retry_after=600.0)]
    place.worker().work()
    found = place.subjects.find("update:U")
    assert found
    assert found.due == place.now + 600.0


@pytest.mark.parametrize("text", ["\0", "\ud800", "\x1b[2J", "x" * 10_000_000, "a\nb", "\u202e"])
def test_no_foreign_text_ends_a_worker(place: Place, text: str) -> None:
    for name in ("U", "V", "W"):
        place.want(f"update:{name}", update=name)
    place.workflow.ends = [ValueError(text), ServiceUnavailableError(text), SubjectError(text)]
    worker = place.worker()
    assert [worker.work() for _ in range(3)] == [True] * 3
    for found in place.subjects.all():
        said = found.reason or found.last_error or ""
        assert said.isprintable()
        assert len(said) <= 2001


def test_what_is_wanted_anew_meanwhile_is_not_finished(place: Place) -> None:
    place.want()
    place.workflow.meanwhile = lambda: place.want(again=True)
    place.worker().work()
    assert place.state() == (SubjectState.WANTED, None)


class Watched(Subjects):
    """Tells of renewals, and is away for a while."""

    def __init__(self, engine: Engine, *, clock: StoppedClock) -> None:
        """Use an open database."""
        super().__init__(engine, clock=clock)
        self.renewed = threading.Event()

    #: called instead of leasing
    instead: Callable[[], None] | None = None
    #: renewals that fail before one succeeds
    broken_renewals = 0
    forgets = True
    #: ends that the database cannot hold
    refuses = 0

    def finish(self, lease: Lease, state: SubjectState, *, reason: str | None) -> bool:
        if self.refuses:
            self.refuses -= 1
            raise PermanentError("database: integer out of range")
        return super().finish(lease, state, reason=reason)

    def prune(self, *, keep: float) -> int:
        if not self.forgets:
            raise ServiceUnavailableError("database: locked")
        return super().prune(keep=keep)

    def renew(self, lease: Lease, *, seconds: float) -> bool:
        if self.broken_renewals:
            self.broken_renewals -= 1
            raise MemoryError
        kept = super().renew(lease, seconds=seconds)
        self.renewed.set()
        return kept

    def lease(
        self, owner: str, lanes: Collection[str], *, seconds: float, least_priority: int = 0
    ) -> Lease | None:
        if self.instead:
            self.instead()
            raise ServiceUnavailableError("locked")
        return super().lease(owner, lanes, seconds=seconds, least_priority=least_priority)


@dataclass
class WatchedPlace(Place):
    subjects: Watched


@pytest.fixture
def watched(tmp_path: Path) -> WatchedPlace:
    clock = StoppedClock(1000.0)
    engine = new_store(tmp_path / "watched.db")
    return WatchedPlace(Watched(engine, clock=clock), Workflow(), clock, engine)


def test_a_worker_that_lives_keeps_its_subject(watched: WatchedPlace) -> None:
    place = watched
    place.want()

    def wait_beyond_the_lease() -> None:
        assert watched.subjects.lease("b", KINDS, seconds=1.0) is None
        place.now += 0.05
        assert watched.subjects.renewed.wait(60)

    place.workflow.meanwhile = wait_beyond_the_lease
    assert place.worker(lease_seconds=0.06).work()
    assert place.state() == (SubjectState.SCHEDULED, None)


def test_a_database_that_is_away_makes_the_worker_wait(watched: WatchedPlace) -> None:
    stopped = threading.Event()
    worker = watched.worker()

    def away() -> None:
        stopped.set()
        worker.awake.set()

    watched.subjects.instead = away
    worker.run(stopped)
    assert stopped.is_set()


def test_an_attempt_that_takes_too_long_keeps_its_subject_no_longer(
    watched: WatchedPlace, caplog: pytest.LogCaptureFixture
) -> None:
    watched.want()

    def hang() -> None:
        while "takes too long" not in caplog.text:
            time.sleep(0.01)
        # others may take it over once the lease is over
        watched.now += 60.0
        assert watched.subjects.lease("b", KINDS, seconds=60.0)

    watched.workflow.meanwhile = hang
    worker = watched.worker(lease_seconds=0.06)
    worker.longest_attempt = 0.2
    assert worker.work()
    assert watched.state() == (SubjectState.WANTED, None)


def test_a_renewal_that_fails_is_tried_again(watched: WatchedPlace) -> None:
    watched.want()
    watched.subjects.broken_renewals = 3
    watched.workflow.meanwhile = lambda: assert_that(watched.subjects.renewed.wait(60))
    assert watched.worker(lease_seconds=0.06).work()
    assert watched.state() == (SubjectState.SCHEDULED, None)
    assert watched.subjects.broken_renewals == 0


def test_work_is_done_between_the_parts_of_a_long_prune(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    many = 2 * SUBJECTS_AT_ONCE
    for number in range(many):
        place.want(f"update:{number}")
        lease = place.subjects.lease("a", ["update"], seconds=60.0)
        assert lease
        place.subjects.finish(lease, SubjectState.SKIPPED, reason=None)
    place.now += 1000.0
    place.want("update:new")
    left: list[int] = []
    place.workflow.meanwhile = lambda: left.append(len(place.subjects.all()))
    stopped = threading.Event()
    worker = place.worker()
    thread = threading.Thread(target=worker.run, args=(stopped,))
    thread.start()
    wait_for(lambda: f"pruned {many} finished subjects" in caplog.text)
    stopped.set()
    worker.awake.set()
    thread.join()
    # after the first part
    assert left == [many - SUBJECTS_AT_ONCE + 1]
    assert [found.key for found in place.subjects.all()] == ["update:new"]


def test_a_store_that_forgets_nothing_delays_no_work(watched: WatchedPlace) -> None:
    watched.want()
    watched.subjects.forgets = False
    stopped = threading.Event()
    watched.workflow.meanwhile = stopped.set
    watched.worker().run(stopped)
    assert watched.state() == (SubjectState.SCHEDULED, None)


def test_what_came_of_an_attempt_and_cannot_be_stored_is_parked(watched: WatchedPlace) -> None:
    watched.want()
    watched.subjects.refuses = 1
    assert watched.worker().work()
    assert watched.state() == (SubjectState.PARKED, "database: integer out of range")


def test_a_fault_in_the_loop_leaves_the_worker(watched: WatchedPlace) -> None:
    def break_it() -> None:
        raise ZeroDivisionError

    watched.subjects.instead = break_it
    with pytest.raises(ZeroDivisionError):
        watched.worker().run(threading.Event())


def test_a_worker_that_is_told_to_end_ends_although_it_was_just_woken(place: Place) -> None:
    stopped = threading.Event()
    worker = place.worker()
    stopped.set()
    worker.awake.set()
    worker.run(stopped)


def assert_that(condition: object) -> None:
    assert condition


def test_finished_subjects_are_forgotten_in_time(place: Place) -> None:
    place.want("update:U")
    place.worker().work()
    place.want("update:V")
    place.now += 501.0
    stopped = threading.Event()
    place.workflow.meanwhile = stopped.set
    place.worker().run(stopped)
    assert [found.key for found in place.subjects.all()] == ["update:V"]
