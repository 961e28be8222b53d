"""What is tested or waits at present, and with which workers; times are seconds since 1970."""

from dataclasses import dataclass
from enum import StrEnum

from fedora_openqa.model.forecast import BuildForecast, Drain
from fedora_openqa.model.openqa_load import JobCounts, Moment, Worker


class Stage(StrEnum):
    """How far a subject is."""

    #: a worker of openQA has a job of it
    RUNNING = "running"
    #: all its jobs that are open wait
    WAITING = "waiting"
    #: its tests are not scheduled yet
    UNPOSTED = "unposted"


@dataclass(frozen=True, slots=True)
class Present:
    """A subject that is tested or waits."""

    #: its key in the store; empty: the store has no subject of the build
    key: str
    #: openQA's BUILD; empty: its tests are not scheduled yet
    build: str
    stage: Stage
    #: ``"message 01c2…"``, ``"a sweep"``, ``"a person or another tool"``
    asked_by: str
    #: when it was asked for, or first seen in openQA
    since: float | None
    #: why it waits, the most frequent reason first
    waits: tuple[str, ...] = ()
    #: number of its jobs that are known to have ended
    done: int = 0
    #: without jobs while its tests are not scheduled yet; None: nothing is said
    forecast: BuildForecast | None = None
    #: when it is tried next; None: its tests are scheduled
    due: float | None = None
    attempts: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Now:
    """All subjects that are tested or wait."""

    now: float
    #: when openQA was last read; None: never
    seen: float | None
    #: what was read of openQA says nothing about the present
    is_stale: bool
    #: why the last reads failed
    errors: tuple[str, ...]
    #: those that run, those that wait, those without jobs; the oldest of each first
    subjects: tuple[Present, ...]


@dataclass(frozen=True, slots=True)
class Age:
    """How old what is known of openQA's queue and workers is."""

    now: float
    #: when openQA was last read; None: never
    seen: float | None
    #: what was read says nothing about the present
    is_stale: bool
    #: why the last reads failed
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassCapacity:
    """The workers that take jobs of some classes, and the jobs that need exactly these."""

    #: ``"qemu_x86_64,tap"``
    name: str
    online: int
    busy: int
    broken: int
    dead: int
    running: int
    #: that wait for a worker
    waiting: int
    #: that wait for another job
    blocked: int
    #: since when the oldest waits for a worker; None: none does
    oldest: float | None
    #: seconds that jobs waited for a worker which began within a day: the median; None: none began
    usual_wait: float | None
    #: when the last of those that wait begins; None: none waits, or it is not known
    drain: Drain | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """The workers of openQA and what waits for them."""

    now: float
    seen: float | None
    is_stale: bool
    errors: tuple[str, ...]
    classes: tuple[ClassCapacity, ...]
    #: workers that get no jobs, by name
    lost: tuple[Worker, ...]
    #: numbers that openQA counts itself; None: they were never read
    counts: JobCounts | None
    #: number of waiting jobs that were read: fewer than openQA counts, if the list was cut
    listed: int
    #: the last day, the oldest first
    series: tuple[Moment, ...]
