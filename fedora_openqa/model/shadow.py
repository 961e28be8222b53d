"""How what a shadow recorded differs from what the system beside it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from fedora_openqa.model.wiki import WikiPass


class Service(StrEnum):
    """A service that shows what the system beside the shadow did."""

    OPENQA = "openQA"
    RESULTSDB = "ResultsDB"
    WIKI = "wiki"


class Verdict(StrEnum):
    """Which side has a product, a result or a cell."""

    SAME = "same"
    OURS = "ours only"
    THEIRS = "theirs only"
    DIFFERS = "differs"


class Explanation(StrEnum):
    """A reason why a difference is expected: mostly a known defect of the old tools."""

    POSTED_TWICE = "the old tool posts a product without an image again for each message"
    RESTARTED = "the old tool posts a product again after a repeated message, and its jobs restart"
    NO_IMAGE = "the old tool posts a CoreOS build without a live ISO, with a URL that ends in /None"
    OLD_RUN = "the old tool reports a run of a test although there is a newer one"
    SILENT = "openQA sends no message about jobs that never ran, and the old tool waits for one"
    ANNOUNCED = "the old tool leaves a job as QUEUED or RUNNING that is cancelled"
    NO_TEMPLATES = "openQA has no job templates for it, and makes no jobs of it"


@dataclass(frozen=True, slots=True)
class KeyDifference:
    """A key that has another value on the other side."""

    #: a job setting, or a key of ResultsDB's result: ``"LABEL"``, ``"outcome"``
    name: str
    #: None: the side does not have it
    ours: str | None
    theirs: str | None

    def __str__(self) -> str:
        """Return it as ``LABEL: ours "RC-1.2", theirs none``."""
        ours, theirs = ("none" if one is None else f'"{one}"' for one in (self.ours, self.theirs))
        return f"{self.name}: ours {ours}, theirs {theirs}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A product, result or cell on both sides."""

    service: Service
    #: openQA's BUILD
    build: str
    #: ``"Server-dvd-iso x86_64"``, ``"compose.base_selinux of job 7"``, or the place of a cell
    about: str
    verdict: Verdict
    keys: tuple[KeyDifference, ...] = ()
    #: why we do not have it; None: we have it, or do not know
    reason: str | None = None
    #: None: the difference is not expected
    explanation: Explanation | None = None

    @property
    def is_difference(self) -> bool:
        """Whether the sides differ, and nothing explains it."""
        return self.verdict is not Verdict.SAME and self.explanation is None


@dataclass(frozen=True, slots=True, kw_only=True)
class OurProduct:
    """A product that we would have posted."""

    flavor: str
    arch: str
    settings: Mapping[str, str]
    #: number of requests that we would have posted it for
    posts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OurResult:
    """A result that we would have reported."""

    #: URL of the job
    ref_url: str
    testcase: str
    #: the last outcome that we recorded
    outcome: str
    #: values by key, as ResultsDB returns them; empty: they can no longer be made
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PassedCells:
    """The cells of result pages that have a pass of a program."""

    #: those that were asked about
    wanted: frozenset[WikiPass] = frozenset()
    #: those that were asked about, and have no place
    impossible: frozenset[WikiPass] = frozenset()
    #: places of all others: ``"Base / x86_64 / QA:Testcase_base_selinux / Server"``
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowDiff:
    """Everything that a shadow recorded since a time, compared."""

    comparisons: tuple[Comparison, ...] = ()
    #: what could not be found out, and why
    unknown: tuple[str, ...] = ()
    #: what is not compared: subjects and builds that are not done, and those that a sweep found
    skipped: tuple[str, ...] = ()
    #: reports that would have been mailed; no service shows which mails were sent
    mails: tuple[str, ...] = ()

    @property
    def differences(self) -> tuple[Comparison, ...]:
        """What differs and is not explained."""
        return tuple(one for one in self.comparisons if one.is_difference)

    @property
    def explained(self) -> tuple[Comparison, ...]:
        """What differs as expected."""
        return tuple(one for one in self.comparisons if one.explanation)

    def number_of_same(self, service: Service) -> int:
        """Return the number of products, results or cells of a service that do not differ."""
        same = (one for one in self.comparisons if one.verdict is Verdict.SAME)
        return sum(one.service is service for one in same)
