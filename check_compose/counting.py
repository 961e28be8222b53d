"""How jobs of openQA count in a report, and which of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from fedora_openqa.model.jobs import Job, JobResult, JobState
from fedora_openqa.texts import one_line


class Bucket(StrEnum):
    """What a report calls the end of a test; the worst first."""

    FAILED = "failed"
    SOFT_FAILED = "soft failed"
    #: put an end to by a person or by openQA, so that it says nothing
    CANCELLED = "cancelled"
    RUNNING = "running"
    SKIPPED = "skipped"
    PASSED = "passed"


#: openQA's results (lib/OpenQA/Jobs/Constants.pm) to what they count as
OUTCOMES: Mapping[str, Bucket] = {
    JobResult.PASSED: Bucket.PASSED,
    JobResult.SOFTFAILED: Bucket.SOFT_FAILED,
    JobResult.FAILED: Bucket.FAILED,
    JobResult.INCOMPLETE: Bucket.FAILED,
    JobResult.TIMEOUT_EXCEEDED: Bucket.FAILED,
    # its partner failed: whatever it was to show, it has not
    JobResult.PARALLEL_FAILED: Bucket.FAILED,
    # its parent failed, so it never ran
    JobResult.SKIPPED: Bucket.SKIPPED,
    JobResult.OBSOLETED: Bucket.CANCELLED,
    JobResult.USER_CANCELLED: Bucket.CANCELLED,
    # without the copy that was to take its place
    JobResult.USER_RESTARTED: Bucket.CANCELLED,
    JobResult.PARALLEL_RESTARTED: Bucket.CANCELLED,
}

#: openQA's results to what a report calls them, where it has no other word of its own
ENDS: Mapping[str, str] = {
    JobResult.SOFTFAILED: "soft failed",
    JobResult.TIMEOUT_EXCEEDED: "timed out",
    JobResult.PARALLEL_FAILED: "failed beside another job",
    JobResult.USER_CANCELLED: "cancelled by a user",
    JobResult.USER_RESTARTED: "restarted without a copy",
    JobResult.PARALLEL_RESTARTED: "restarted without a copy",
}

#: outcomes of tests that skipped tests wait for
CAUSES = frozenset({Bucket.FAILED, Bucket.CANCELLED})

#: what a test runs on if nothing else is said; on other arches: a machine named like the arch
DEFAULT_MACHINES = {"x86_64": "64bit"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What makes a test the same in two composes."""

    #: ``"x86_64"``
    arch: str
    #: ``"Server-dvd-iso"``
    flavor: str
    #: ``"install_default_upload"``
    suite: str
    #: ``"64bit"``, ``"uefi"``
    machine: str

    @property
    def special_machine(self) -> str:
        """Its machine if that is not its arch's default; else empty."""
        return "" if self.machine == DEFAULT_MACHINES.get(self.arch, self.arch) else self.machine

    @property
    def order(self) -> tuple[bool, str, str, str, str]:
        """Sort it: the arch that most people look at goes first."""
        return (self.arch != "x86_64", self.arch, self.flavor, self.suite, self.machine)

    def __str__(self) -> str:
        """Name it: ``"x86_64 Server-dvd-iso install_default@uefi"``."""
        at = f"@{self.special_machine}" if self.special_machine else ""
        return f"{self.arch} {self.flavor} {self.suite}{at}"


def scenario_of(job: Job) -> Scenario:
    """Say which test a job is a run of."""
    return Scenario(*map(one_line, (job.arch, job.flavor, job.test, job.machine)))


def outcome_of(job: Job) -> Bucket:
    """Return what a job counts as.

    A job that never ran because its parent failed is *cancelled* and *skipped* for
    openQA, so the result counts before the state. A job that has ended with a result we
    do not know has failed: a person should look at it.
    """
    if not job.is_ended:
        return Bucket.RUNNING
    if job.result in OUTCOMES:
        return OUTCOMES[job.result]
    return Bucket.CANCELLED if job.state == JobState.CANCELLED else Bucket.FAILED


def end_of(job: Job) -> str:
    """Return how a job ended, or its state: ``"timed out"``, ``"scheduled"``."""
    word = job.result if job.is_ended and job.result != JobResult.NONE else job.state
    return one_line(ENDS.get(word, word))


#: each test to its newest run, and what that counts as
Counted: TypeAlias = Mapping[Scenario, tuple[Job, Bucket]]


def counted(jobs: Iterable[Job]) -> Counted:
    """Choose the jobs that count: the newest run of each test.

    So jobs that were restarted, or scheduled again, count once. If a restart was cancelled,
    the test is cancelled: ResultsDB was told that it runs again, and gating waits for that.
    """
    newest = sorted(jobs, key=lambda job: job.id)
    return {scenario_of(job): (job, outcome_of(job)) for job in newest}


def last_end_before(job: Job, jobs: Iterable[Job]) -> Job | None:
    """Return the newest earlier run of a test that was not cancelled."""
    scenario = scenario_of(job)
    earlier = (
        one
        for one in jobs
        if one.id < job.id
        and scenario_of(one) == scenario
        and outcome_of(one) is not Bucket.CANCELLED
    )
    return max(earlier, key=lambda one: one.id, default=None)


def causes_of_skips(jobs: Iterable[Job], tests: Counted) -> Mapping[Scenario, Scenario]:
    """Return each skipped test with the nearest test before it that did not end well.

    A skipped test whose parents all passed, or are not known, is left out.

    :param jobs: all of the build
    :param tests: those that count
    """
    scenarios = {job.id: scenario_of(job) for job in jobs}
    return {
        scenario: cause
        for scenario, (_job, outcome) in tests.items()
        if outcome is Bucket.SKIPPED and (cause := _cause(scenario, scenarios, tests))
    }


def _cause(skipped: Scenario, scenarios: Mapping[int, Scenario], tests: Counted) -> Scenario | None:
    seen = {skipped}
    nearest = [skipped]
    while nearest:
        relatives = [
            scenarios[job_id]
            for scenario in nearest
            # what runs beside it may have been skipped because of its own parents
            for job_id in (*tests[scenario][0].parents, *tests[scenario][0].parallel)
            if job_id in scenarios
        ]
        nearest = []
        for scenario in dict.fromkeys(relatives):
            if tests[scenario][1] in CAUSES:
                return scenario
            if tests[scenario][1] is Bucket.SKIPPED and scenario not in seen:
                seen.add(scenario)
                nearest.append(scenario)
    return None
