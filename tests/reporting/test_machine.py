"""Whatever happens to workers, messages and ResultsDB: each outcome is told once, the last at last."""

import itertools
import tempfile
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fedora_openqa.errors import AmbiguousWriteError, ServiceUnavailableError
from fedora_openqa.model.reports import Result
from tests.reporting.resultsdb import FakeJobs, job
from tests.reporting.test_resultsdb import SETTLES, Desk

JOBS = st.integers(1, 4)
STATES = st.sampled_from(
    [
        {"state": "running", "result": "none"},
        {"state": "done", "result": "passed"},
        {"state": "done", "result": "failed"},
    ]
)
OUTCOMES = {
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
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    #: openQA says that a job has ended, perhaps the one that is being told of
    MESSAGE = "message"


class CrashError(BaseException):
    """The process is gone; nothing of it may catch this."""


FAULTS = st.dictionaries(st.integers(0, 6), st.sampled_from(Fault), max_size=4)


class ReportingMachine(RuleBasedStateMachine):
    """Jobs, messages and workers in any order."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        jobs = FakeJobs.of(*(job(number, "none", state="running") for number in range(1, 5)))
        self.desk = Desk(Path(self.folder.name), jobs)
        #: jobs of which a message told what they are now
        self.told: set[int] = set()

    @rule(job_id=JOBS, state=STATES)
    def a_job_changes_and_openqa_says_so(self, job_id: int, state: dict[str, str]) -> None:
        self.desk.openqa.change(job_id, **state)
        self.desk.event(job_id)
        self.told.add(job_id)

    @rule(job_id=JOBS)
    def a_message_comes_for_nothing(self, job_id: int) -> None:
        self.desk.event(job_id)
        self.told.add(job_id)

    @rule(seconds=st.sampled_from([1.0, SETTLES, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.desk.now += seconds

    @rule(faults=FAULTS, looks_fail=st.booleans())
    def a_worker_works(self, faults: dict[int, Fault], *, looks_fail: bool) -> None:
        moments = itertools.count()
        current: list[Fault | None] = [None]

        def before(_result: Result) -> None:
            current[0] = faults.get(next(moments))
            self.happen(
                current[0],
                {
                    Fault.REFUSED: lambda: _raise(ServiceUnavailableError("refused")),
                    Fault.LOST: lambda: _raise(AmbiguousWriteError("500")),
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
        self.desk.resultsdb.before = self.desk.resultsdb.after = lambda _result: None
        self.desk.resultsdb.before_look = lambda: None

    @invariant()
    def no_outcome_is_told_twice_in_a_row(self) -> None:
        for outcomes in self.outcomes().values():
            assert all(one != other for one, other in itertools.pairwise(outcomes)), outcomes

    def outcomes(self) -> dict[int, list[str]]:
        found: dict[int, list[str]] = {}
        for number, outcome in self.desk.resultsdb.told():
            found.setdefault(int(number), []).append(outcome)
        return found

    def teardown(self) -> None:
        try:
            assert self.desk.work(rounds=60) < 60
            self.no_outcome_is_told_twice_in_a_row()
            for job_id in self.told:
                now = self.desk.openqa.jobs[job_id]
                assert self.outcomes()[job_id][-1] == OUTCOMES[now.state, now.result]
        finally:
            self.desk.engine.dispose()
            self.folder.cleanup()


def _raise(error: BaseException) -> None:
    raise error


TestReportingMachine = ReportingMachine.TestCase
TestReportingMachine.settings = settings(max_examples=150, stateful_step_count=15, deadline=None)
