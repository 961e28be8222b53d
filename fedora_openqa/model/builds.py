"""What is stored of the jobs of a build, compared with another build, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.forecast import BuildForecast
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.stories import Story


@dataclass(frozen=True, slots=True)
class BuildJobs:
    """The jobs of a build, as stored."""

    #: openQA's BUILD
    build: str
    #: by id, those included of which there is a copy
    jobs: tuple[StoredJob, ...] = ()
    #: when one of them was last heard of or read, seconds since 1970; None: there are none
    heard: float | None = None


class Category(StrEnum):
    """What has become of a test; the first need a person."""

    #: passed before, fails now
    REGRESSION = "regression"
    #: failed before, passes now
    FIXED = "fixed"
    #: waits or runs, or may still be scheduled
    NOT_YET = "not yet"
    #: fails now, had no result before
    NEW_FAILURE = "new failure"
    #: failed before and now
    STILL_FAILING = "still failing"
    #: passes now, had no result before
    NEW_PASS = "new pass"  # noqa: S105 - no password
    #: has no result now: it was cancelled or skipped
    NO_RESULT = "no result"
    #: is new, without a result
    APPEARED = "appeared"
    #: is not there any more
    DISAPPEARED = "disappeared"
    #: passed before and now
    STILL_PASSING = "still passing"


@dataclass(frozen=True, slots=True)
class ScenarioChange:
    """A test in two builds."""

    scenario: Scenario
    category: Category
    #: its newest job in each build; None: it has none
    before: StoredJob | None
    after: StoredJob | None


@dataclass(frozen=True, slots=True)
class BuildComparison:
    """The tests of a build beside those of another."""

    build: str
    #: the build that it is compared with
    other: str
    #: the categories in their order, x86_64 first in each
    changes: tuple[ScenarioChange, ...]


class Judgement(StrEnum):
    """What the tests of a build say about it."""

    GOOD = "good"
    BAD = "bad"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement and the reasons of it."""

    judgement: Judgement
    #: ``"2 tests failed"``; good needs no reason
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildSummary:
    """What the stored products and jobs of a build say."""

    build: str
    #: whether all its tests have ended; None: the store cannot know
    complete: bool | None
    #: why it is not complete, or why that is not known; empty: it is
    incomplete: str
    verdict: Verdict
    #: groups to the number of tests, by their newest jobs; groups without any are left out
    counts: Mapping[Bucket, int]
    #: number of tests that wait for a worker, of those that run
    waiting: int
    #: when one of its jobs was last heard of, seconds since 1970; None: none is known
    heard: float | None
    #: the newest job of each test
    newest: tuple[StoredJob, ...] = ()
    #: when its jobs will have ended; None: none of them is in openQA's queue
    forecast: BuildForecast | None = None


@dataclass(frozen=True, slots=True)
class BuildStory:
    """A build with its history."""

    summary: BuildSummary
    #: of its subject, and of the sinks that have its results; empty: the store knows none
    stories: tuple[Story, ...]

    @property
    def is_known(self) -> bool:
        """Whether the store knows its subject or a job of it."""
        return bool(self.stories or self.summary.newest)
