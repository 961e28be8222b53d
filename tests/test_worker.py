"""What a worker makes of subjects, on a real store and with a workflow that does as it is told."""

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fedora_openqa.errors import ConfigError, ServiceUnavailableError, SubjectError
from fedora_openqa.model.products import Scheduled
from fedora_openqa.model.requests import ComposeRequest, CoreOSRequest, Request, UpdateRequest
from fedora_openqa.model.work import Lease, SubjectState, Wanted
from fedora_openqa.ports import Ledger
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.worker import SCHEDULED_KINDS as KINDS
from fedora_openqa.worker import Scheduling, Worker


@dataclass
class Workflow:
    """Ends as it is told, and keeps what it was asked for."""

    ends: list[Scheduled | Exception] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def __call__(self, request: Request, ledger: Ledger) -> Scheduled:
        assert ledger.settled() == {}
        self.requests.append(request)
        self.meanwhile()
        end = self.ends.pop(0) if self.ends else Scheduled(target="x")
        if isinstance(end, Exception):
            raise end
        return end


@dataclass
class Place:
    subjects: Subjects
    workflow: Workflow
    now: float = 1000.0

    def worker(self, *, lease_seconds: float = 60.0, owner: str = "a") -> Worker:
        attempt = Scheduling(
            schedule=self.workflow,
            ledger=lambda lease: self.subjects.ledger(lease, clock=lambda: self.now),
            arches=("x86_64",),
        )
        return Worker(
            backlog=self.subjects,
            attempts=dict.fromkeys(KINDS, attempt),
            owner=owner,
            clock=lambda: self.now,
            lease_seconds=lease_seconds,
            keep_seconds=500.0,
            awake=threading.Event(),
        )

    def want(self, key: str = "update:U", *, again: bool = False, **request: object) -> None:
        kind = key.partition(":")[0]
        wanted = Wanted(key=key, kind=kind, request=request or {"update": "U"}, again=again)
        self.subjects.want(wanted, message_id=None, now=self.now)

    def state(self, key: str = "update:U") -> tuple[SubjectState, str | None]:
        found = self.subjects.find(key)
        assert found
        return found.state, found.reason


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(Subjects(open_engine(f"sqlite:///{tmp_path}/store.db")), Workflow())


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


@pytest.mark.parametrize("error", [SubjectError("doomed"), ZeroDivisionError("ours")])
def test_what_cannot_succeed_is_parked(place: Place, error: Exception) -> None:
    place.want()
    place.workflow.ends = [error]
    assert place.worker().work()
    state, reason = place.state()
    assert state is SubjectState.PARKED
    assert str(error) in (reason or "")


def test_a_wrong_deployment_stops_the_worker_and_loses_nothing(place: Place) -> None:
    place.want()
    place.workflow.ends = [ConfigError("no key")]
    with pytest.raises(ConfigError):
        place.worker().work()
    assert place.worker(owner="b").work()
    assert place.state() == (SubjectState.SCHEDULED, None)


def test_what_is_wanted_anew_meanwhile_is_not_finished(place: Place) -> None:
    place.want()
    place.workflow.meanwhile = lambda: place.want(again=True)
    place.worker().work()
    assert place.state() == (SubjectState.WANTED, None)


class Watched(Subjects):
    """Tells of renewals, and is away for a while."""

    renewed = threading.Event()
    #: called instead of leasing
    instead: Callable[[], None] | None = None

    def renew(self, lease: Lease, *, now: float, until: float) -> bool:
        kept = super().renew(lease, now=now, until=until)
        self.renewed.set()
        return kept

    def lease(
        self, owner: str, kinds: Collection[str], *, now: float, until: float
    ) -> Lease | None:
        if self.instead:
            self.instead()
            raise ServiceUnavailableError("locked")
        return super().lease(owner, kinds, now=now, until=until)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(open_engine(f"sqlite:///{tmp_path}/watched.db"))


def test_a_worker_that_lives_keeps_its_subject(watched: Watched) -> None:
    place = Place(watched, Workflow())
    place.want()

    def wait_beyond_the_lease() -> None:
        assert watched.lease("b", KINDS, now=place.now, until=place.now + 1) is None
        place.now += 0.05
        assert watched.renewed.wait(10)

    place.workflow.meanwhile = wait_beyond_the_lease
    assert place.worker(lease_seconds=0.06).work()
    assert place.state() == (SubjectState.SCHEDULED, None)


def test_a_database_that_is_away_makes_the_worker_wait(watched: Watched) -> None:
    stopped = threading.Event()
    worker = Place(watched, Workflow()).worker()

    def away() -> None:
        stopped.set()
        worker.awake.set()

    watched.instead = away
    worker.run(stopped)
    assert stopped.is_set()


def test_finished_subjects_are_forgotten_in_time(place: Place) -> None:
    place.want("update:U")
    place.worker().work()
    place.want("update:V")
    place.now += 501.0
    stopped = threading.Event()
    place.workflow.meanwhile = stopped.set
    place.worker().run(stopped)
    assert [found.key for found in place.subjects.all()] == ["update:V"]
