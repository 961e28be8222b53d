"""The end of a process: its threads end in time, or are left without their leases."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.model.sweeps import Swept
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Finished, Lease, Step, SubjectState, Wanted
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.service import Service
from fedora_openqa.workflows.sweep import Sweeper
from fedora_openqa.workflows.worker import Worker
from tests.support.stores import new_store

LANE = "update"


@dataclass
class Place:
    """A process with one worker, whose attempt takes until the test ends it."""

    subjects: Subjects
    deliveries: Deliveries
    begun: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    failures: list[BaseException] = field(default_factory=list)

    def attempt(self, _lease: Lease) -> Step:
        self.begun.set()
        self.go_on.wait()
        return Finished(SubjectState.SCHEDULED)

    def begin(self, stop_seconds: float, *, sweeper: Sweeper | None = None) -> Service:
        worker = Worker(
            backlog=self.subjects,
            attempts={LANE: self.attempt},
            owner="a",
            lease_seconds=600.0,
            keep_seconds=1e9,
            awake=threading.Event(),
        )
        service = Service(
            role="worker",
            intake=Intake(self.subjects, FlavorTable({}, {}), self.deliveries),
            workers=(worker,),
            sweeper=sweeper,
            stop_seconds=stop_seconds,
        )
        service.start(self.failures.append)
        return service

    def want(self, key: str) -> None:
        self.subjects.want(Wanted(f"{LANE}:{key}", LANE, {}), message_id=None)

    def leased(self) -> str | None:
        lease = self.subjects.lease("b", [LANE], seconds=600.0)
        return lease.key if lease else None


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    engine = new_store(tmp_path / "store.db")
    place = Place(Subjects(engine), Deliveries(engine))
    yield place
    place.go_on.set()
    assert place.failures == []


def test_a_subject_in_the_middle_is_finished_and_no_other_is_begun(place: Place) -> None:
    place.want("U")
    service = place.begin(stop_seconds=60.0)
    assert place.begun.wait(60)
    place.want("V")
    threading.Timer(0.1, place.go_on.set).start()
    assert service.end()
    found = place.subjects.find(f"{LANE}:U")
    assert found
    assert found.state is SubjectState.SCHEDULED
    assert place.leased() == f"{LANE}:V"


def test_what_takes_too_long_is_given_back(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    place.want("U")
    service = place.begin(stop_seconds=0.2)
    assert place.begun.wait(60)
    assert place.leased() is None
    assert not service.end()
    assert place.leased() == f"{LANE}:U"
    assert f"{LANE}:U is not finished, and given back" in caplog.text


def test_a_database_that_does_not_answer_holds_no_process(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.want("U")
    service = place.begin(stop_seconds=0.2)
    assert place.begun.wait(60)

    def freeze(_lease: Lease) -> bool:
        return place.go_on.wait()

    monkeypatch.setattr(place.subjects, "give_back", freeze)
    assert not service.end()


def test_a_subject_that_was_leased_while_the_process_ends_is_given_back(place: Place) -> None:
    place.want("U")
    service = place.begin(stop_seconds=60.0)
    assert place.begun.wait(60)
    place.go_on.set()
    assert service.end()
    place.want("V")
    stopped = threading.Event()
    stopped.set()
    (worker,) = service.workers
    assert not worker.work(stopped)
    assert place.leased() == f"{LANE}:V"


def test_the_sweeper_is_waited_for(place: Place) -> None:
    swept = list[str]()

    def sweep() -> Swept:
        place.begun.set()
        place.go_on.wait()
        swept.append("once")
        raise ServiceUnavailableError("nothing answers")

    sweeper = Sweeper(sweep=sweep, every=60.0, found=lambda: None, first_after=0.0)
    service = place.begin(stop_seconds=60.0, sweeper=sweeper)
    assert place.begun.wait(60)
    threading.Timer(0.1, place.go_on.set).start()
    assert service.end()
    assert swept == ["once"]
