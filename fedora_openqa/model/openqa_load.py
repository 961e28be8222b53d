"""What openQA has to do, and with which workers; times are seconds since 1970.

Must not decide anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from fedora_openqa.model.forecast import Forecast
from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import RUNNING_STATES

T = TypeVar("T")

#: the class of jobs and workers that name none: openQA's own default
DEFAULT_CLASS = "qemu_x86_64"


class WorkerStatus(StrEnum):
    """openQA's words for the state of a worker (lib/OpenQA/Schema/Result/Workers.pm)."""

    IDLE = "idle"
    RUNNING = "running"
    #: it reports an error, and gets no jobs
    BROKEN = "broken"
    #: openQA has not heard of it for a while
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker of openQA: it runs one job at a time."""

    id: int
    #: host and instance: ``"qa01:3"``
    name: str
    #: a `WorkerStatus`, or a word of a newer openQA
    status: str
    #: sorted: ``("qemu_x86_64", "tap")``
    classes: tuple[str, ...]
    #: why it is broken; empty: it is not
    error: str = ""
    #: the job that it runs; None: none
    job_id: int | None = None

    @property
    def host(self) -> str:
        """The host: ``"qa01"``."""
        return self.name.rpartition(":")[0]

    @property
    def is_online(self) -> bool:
        """Whether openQA gives it jobs."""
        return self.status in {WorkerStatus.IDLE, WorkerStatus.RUNNING}


@dataclass(frozen=True, slots=True)
class QueuedJob:
    """A job that waits or runs."""

    id: int
    build: str
    scenario: Scenario
    #: a `fedora_openqa.model.jobs.JobState`, or a word of a newer openQA
    state: str
    #: openQA begins with the lowest number
    priority: int
    #: the worker classes that it needs, sorted
    classes: tuple[str, ...] = (DEFAULT_CLASS,)
    #: ids of the jobs that it runs after
    parents: tuple[int, ...] = ()
    #: ids of the jobs that it runs beside
    parallel: tuple[int, ...] = ()
    #: the job that it waits for; None: it waits for no job
    blocked_by: int | None = None
    #: the worker that has it
    worker_id: int | None = None
    started: float | None = None
    #: openQA's reason why it does not run yet; empty: an older openQA, or it says none
    reason: str = ""
    #: since when it waits for a worker, as far as it was seen; while it waits for another job: when
    #: it was first seen
    since: float = 0.0

    @property
    def runs(self) -> bool:
        """Whether a worker has it."""
        return self.state in RUNNING_STATES


@dataclass(frozen=True, slots=True)
class JobCounts:
    """The numbers of jobs that openQA counts itself: a list of jobs may be cut."""

    #: wait for a worker
    scheduled: int = 0
    #: wait for another job
    blocked: int = 0
    running: int = 0
    #: arch to state to the number of jobs
    by_arch: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class SnapshotName(StrEnum):
    """What is kept of the last reads of openQA, and what follows from them."""

    #: `QueuedJob` that wait
    WAITING = "waiting"
    #: `QueuedJob` that run
    RUNNING = "running"
    #: `Worker`
    WORKERS = "workers"
    #: `JobCounts`
    COUNTS = "counts"
    #: `fedora_openqa.model.forecast.Forecast`
    FORECAST = "forecast"
    #: `Moment`, the oldest first
    SERIES = "series"
    #: worker classes, as ``"qemu_x86_64,tap"``, to the `Wait` of jobs that began, the oldest first
    WAITS = "waits"


#: the reads of openQA, in their order: a job that begins in between is in both lists
READS = (
    SnapshotName.WAITING,
    SnapshotName.RUNNING,
    SnapshotName.WORKERS,
    SnapshotName.COUNTS,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What openQA had to do at a time."""

    at: float
    #: number of jobs that waited for a worker or a job, and that ran
    waiting: int
    running: int
    #: number of workers that openQA gave jobs
    online: int


class Wait(NamedTuple):
    """How long a job waited for a worker."""

    #: when it began
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[T]):
    """What was last read, and what came of the last try."""

    #: None: it was never read
    facts: T | None = None
    #: when it was read
    at: float | None = None
    #: why the last try failed; empty: it did not
    error: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """What openQA was last seen to do."""

    waiting: Snapshot[tuple[QueuedJob, ...]] = Snapshot()
    running: Snapshot[tuple[QueuedJob, ...]] = Snapshot()
    workers: Snapshot[tuple[Worker, ...]] = Snapshot()
    counts: Snapshot[JobCounts] = Snapshot()
    forecast: Snapshot[Forecast] = Snapshot()
    series: Snapshot[tuple[Moment, ...]] = Snapshot()
    waits: Snapshot[Mapping[str, tuple[Wait, ...]]] = Snapshot()

    @property
    def jobs(self) -> tuple[QueuedJob, ...]:
        """Return the jobs that wait or run, each once."""
        found = {job.id: job for job in (*(self.waiting.facts or ()), *(self.running.facts or ()))}
        return tuple(found.values())

    @property
    def at(self) -> float | None:
        """When all but the counts were last read; None: not all were."""
        times = [one.at for one in (self.waiting, self.running, self.workers)]
        known = [at for at in times if at is not None]
        return min(known) if len(known) == len(times) else None

    @property
    def errors(self) -> tuple[str, ...]:
        """Why the last tries failed, each reason once."""
        every = (self.waiting, self.running, self.workers, self.counts)
        return tuple(dict.fromkeys(one.error for one in every if one.error))


@dataclass(frozen=True, slots=True)
class OpenQALoad:
    """Jobs that wait or run, of all kinds, and workers: for metrics."""

    #: state and arch of the jobs to their number
    jobs: Mapping[tuple[str, str], int]
    #: worker class and status (idle, running, broken, dead) to the number of workers
    workers: Mapping[tuple[str, str], int]
    #: worker class to the seconds that its oldest job has been seen waiting
    oldest_scheduled: Mapping[str, float]
