"""The report on a compose, as values: what is said, not how."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from check_compose.counting import Bucket, Scenario
from check_compose.facts import ImageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTest:
    """One test of the compose."""

    scenario: Scenario
    #: openQA's job: ``3912399``
    id: int
    #: ``"https://openqa.fedoraproject.org/tests/3912399"``
    url: str
    outcome: Bucket
    #: how it ended, or its state, more exactly: ``"timed out"``
    end: str
    #: why, in openQA's words, or the module that failed; empty: openQA does not say
    reason: str
    #: how it was in the previous compose; nothing: it was not there
    before: Bucket | None
    #: there is a previous compose, in which it ended otherwise or was not there
    is_new: bool
    #: gating asks for it
    required: bool
    #: gating asks for it, and is not satisfied
    gating: bool
    #: there is a previous compose, which has no tests of this flavor and arch
    is_of_new_image: bool = False
    #: the job that it was skipped because of; None: it was not skipped, or nobody knows
    waits_for: int | None = None
    #: the tests that were skipped because of it
    waiting: "tuple[CheckedTest, ...]" = ()

    @property
    def ending(self) -> str:
        """How and why it ended, where its outcome does not say it all; else empty."""
        if self.end == self.outcome and not self.reason:
            return ""
        return ": ".join(filter(None, (self.end, self.reason)))


class GatingState(StrEnum):
    """What the gating check comes to."""

    PASSES = "passes"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedRequirement:
    """A requirement that no test of the compose could satisfy."""

    #: Greenwave's word without what all begin with: ``"MISSING"``
    type: str
    #: ``"compose.cloud_autocloud"``
    testcase: str
    #: nothing: any
    scenario: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingReport:
    """What Greenwave says."""

    #: ``"Rawhide"``
    name: str
    state: GatingState
    #: Greenwave's words, or why it has none
    summary: str
    unmapped: tuple[UnmappedRequirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A line about the system that a test has installed."""

    #: ``"2 packages(s) added since previous compose: bash, zsh"``
    text: str
    #: all packages or services that it is about
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReport:
    """What has changed inside the system that one test has installed."""

    scenario: Scenario
    #: never empty
    changes: tuple[Change, ...]
    previous_url: str
    current_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything to be said about a compose."""

    #: ``"Fedora-Rawhide-20261120.n.0"``
    compose: str
    #: the URL of its ``/compose`` folder; empty: nobody knows
    location: str
    #: the id of what it is compared with; nothing: there is nothing
    previous: str | None
    #: nothing: nobody could tell
    missing_images: tuple[ImageKind, ...] | None
    #: not in the previous compose; nothing: nobody could tell
    added_images: tuple[ImageKind, ...] | None
    #: in the previous compose only; nothing: nobody could tell
    removed_images: tuple[ImageKind, ...] | None
    #: nothing: there is no gating for such composes
    gating: GatingReport | None
    #: each once, in the order people expect them
    tests: tuple[CheckedTest, ...]
    systems: tuple[SystemReport, ...]
    project_url: str
    #: all jobs of the compose, earlier runs of its tests too
    jobs: int

    @property
    def subject(self) -> str:
        """What a mail of it is called."""
        return f"{self.compose} compose check report"

    @property
    def totals(self) -> Mapping[str, int]:
        """Count the tests of each arch."""
        return Counter(test.scenario.arch for test in self.tests)

    @property
    def earlier_runs(self) -> int:
        """Count the jobs that are earlier runs of tests."""
        return self.jobs - len(self.tests)

    def having(self, outcome: Bucket) -> tuple[CheckedTest, ...]:
        """List the tests that ended in one way."""
        return tuple(test for test in self.tests if test.outcome is outcome)
