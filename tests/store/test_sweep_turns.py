"""Sweeps of several processes, in turn: on SQLite and PostgreSQL."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import pytest
from sqlalchemy import Engine

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.errors import LeaseLostError, ServiceUnavailableError
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.events import CoreOSBuildFinished, SubjectEvent, UpdateReady
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.sweeps import JobsListed, Sighting, Swept
from fedora_openqa.policy.sweeping import GRACE, subjects_seen
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.sweeps import COMPARED_FOR, Sweeps
from fedora_openqa.workflows import sweep as sweep_module
from fedora_openqa.workflows.deliver.catch_up import CatchUp, ResultsDBEvidence
from fedora_openqa.workflows.sweep import Sweep
from tests.store.timed import StoppedClock
from tests.support.fakes import FakeOpenQA
from tests.support.packages import update
from tests.support.resultsdb import BASE_URL, FakeResultsDB

EVERY = 1800.0
LEASE = 120.0
TABLE = load_flavor_tables().fedora
READY = UpdateReady(update=update("kernel-1-1.fc43", alias="FEDORA-2026-0000000001"), again=False)
BUILD = "Update-FEDORA-2026-0000000001"


@dataclass
class Source:
    """Counts how often it is asked."""

    name: str = "Bodhi"
    current: bool = True
    asked: int = 0
    #: called at each request
    during: list[threading.Event] = field(default_factory=list)

    def events(self, *, since: float, until: float) -> Sequence[SubjectEvent]:  # noqa: ARG002
        self.asked += 1
        for event in self.during:
            event.wait(60.0)
        return (READY,)


@dataclass
class Processes:
    """Processes with one store and one clock."""

    engine: Engine
    source: Source = field(default_factory=Source)
    openqa: FakeOpenQA = field(default_factory=FakeOpenQA)
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(1_000_000.0))

    def board(self) -> Sweeps:
        # an engine of its own, as another process has
        url = self.engine.url.render_as_string(hide_password=False)
        return Sweeps(open_engine(url), clock=self.clock)

    def process(self, name: str, *, schedules: bool = True, reports: bool = False) -> Sweep:
        board = self.board()
        evidence = ResultsDBEvidence(FakeResultsDB(), BASE_URL)
        catch_up = CatchUp(
            openqa=self.openqa,
            deliveries=Deliveries(self.engine, clock=self.clock),
            board=board,
            sinks=(evidence,),
            budget=100,
        )
        return Sweep(
            sources=(self.source,),
            board=board,
            inbox=Subjects(self.engine, clock=self.clock),
            openqa=self.openqa,
            new_jobs=self.openqa,
            table=TABLE,
            budget=100,
            clock=lambda: self.clock.now,
            owner=name,
            lease_seconds=LEASE,
            schedules=schedules,
            catch_up=catch_up if reports else None,
        )

    def sweep(self, process: Sweep) -> Swept | None:
        return process.sweep_in_turn(86_400.0, every=EVERY)


@pytest.fixture
def processes(engine: Engine) -> Processes:
    return Processes(engine)


def test_one_process_sweeps_and_the_others_find_nothing_to_do(processes: Processes) -> None:
    one, two = processes.process("a"), processes.process("b")
    first = processes.sweep(one)
    assert first
    assert first.wanted == (f"update:{READY.update.alias}",)
    assert processes.sweep(two) is None
    assert processes.sweep(one) is None
    assert processes.source.asked == 1


def test_other_processes_do_their_parts_with_what_one_has_asked_for(processes: Processes) -> None:
    scheduler = processes.process("a")
    reporter = processes.process("b", schedules=False, reports=True)
    assert processes.sweep(reporter)
    assert not Subjects(processes.engine).find(f"update:{READY.update.alias}")
    swept = processes.sweep(scheduler)
    assert swept
    assert (swept.found, len(swept.wanted)) == (1, 1)
    assert processes.sweep(reporter) is None
    assert processes.source.asked == 1


def test_while_one_process_sweeps_the_others_are_told_which(processes: Processes) -> None:
    goes_on = threading.Event()
    processes.source.during = [goes_on]
    with ThreadPoolExecutor() as pool:
        swept = pool.submit(processes.sweep, processes.process("qa01:1"))
        other = processes.process("qa02:2")
        while not processes.source.asked:
            assert not swept.done()
        with pytest.raises(LeaseLostError, match="qa01:1 sweeps"):
            other.sweep(1.0)
        goes_on.set()
        assert swept.result(60.0)
    assert processes.source.asked == 1


def test_the_lease_of_a_dead_sweeper_runs_out(processes: Processes) -> None:
    dead, alive = processes.board(), processes.process("b")
    dead.begin("a", seconds=LEASE)
    with pytest.raises(LeaseLostError):
        processes.sweep(alive)
    processes.clock.now += LEASE
    assert processes.sweep(alive)
    assert not dead.renew("a", seconds=LEASE)
    seen = alive.board.seen()
    with pytest.raises(LeaseLostError, match="the lease of a is over"):
        dead.gather("a", (), None, found={})
    assert alive.board.seen() == seen


def test_a_lease_that_is_renewed_lasts(processes: Processes) -> None:
    board = processes.board()
    board.begin("a", seconds=LEASE)
    processes.clock.now += LEASE - 1.0
    assert board.renew("a", seconds=LEASE)
    processes.clock.now += LEASE - 1.0
    with pytest.raises(LeaseLostError):
        board.begin("b", seconds=LEASE)


def test_the_process_that_swept_last_sweeps_next_unless_it_is_gone(processes: Processes) -> None:
    one, two = processes.process("a"), processes.process("b")
    assert processes.sweep(one)
    processes.clock.now += EVERY
    assert processes.sweep(two) is None
    assert processes.sweep(one)
    processes.clock.now += EVERY + GRACE
    assert processes.sweep(two)


def test_a_part_that_failed_is_done_by_the_next_process(processes: Processes) -> None:
    one, two = processes.process("a"), processes.process("b")

    def fail() -> None:
        raise ZeroDivisionError

    processes.openqa.before_build = fail
    with pytest.raises(ZeroDivisionError):
        processes.sweep(one)
    processes.openqa.before_build = lambda: None
    swept = processes.sweep(two)
    assert swept
    assert (len(swept.wanted), processes.source.asked) == (1, 1)


def test_marks_say_what_was_found(processes: Processes) -> None:
    stories = Stories(processes.engine, clock=processes.clock)
    assert stories.sweeps() == ()
    assert processes.sweep(processes.process("a", reports=True))
    found = {one.name: dict(one.counts) for one in stories.sweeps()}
    assert found == {
        "sweep": {"found": 1, "failed": 0},
        "sweep:scheduling": {"wanted": 1, "left": 0},
        "sweep:resultsdb": {"wanted": 0, "left": 0},
    }
    assert {one.at for one in stories.sweeps()} == {processes.clock.now}


def test_what_sources_had_is_read_as_it_was_stored(processes: Processes) -> None:
    coreos = CoreOSBuildFinished(buildid="45.20261119.91.0", arch="x86_64", url="https://x/y")
    seen, _ignored = subjects_seen(
        [Sighting(READY, current=True), Sighting(coreos, current=False)], TABLE
    )
    board = processes.board()
    board.begin("a", seconds=LEASE)
    board.gather("a", seen, None, found={})
    assert board.seen() == tuple(sorted(seen, key=lambda one: one.wanted.key))
    board.gather("a", seen[:1], None, found={})
    assert board.seen() == seen[:1]


def test_a_sink_is_switched_on_once_until_it_is_switched_off(processes: Processes) -> None:
    board, other = processes.board(), processes.board()
    assert board.switched_on(Sink.MAIL) is None
    began = board.switch_on(Sink.MAIL)
    processes.clock.now += 100.0
    assert (other.switch_on(Sink.MAIL), other.switched_on(Sink.MAIL)) == (began, began)
    other.switch_off(Sink.MAIL)
    assert board.switched_on(Sink.MAIL) is None
    assert board.switch_on(Sink.MAIL) == began + 100.0


def _settle(board: Sweeps, *jobs: int) -> None:
    board.compared(Sink.RESULTSDB, BUILD, digest="d", settled=True, jobs=jobs)


def _is_settled(board: Sweeps) -> bool:
    return board.comparisons(Sink.RESULTSDB)[BUILD].settled


def _job(number: int) -> Job:
    settings = {"BUILD": BUILD}
    return Job(id=number, flavor="x", arch="y", state="done", result="passed", settings=settings)


def test_new_jobs_open_their_builds_again_however_late_they_appear(processes: Processes) -> None:
    process, board = processes.process("a"), processes.board()
    processes.openqa.jobs = [_job(5), _job(9)]
    process.sweep(1.0)
    _settle(board, 5, 9)
    process.sweep(1.0)
    assert _is_settled(board)
    # restarted without a message
    processes.openqa.jobs.append(_job(12))
    process.sweep(1.0)
    assert not _is_settled(board)
    _settle(board, 5, 9, 12)
    # created by a transaction that ended late
    processes.openqa.jobs.append(_job(11))
    process.sweep(1.0)
    assert not _is_settled(board)


def test_where_openqa_does_not_list_new_jobs_the_next_list_has_them(
    processes: Processes,
) -> None:
    process, board = processes.process("a", schedules=False), processes.board()
    for number in (5, 6):
        # the second time it was listed before
        _settle(board, number - 1)
        processes.openqa.jobs.append(_job(number))
        processes.openqa.jobs_after = _raise  # type: ignore[method-assign] # openQA is away
        (failure,) = process.sweep(1.0).failed
        assert failure.name == "openQA about new jobs"
        assert _is_settled(board)
        processes.openqa.jobs_after = partial(FakeOpenQA.jobs_after, processes.openqa)  # type: ignore[method-assign] # it is back
        process.sweep(1.0)
        assert not _is_settled(board)


def test_more_new_jobs_than_are_listed_open_every_build_again(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep_module, "MOST_NEW_JOBS", 2)
    process, board = processes.process("a"), processes.board()
    process.sweep(1.0)
    _settle(board, 5, 6)
    processes.openqa.jobs = [_job(5), _job(6)]
    process.sweep(1.0)
    assert not _is_settled(board)


def test_comparisons_are_forgotten(processes: Processes) -> None:
    board = processes.board()
    _settle(board, 1)
    processes.clock.now += COMPARED_FOR + 1.0
    board.begin("a", seconds=LEASE)
    board.gather("a", (), JobsListed(newest=1, after=1), found={})
    assert board.comparisons(Sink.RESULTSDB) == {}


def _raise(job_id: int, *, most: int) -> tuple[Job, ...]:
    raise ServiceUnavailableError(f"503 after {job_id}, {most}")
