"""The report on a compose as values; it does not decide how they are written."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from check_compose.counting import Scenario
from check_compose.facts import ImageKind
from fedora_openqa.model.buckets import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is remembered of a test."""

    #: a letter for each of its last runs, the newest first: ``"FPPSP"``
    strip: str
    #: how many of its last runs failed although the same build passed, too
    unchanged_failed: int
    #: number of these runs
    unchanged_of: int
    #: number of other tests, in all builds, that seem to have failed for the same cause
    same_cause: int

    @property
    def lines(self) -> tuple[str, ...]:
        """The same in words."""
        found = [f"Last runs, the newest first: {self.strip}"]
        if self.unchanged_failed:
            found.append(
                f"Flaky: failed {self.unchanged_failed} of the last {self.unchanged_of}"
                " on unchanged builds"
            )
        if self.same_cause:
            tests = "test" if self.same_cause == 1 else "tests"
            found.append(f"Same cause as in {self.same_cause} other {tests}")
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTest:
    """One test of the compose."""

    scenario: Scenario
    #: openQA's job: ``3912399``
    id: int
    #: ``"https://openqa.fedoraproject.org/tests/3912399"``
    url: str
    outcome: Bucket
    #: how the job ended, or its state, more exactly than the outcome: ``"timed out"``
    end: str
    #: openQA's reason, or the module that failed; empty: unknown
    reason: str
    #: its outcome in the previous compose; None: it was not there
    before: Bucket | None
    #: there is a previous compose, where it had another outcome or was not there
    is_new: bool
    #: gating requires it
    required: bool
    #: gating requires it, and the requirement is not satisfied
    gating: bool
    #: there is a previous compose, and it has no tests of this flavor and arch
    is_of_new_image: bool = False
    #: id of the job whose failure made openQA skip this test; None: not skipped, or unknown
    waits_for: int | None = None
    #: the tests that openQA skipped because of this one
    waiting: "tuple[CheckedTest, ...]" = ()
    #: None: it did not fail, or nothing is remembered of it
    past: Past | None = None
    #: our page about its runs; empty: there is none to link to
    page_url: str = ""

    @property
    def ending(self) -> str:
        """How and why the test ended; empty: its outcome says it all."""
        if self.end == self.outcome and not self.reason:
            return ""
        return ": ".join(filter(None, (self.end, self.reason)))


class GatingState(StrEnum):
    """The result of the gating check."""

    PASSES = "passes"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmappedRequirement:
    """A gating requirement that matches no openQA test of the compose."""

    #: Greenwave's type in upper case, without ``test-result-``: ``"MISSING"``
    type: str
    #: ``"compose.cloud_autocloud"``
    testcase: str
    #: None: any scenario
    scenario: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingReport:
    """Greenwave's decision on the compose."""

    #: name of the policy, for headings: ``"Rawhide"``
    name: str
    state: GatingState
    #: Greenwave's summary, or why there is no decision
    summary: str
    unmapped: tuple[UnmappedRequirement, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the systems that a test installed from two composes."""

    #: ``"2 packages(s) added since previous compose: bash, zsh"``
    text: str
    #: names of all packages or services that were added or removed
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemReport:
    """The differences between the systems that one test installed from two composes."""

    scenario: Scenario
    #: never empty
    changes: tuple[Change, ...]
    previous_url: str
    current_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The compose check report of one compose."""

    #: ``"Fedora-Rawhide-20261120.n.0"``
    compose: str
    #: the URL of its ``/compose`` folder; empty: unknown
    location: str
    #: the id of the compose that it is compared with; None: there is none
    previous: str | None
    #: expected images that the compose lacks; None: unknown
    missing_images: tuple[ImageKind, ...] | None
    #: images that only this compose has; None: unknown
    added_images: tuple[ImageKind, ...] | None
    #: images that only the previous compose has; None: unknown
    removed_images: tuple[ImageKind, ...] | None
    #: None: no gating policy is configured for such composes
    gating: GatingReport | None
    #: one for each scenario, in the order of `Scenario.order`
    tests: tuple[CheckedTest, ...]
    systems: tuple[SystemReport, ...]
    project_url: str
    #: number of all jobs of the compose, earlier runs of its tests included
    jobs: int
    #: our page about the compose; empty: there is none to link to
    page_url: str = ""

    @property
    def title(self) -> str:
        """``"Fedora-Rawhide-20261120.n.0 compose check report"``."""
        return f"{self.compose} compose check report"

    @property
    def totals(self) -> Mapping[str, int]:
        """Number of tests by arch."""
        return Counter(test.scenario.arch for test in self.tests)

    @property
    def earlier_runs(self) -> int:
        """Number of jobs that are earlier runs of tests."""
        return self.jobs - len(self.tests)

    def having(self, outcome: Bucket) -> tuple[CheckedTest, ...]:
        """Return the tests with an outcome."""
        return tuple(test for test in self.tests if test.outcome is outcome)
