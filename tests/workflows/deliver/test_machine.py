"""Whatever happens to workers, messages and ResultsDB: each outcome is sent once, the last one last.

Tests are scheduled again without a clone relation, too: the newest run is sent last.
"""

import itertools
import tempfile
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fedora_openqa.errors import AmbiguousWriteError, ServiceUnavailableError
from fedora_openqa.model.results import Result
from tests.support.desk import SETTLES, Desk
from tests.support.examples import examples
from tests.support.resultsdb import FakeJobs, job

pytestmark = pytest.mark.timeout(600)  # on a busy machine

#: first runs of two tests, and second ones where there are such
TESTS = st.integers(1, 2)
JOBS = st.sampled_from([1, 2, 11, 12])
STATES = st.sampled_from(
    [
        {"state": "running", "result": "none"},
        {"state": "done", "result": "passed"},
        {"state": "done", "result": "failed"},
    ]
)
OUTCOMES = {
    ("scheduled", "none"): "QUEUED",
    ("running", "none"): "RUNNING",
    ("done", "passed"): "PASSED",
    ("done", "failed"): "FAILED",
}


class Fault(StrEnum):
    """What may happen at one request to ResultsDB."""

    REFUSED = "refused"
    #: before and after it has stored the result
    LOST = "lost"
    SILENCE = "silence"
    #: nobody answers, and it is stored as late as can be
    LATE = "late"
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    #: openQA says that a job has ended, perhaps the one that is being told of
    MESSAGE = "message"


class CrashError(BaseException):
    """The process is gone; nothing of it may catch this."""


FAULTS = st.dictionaries(st.integers(0, 3), st.sampled_from(Fault), max_size=3)


class ReportingMachine(RuleBasedStateMachine):
    """Jobs, messages and workers in any order."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        jobs = FakeJobs.of(*(job(number, "none", state="running") for number in range(1, 3)))
        self.desk = Desk(Path(self.folder.name), jobs)
        #: jobs of which a message told what they are now
        self.told: set[int] = set()
        #: results on their way to ResultsDB, and when each arrives
        self.late: list[tuple[float, Result]] = []
        self.be_well()

    @rule(job_id=JOBS, state=STATES)
    def a_job_changes_and_openqa_says_so(self, job_id: int, state: dict[str, str]) -> None:
        if job_id in self.desk.openqa.jobs:
            self.desk.openqa.change(job_id, **state)
            self.a_message_comes(job_id)

    @rule(job_id=JOBS)
    def a_message_comes(self, job_id: int) -> None:
        if job_id in self.desk.openqa.jobs:
            self.desk.event(job_id)
            self.told.add(job_id)

    @rule(number=TESTS, is_told=st.booleans())
    def a_test_is_scheduled_again(self, number: int, *, is_told: bool) -> None:
        job_id = 10 + number
        if job_id not in self.desk.openqa.jobs:
            again = job(job_id, "none", state="scheduled", TEST=f"test_{number}")
            self.desk.openqa.jobs[job_id] = again
            if is_told:
                self.a_message_comes(job_id)

    @rule(seconds=st.sampled_from([1.0, SETTLES / 2, SETTLES, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.desk.now += seconds

    @rule()
    def a_result_is_late_and_the_test_is_scheduled_again(self) -> None:
        self.a_job_changes_and_openqa_says_so(1, {"state": "done", "result": "failed"})
        self.a_worker_works({0: Fault.LATE}, looks_fail=False)
        self.a_test_is_scheduled_again(1, is_told=True)
        self.time_passes(SETTLES / 2)

    @rule(faults=FAULTS, looks_fail=st.booleans())
    def a_worker_works(self, faults: dict[int, Fault], *, looks_fail: bool) -> None:
        moments = itertools.count()
        current: list[Fault | None] = [None]

        def before(result: Result) -> None:
            self.arrive()
            current[0] = faults.get(next(moments))
            self.happen(
                current[0],
                {
                    Fault.REFUSED: lambda: _raise(ServiceUnavailableError("refused")),
                    Fault.LOST: lambda: _raise(AmbiguousWriteError("500")),
                    Fault.LATE: lambda: self.hold_up(result),
                    Fault.CRASH_BEFORE: lambda: _raise(CrashError()),
                    Fault.MESSAGE: self.a_job_ends_meanwhile,
                },
            )

        def after(_result: Result) -> None:
            self.happen(
                current[0],
                {
                    Fault.SILENCE: lambda: _raise(AmbiguousWriteError("no answer")),
                    Fault.CRASH_AFTER: lambda: _raise(CrashError()),
                },
            )

        def look() -> None:
            self.arrive()
            if looks_fail:
                raise ServiceUnavailableError("503")

        self.desk.resultsdb.before, self.desk.resultsdb.after = before, after
        self.desk.resultsdb.before_look = look
        try:
            self.desk.work_once()
        except CrashError:
            pass
        finally:
            self.be_well()

    def a_job_ends_meanwhile(self) -> None:
        result = "failed" if self.desk.openqa.jobs[1].result == "passed" else "passed"
        self.a_job_changes_and_openqa_says_so(1, {"state": "done", "result": result})

    def happen(self, fault: Fault | None, effects: dict[Fault, Callable[[], None]]) -> None:
        if fault in effects:
            effects[fault]()

    def be_well(self) -> None:
        self.desk.resultsdb.before = lambda _result: self.arrive()
        self.desk.resultsdb.after = lambda _result: None
        self.desk.resultsdb.before_look = self.arrive

    def hold_up(self, result: Result) -> None:
        self.late.append((self.desk.now + SETTLES - 1, result))
        raise AmbiguousWriteError("no answer in time")

    def arrive(self) -> None:
        self.desk.resultsdb.rows += [one for due, one in self.late if due <= self.desk.now]
        self.late = [(due, one) for due, one in self.late if due > self.desk.now]

    @invariant()
    def no_outcome_is_told_twice_in_a_row(self) -> None:
        for outcomes in self.outcomes().values():
            assert all(one != other for one, other in itertools.pairwise(outcomes)), outcomes

    def outcomes(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for number, outcome in self.desk.resultsdb.told():
            found.setdefault(int(number), []).append(outcome)
        return found

    def the_newest_run_is_told_last(self, number: int) -> None:
        runs = [one for one in (10 + number, number) if one in self.desk.openqa.jobs]
        newest = self.desk.openqa.jobs[runs[0]]
        rows = [row for row in self.desk.resultsdb.rows if row.testcase == f"update.test_{number}"]
        if newest.id in self.told:
            assert rows[-1].ref_url.endswith(f"/{newest.id}")
            assert rows[-1].outcome == OUTCOMES[newest.state, newest.result]

    def teardown(self) -> None:
        try:
            assert self.desk.work(rounds=60) < 60
            self.no_outcome_is_told_twice_in_a_row()
            self.time_passes(SETTLES)
            self.arrive()
            for number in range(1, 3):
                self.the_newest_run_is_told_last(number)
        finally:
            self.desk.engine.dispose()
            self.folder.cleanup()


def _raise(error: BaseException) -> None:
    raise error


TestReportingMachine = ReportingMachine.TestCase
TestReportingMachine.settings = settings(
    max_examples=examples(150), stateful_step_count=15, deadline=None
)
