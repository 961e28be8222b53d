"""Decides which jobs of openQA count in a report, and as what; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from fedora_openqa.model.jobs import Job, JobResult, JobState
from fedora_openqa.texts import one_line


class Bucket(StrEnum):
    """The group of tests that a test is listed in; the worst first."""

    FAILED = "failed"
    SOFT_FAILED = "soft failed"
    #: ended by a person or by openQA, so without a result
    CANCELLED = "cancelled"
    RUNNING = "running"
    SKIPPED = "skipped"
    PASSED = "passed"


#: from openQA's results (lib/OpenQA/Jobs/Constants.pm) to the group
OUTCOMES: Mapping[str, Bucket] = {
    JobResult.PASSED: Bucket.PASSED,
    JobResult.SOFTFAILED: Bucket.SOFT_FAILED,
    JobResult.FAILED: Bucket.FAILED,
    JobResult.INCOMPLETE: Bucket.FAILED,
    JobResult.TIMEOUT_EXCEEDED: Bucket.FAILED,
    # a job that ran in parallel failed, so this one shows nothing
    JobResult.PARALLEL_FAILED: Bucket.FAILED,
    # its parent failed, so it never ran
    JobResult.SKIPPED: Bucket.SKIPPED,
    JobResult.OBSOLETED: Bucket.CANCELLED,
    JobResult.USER_CANCELLED: Bucket.CANCELLED,
    # a restart whose copy is missing
    JobResult.USER_RESTARTED: Bucket.CANCELLED,
    JobResult.PARALLEL_RESTARTED: Bucket.CANCELLED,
}

#: from openQA's results, or states, to the words of the report, where they differ
ENDS: Mapping[str, str] = {
    JobResult.SOFTFAILED: "soft failed",
    JobResult.TIMEOUT_EXCEEDED: "timed out",
    JobResult.PARALLEL_FAILED: "failed beside another job",
    JobResult.USER_CANCELLED: "cancelled by a user",
    JobResult.USER_RESTARTED: "restarted without a copy",
    JobResult.PARALLEL_RESTARTED: "restarted without a copy",
}

#: outcomes of tests that make openQA skip their children
CAUSES = frozenset({Bucket.FAILED, Bucket.CANCELLED})

#: the usual machine of an arch, where it is not named like the arch
DEFAULT_MACHINES = {"x86_64": "64bit"}


@dataclass(frozen=True, slots=True)
class Scenario:
    """Identity of a test, equal in two composes."""

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
        """Its machine; empty: the usual one of its arch."""
        return "" if self.machine == DEFAULT_MACHINES.get(self.arch, self.arch) else self.machine

    @property
    def order(self) -> tuple[bool, str, str, str, str]:
        """Key to sort by; x86_64 comes first."""
        return (self.arch != "x86_64", self.arch, self.flavor, self.suite, self.machine)

    def __str__(self) -> str:
        """Return ``"x86_64 Server-dvd-iso install_default@uefi"``."""
        at = f"@{self.special_machine}" if self.special_machine else ""
        return f"{self.arch} {self.flavor} {self.suite}{at}"


def scenario_of(job: Job) -> Scenario:
    """Return the scenario of a job."""
    return Scenario(*map(one_line, (job.arch, job.flavor, job.test, job.machine)))


def outcome_of(job: Job) -> Bucket:
    """Return the group that a job counts in.

    A job that never ran because its parent failed has the state *cancelled* and the result
    *skipped* in openQA, so the result counts before the state. A job with an unknown result counts
    as failed: a person should look at it.
    """
    if not job.is_ended:
        return Bucket.RUNNING
    if job.result in OUTCOMES:
        return OUTCOMES[job.result]
    return Bucket.CANCELLED if job.state == JobState.CANCELLED else Bucket.FAILED


def end_of(job: Job) -> str:
    """Return the result of a job, or its state, in words: ``"timed out"``, ``"scheduled"``."""
    word = job.result if job.is_ended and job.result != JobResult.NONE else job.state
    return one_line(ENDS.get(word, word))


#: from each test to its newest job and the group of that job
Counted: TypeAlias = Mapping[Scenario, tuple[Job, Bucket]]


def counted(jobs: Iterable[Job]) -> Counted:
    """Return the newest job of each test.

    So a test that was restarted or scheduled again counts once. If its newest job was cancelled,
    the test is cancelled: ResultsDB has the new run as running, and gating waits for its result.
    """
    newest = sorted(jobs, key=lambda job: job.id)
    return {scenario_of(job): (job, outcome_of(job)) for job in newest}


def last_end_before(job: Job, jobs: Iterable[Job]) -> Job | None:
    """Return the newest earlier job of the same test that was not cancelled."""
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
    """Return each skipped test with its nearest ancestor that failed or was cancelled.

    A skipped test whose parents all passed, or are unknown, is not in it.

    :param jobs: all of the BUILD
    :param tests: the newest job of each test
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
            # a parallel job may have been skipped because of its own parents
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
