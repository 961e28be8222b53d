"""How jobs of openQA count in a report, and which of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from fedora_openqa.model.products import Job
from fedora_openqa.texts import one_line


class Outcome(StrEnum):
    """What a report calls the end of a test; the worst first."""

    FAILED = "failed"
    SOFT_FAILED = "soft failed"
    RUNNING = "running"
    SKIPPED = "skipped"
    PASSED = "passed"


#: openQA's results (lib/OpenQA/Jobs/Constants.pm) to what they count as
OUTCOMES = {
    "passed": Outcome.PASSED,
    "softfailed": Outcome.SOFT_FAILED,
    "failed": Outcome.FAILED,
    "incomplete": Outcome.FAILED,
    "timeout_exceeded": Outcome.FAILED,
    # its partner failed: whatever it was to show, it has not
    "parallel_failed": Outcome.FAILED,
    # its parent failed, so it never ran
    "skipped": Outcome.SKIPPED,
    "obsoleted": None,
    "user_cancelled": None,
    "user_restarted": None,
    "parallel_restarted": None,
}

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


def outcome_of(job: Job) -> Outcome | None:
    """Say what a job counts as; nothing: not at all, as it was cancelled, obsoleted or restarted.

    A job that never ran because its parent failed is *cancelled* and *skipped* for
    openQA, so the result counts before the state. A job that has ended with a result we
    do not know has failed: a person should look at it.
    """
    if not job.is_ended:
        return Outcome.RUNNING
    if job.result in OUTCOMES:
        return OUTCOMES[job.result]
    return None if job.state == "cancelled" else Outcome.FAILED


#: each test that counts, to the job that does and what it counts as
Counted: TypeAlias = Mapping[Scenario, tuple[Job, Outcome]]


def counted(jobs: Iterable[Job]) -> Counted:
    """Choose the jobs that count: of each test the newest run that was not cancelled.

    So jobs that were restarted, or scheduled again, count once. If a restart was
    cancelled, it says nothing, and what ran before it still counts: ResultsDB has it, too.
    """
    chosen: dict[Scenario, tuple[Job, Outcome]] = {}
    for job in sorted(jobs, key=lambda job: job.id):
        outcome = outcome_of(job)
        if outcome is not None:
            chosen[scenario_of(job)] = (job, outcome)
    return chosen
