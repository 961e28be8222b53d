"""When builds will be done, as far as the queue of openQA says; times are seconds since 1970.

Must not decide anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fedora_openqa.model.work import SubjectState


class Durations(NamedTuple):
    """Seconds that a test runs."""

    #: the median
    usual: float
    #: nine of ten runs were not longer
    long: float


@dataclass(frozen=True, slots=True)
class BuildForecast:
    """When the jobs of a build that wait or run will have ended."""

    build: str
    #: if all tests take their usual time; None: `never` or `unknown` says why
    expected: float | None = None
    #: if all tests take long
    long: float | None = None
    #: nineteen of twenty builds were not done sooner; where too few were compared: as expected
    not_before: float | None = None
    #: four of five builds were done by then at least; None: too few were compared
    usually_by: float | None = None
    #: why some of its jobs never run as things are: ``"no worker has class tap"``
    never: tuple[str, ...] = ()
    #: why nothing can be said; empty: it can
    unknown: str = ""
    #: tests whose duration is not known: that of their flavor is taken
    assumed: tuple[str, ...] = ()
    #: why its jobs wait, to their number: ``"workers of tap are busy"``
    waits: Mapping[str, int] = field(default_factory=dict)
    running: int = 0
    waiting: int = 0
    #: the lowest number of its jobs that wait; None: none waits
    priority: int | None = None
    #: when the oldest of its jobs was first seen
    since: float | None = None
    #: when the oldest of its jobs that run began; None: none runs, or that is not known
    oldest: float | None = None
    #: worker classes that its jobs need, sorted
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drain:
    """When the last of the jobs begins that need some worker classes and wait at present."""

    #: if all tests take their usual time, and if they take long; None: `never` says why
    soonest: float | None = None
    latest: float | None = None
    #: why some of them never run as things are
    never: tuple[str, ...] = ()


class Took(NamedTuple):
    """Seconds that builds of a kind took from the scheduling of their tests to the last result."""

    #: one of twenty took less
    least: float
    #: four of five did not take more
    most: float
    #: number of the builds
    builds: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the queue says of all builds in it."""

    #: when the queue was seen
    at: float
    builds: tuple[BuildForecast, ...] = ()
    #: worker classes that jobs wait for, as ``"qemu_x86_64,tap"``
    drains: Mapping[str, Drain] = field(default_factory=dict)
    #: kind of subject to what its builds took in the last month
    took: Mapping[str, Took] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What was said of a build when its tests had been scheduled, and when it was done."""

    #: key of the subject and number of its request
    key: str
    number: int
    build: str
    #: kind of the subject: ``"update"``
    kind: str
    #: when it was said
    at: float
    expected: float
    #: what was said
    not_before: float
    #: None: only the lower bound was
    usually_by: float | None = None
    #: None: it is not done
    ended: float | None = None

    @property
    def ratio(self) -> float | None:
        """What the build took, as a share of what was expected; None: it is not done."""
        if self.ended is None:
            return None
        # an expectation of seconds says nothing
        return max(self.ended - self.at, 1.0) / max(self.expected - self.at, 60.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A subject of the store: since when it is wanted, and by whom."""

    #: ``"update:FEDORA-2026-1bd5f4a0c2"``
    key: str
    lane: str
    #: of its request
    number: int
    state: SubjectState
    #: when its newest request was stored
    asked: float
    #: when it changed last
    updated: float
    #: the message that caused the newest request; None: a sweep did
    message_id: str | None = None
    #: when it is tried next
    due: float = 0.0
    attempts: int = 0
    last_error: str | None = None
    #: the worker that has it; None: none has
    leased_by: str | None = None
