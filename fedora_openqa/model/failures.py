"""Failures of jobs: what identifies one, and what it says about its cause.

Must not decide anything.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from fedora_openqa.model.history import StoredJob


class FailureKind(StrEnum):
    """Where the cause of a failure is."""

    #: what is tested
    PRODUCT = "product"
    #: the code or the schedule of the test
    TEST = "test"
    #: workers, network, openQA itself
    INFRA = "infra"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """What a beginning of openQA's reasons says about the cause."""

    #: in lower case: ``"asset failure"``
    begins: str
    kind: FailureKind


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """What failures of one cause have in common, as far as one job shows it."""

    #: the first failed module that is fatal, or else the first: ``"_console_wait_login"``; empty:
    #: no module failed, or none is known
    module: str = ""
    #: without a module: openQA's result, ``"incomplete"``
    result: str = ""
    #: without a module: openQA's reason, what varies replaced by ``*``; empty: there is none
    reason: str = ""

    def __str__(self) -> str:
        """Return it as text: ``"_console_wait_login"``, ``"incomplete: backend died: *"``."""
        return self.module or ": ".join(part for part in (self.result, self.reason) if part)


@dataclass(frozen=True, slots=True)
class FailedRun:
    """A stored job that failed by itself, and the passed runs of its scenario around it."""

    job: StoredJob
    #: the newest run that passed before it, of the same VERSION; None: none is known
    before: "PassedRun | None" = None
    #: the oldest one that passed after it
    after: "PassedRun | None" = None


class PassedRun(NamedTuple):
    """A run that passed."""

    id: int
    #: id of the job that it is a copy of; its own: it is no copy
    origin_id: int
    #: openQA's BUILD
    build: str
    #: seconds since the epoch; None: not known
    finished: float | None = None


@dataclass(frozen=True, slots=True)
class FailureNote:
    """What a person has decided about failures with one cause."""

    #: id of a job among them
    id: int
    #: empty: no title, no bug
    title: str = ""
    bug: str = ""
    #: None: a person has not said it
    kind: FailureKind | None = None
    #: seconds since the epoch: failures until then are dealt with; None: they are not
    closed: float | None = None
    #: ids of jobs that a person split off from others, to be failures of their own
    apart: tuple[int, ...] = ()
    #: who decided last
    by: str = ""
    #: seconds since the epoch, of the last decision
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class FailureRule:
    """What a person calls all failures whose modules or reason have a text."""

    #: ``"No space left on device"``, in any case
    text: str
    #: only jobs of this test, and on this arch; empty: of all
    test: str = ""
    arch: str = ""
    #: empty: no title, no bug
    title: str = ""
    bug: str = ""
    #: who made it
    by: str = ""
    #: seconds since the epoch
    at: float = 0.0
    #: of the store; 0: it is not stored
    id: int = 0


@dataclass(frozen=True, slots=True)
class RulePreview:
    """The jobs of the last days that a rule is about."""

    #: number of jobs that failed, and that passed
    failed: int
    passed: int
    #: names of the tests that failed, sorted
    tests: tuple[str, ...]
    #: ids of the clusters that it would name: no person has given them a title or a bug
    clusters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides now; None: as before."""

    #: for people: ``"bug: https://bugzilla.redhat.com/show_bug.cgi?id=7"``
    said: str
    #: empty: taken away
    title: str | None = None
    bug: str | None = None
    kind: FailureKind | None = None
    close: bool = False
    #: ids of jobs that are split off, in ascending order
    apart: tuple[int, ...] = ()


class FailureState(StrEnum):
    """What is known of the end of a cause."""

    #: a job with it failed in the last days, after it was closed if it was
    OPEN = "open"
    #: no job failed with it since
    OVER = "over"
    #: a person closed it, and no job failed with it since
    CLOSED = "closed"


class Trait(StrEnum):
    """What jobs may have in common, and other jobs at the same time too."""

    FLAVOR = "flavor"
    ARCH = "arch"
    MACHINE = "machine"
    #: of the worker
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Hint:
    """A fact that failures have in common."""

    #: ``"arch"``, ``"first build"``
    what: str
    #: ``"aarch64"``
    value: str
    #: number of failures it is true for, of those for which it is known
    count: int
    of: int
    #: of other jobs at that time for which it is true, the number that passed, and that passed or
    #: failed; None: they are not counted
    others_passed: int | None = None
    others: int | None = None


@dataclass(frozen=True, slots=True)
class FailureCluster:
    """Failed jobs that seem to have one cause."""

    #: id of its oldest job
    id: int
    #: VERSION; empty: of several releases, or not known
    series: str
    #: that of the oldest job first
    signatures: tuple[Signature, ...]
    kind: FailureKind
    #: the oldest first
    runs: tuple[FailedRun, ...]
    #: what a person decided
    note: FailureNote | None = None
    #: the oldest rule that is about half of its jobs; what a person decided goes before it. None:
    #: there is none
    rule: FailureRule | None = None

    @property
    def title(self) -> str:
        """What a person or a rule calls it, or where the first of its jobs failed."""
        return self._named("title") or str(self.signatures[0])

    @property
    def bug(self) -> str:
        """The bug that a person or a rule linked; empty: none."""
        return self._named("bug")

    def _named(self, what: str) -> str:
        return next((name for it in (self.note, self.rule) if (name := getattr(it, what, ""))), "")

    @property
    def builds(self) -> tuple[str, ...]:
        """The BUILDs of its jobs, the first that failed first."""
        return tuple(dict.fromkeys(run.job.build for run in self.runs))

    @property
    def tests(self) -> tuple[str, ...]:
        """The names of its tests, sorted."""
        return tuple(sorted({run.job.scenario.test for run in self.runs}))

    @property
    def arches(self) -> tuple[str, ...]:
        """The arches of its jobs, sorted."""
        return tuple(sorted({run.job.scenario.arch for run in self.runs}))

    @property
    def first_seen(self) -> float:
        """The time at which the first of its jobs ended."""
        return min(run.job.finished or 0.0 for run in self.runs)

    @property
    def last_seen(self) -> float:
        """The time at which the last of its jobs ended."""
        return max(run.job.finished or 0.0 for run in self.runs)


@dataclass(frozen=True, slots=True)
class FailuresSeen:
    """The clusters of some days."""

    #: seconds since the epoch
    now: float
    #: each with its state; the one with the oldest job first
    clusters: tuple[tuple[FailureCluster, FailureState], ...]
    #: the oldest first
    rules: tuple[FailureRule, ...] = ()
