"""A process reports itself, and logs what stops work in the deployment."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.health import Heard, Process
from fedora_openqa.model.work import Away, Wanted
from fedora_openqa.policy.health import ALIVE_SECONDS, STUCK_SECONDS, UNATTENDED_SECONDS
from fedora_openqa.store.health import Health
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.heartbeat import Heartbeat, Pulse
from tests.store.timed import StoppedClock
from tests.support.stores import new_store

TOPIC = "pungi.compose.status.change"

#: seconds that the clock of the store is ahead
AHEAD = 1_000.0


@dataclass
class Place:
    engine: Engine
    #: the clock of the store
    clock: StoppedClock

    def start(self, *lanes: str, pid: int = 1, role: str = "scheduler") -> Heartbeat:
        pulse = Pulse(
            lanes=dict.fromkeys(lanes),
            topics={TOPIC: Heard(None)},
            clock=lambda: self.clock.now - AHEAD,
        )
        process = Process(
            host="qa01", pid=pid, role=role, version="1", lanes={}, topics={}, started=0, seen=0
        )
        return Heartbeat(Health(self.engine, clock=self.clock), pulse, process)

    def processes(self) -> tuple[Process, ...]:
        return Health(self.engine, clock=self.clock).vitals().processes


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(new_store(tmp_path / "store.db"), StoppedClock(50_000.0))


def test_the_times_of_a_report_are_those_of_the_store(place: Place) -> None:
    heart = place.start("update", "compose")
    heart.beat()
    place.clock.now += 10
    heart.pulse.progress(["update"])
    heart.pulse.hear(TOPIC)
    place.clock.now += 10
    heart.beat()
    (process,) = place.processes()
    assert (process.started, process.seen) == (50_000.0, 50_020.0)
    assert process.lanes == {"update": 50_010.0, "compose": None}
    assert process.topics == {TOPIC: Heard(50_010.0)}


def test_a_new_process_of_a_role_knows_what_the_last_one_heard(place: Place) -> None:
    first = place.start()
    for _ in range(2):
        first.pulse.hear(TOPIC)
        place.clock.now += 100
    first.beat()
    second, other = place.start(pid=2), place.start(pid=3, role="worker")
    for heart in (second, other):
        heart.beat()
    of = {process.pid: process.topics[TOPIC] for process in place.processes()}
    assert of == {1: Heard(50_100.0, 100.0), 2: Heard(50_100.0, 100.0), 3: Heard(None)}
    second.pulse.hear(TOPIC)
    second.beat()
    (again,) = [process for process in place.processes() if process.pid == 2]
    assert again.topics[TOPIC].last == 50_200.0


def test_work_without_a_process_is_logged_once_by_every_process(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    Subjects(place.engine, clock=place.clock).want(Wanted("wiki:B", "wiki", {}), message_id=None)
    hearts = (place.start("update"), place.start(pid=2))
    place.clock.now += UNATTENDED_SECONDS + 1
    with caplog.at_level(logging.INFO, "fedora_openqa"):
        for _ in range(3):
            for heart in hearts:
                heart.beat()
        assert [message.partition(":")[0] for message in caplog.messages] == [
            "no process works on lane wiki"
        ] * 2
        wiki = place.start("wiki", pid=3)
        wiki.pulse.progress(["wiki"])
        wiki.beat()
        hearts[0].beat()
    assert caplog.messages[-1] == "no longer: no process: wiki"


def test_a_store_that_is_away_ends_no_process(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    heart = place.start()
    stopped = StopAfter(2)
    with place.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE process RENAME TO gone")
    replace(heart, every=0.0).run(stopped)  # type: ignore[arg-type] # all that is used of it
    assert caplog.text.count("this process is not reported") == 2


class StopAfter:
    """An Event that is set after so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0

    def wait(self, _seconds: float) -> None:
        pass


def test_a_store_that_answers_again_is_said_and_wakes_workers(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    woken: list[None] = []
    heart = replace(place.start(), every=0.0, back=lambda: woken.append(None))
    with place.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE process RENAME TO gone")
    heart.run(StopAfter(2))  # type: ignore[arg-type] # all that is used of it
    assert woken == []
    with place.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO process")
    heart.run(StopAfter(2))  # type: ignore[arg-type] # as above
    assert caplog.messages.count("the store answers again") == 1
    assert woken == [None]


def test_a_process_is_ready_once_the_store_has_answered(place: Place) -> None:
    heart = place.start("update")
    assert heart.unready() == ("the store does not answer",)
    heart.beat()
    assert heart.unready() == ()
    with place.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE process RENAME TO gone")
    heart.every = 0.0
    heart.run(StopAfter(1))  # type: ignore[arg-type] # all that is used of it
    assert heart.unready() == ("the store does not answer",)


def test_a_process_that_makes_no_progress_is_not_ready_but_one_whose_sink_is_away_is(
    place: Place,
) -> None:
    subjects = Subjects(place.engine, clock=place.clock)
    for key in ("update:U", "wiki:B"):
        subjects.want(Wanted(key, key.partition(":")[0], {}), message_id=None)
    heart = place.start("update", "wiki")
    heart.beat()
    place.clock.now += STUCK_SECONDS + 1
    lease = subjects.lease("a", ["wiki"], seconds=10.0)
    assert lease
    subjects.postpone_lane(lease, Away("502"), delay=lambda _waited: 30.0)
    heart.beat()
    assert heart.unready() == ("no progress in lane update",)
    heart.pulse.progress(["update"])
    heart.beat()
    assert heart.unready() == ()


def test_the_oldest_process_with_metrics_reads_those_of_the_deployment(place: Place) -> None:
    hearts = [place.start(pid=pid) for pid in (1, 2, 3)]
    for heart in hearts[1:]:
        heart.process = replace(heart.process, has_metrics=True)
    for _ in range(2):
        for heart in hearts:
            heart.beat()
            place.clock.now += 1
    assert [heart.leads for heart in hearts] == [False, True, False]
    place.clock.now += ALIVE_SECONDS
    hearts[2].beat()
    assert hearts[2].leads
