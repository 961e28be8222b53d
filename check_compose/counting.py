"""Decides which jobs of openQA count in a report; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.buckets import bucket_of
from fedora_openqa.texts import one_line

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


#: from each test to its newest job and the group of that job
Counted: TypeAlias = Mapping[Scenario, tuple[Job, Bucket]]


def counted(jobs: Iterable[Job]) -> Counted:
    """Return the newest job of each test.

    So a test that was restarted or scheduled again counts once. If its newest job was cancelled,
    the test is cancelled: ResultsDB has the new run as running, and gating waits for its result.
    """
    newest = sorted(jobs, key=lambda job: job.id)
    return {scenario_of(job): (job, bucket_of(job)) for job in newest}


def last_end_before(job: Job, jobs: Iterable[Job]) -> Job | None:
    """Return the newest earlier job of the same test that was not cancelled."""
    scenario = scenario_of(job)
    earlier = (
        one
        for one in jobs
        if one.id < job.id
        and scenario_of(one) == scenario
        and bucket_of(one) is not Bucket.CANCELLED
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
