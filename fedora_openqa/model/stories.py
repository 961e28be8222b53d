"""Views of the store for people; times are seconds since 1970."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fedora_openqa.model.deliveries import Absence, Delivery
from fedora_openqa.model.forecast import BuildForecast
from fedora_openqa.model.health import Problem, Process
from fedora_openqa.model.jobs import Job, Settings
from fedora_openqa.model.sweeps import SweepMark
from fedora_openqa.model.work import StoredSubject


@dataclass(frozen=True, slots=True)
class Pause:
    """A lane that a person has stopped."""

    #: ``"update"`` or ``"update:43"``
    lane: str
    #: the person who stopped it
    by: str
    reason: str
    #: seconds since 1970
    since: float
    #: the time at which it ends by itself; None: it ends with `resume`
    until: float | None = None


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """The number of subjects of one lane in each state."""

    lane: str
    #: wanted, and due now
    due: int
    #: wanted, and postponed
    waiting: int
    #: wanted, and leased by a worker
    leased: int
    scheduled: int
    reported: int
    skipped: int
    parked: int
    #: when the oldest wanted subject was asked for; None: none is wanted
    oldest: float | None


@dataclass(frozen=True, slots=True)
class Status:
    """State of the whole store."""

    now: float
    lanes: tuple[LaneStatus, ...]
    #: lanes paused by the configuration, to the reason
    configured: Mapping[str, str]
    pauses: tuple[Pause, ...]
    absences: tuple[Absence, ...]
    #: when the last message was stored; None: none was
    last_message: float | None
    #: when the last sweep ended; None: none did
    last_sweep: float | None
    #: those that have reported themselves lately
    processes: tuple[Process, ...] = ()
    #: what a person should look at, the worst first
    problems: tuple[Problem, ...] = ()
    #: what the parts of the last sweeps found
    sweeps: tuple[SweepMark, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message that named a subject."""

    id: str
    seen: float


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """One product, as stored."""

    #: number of the request
    number: int
    flavor: str
    arch: str
    #: all settings that are posted
    settings: Settings
    #: ``"intended"``, or a `fedora_openqa.model.products.ProductState`
    state: str
    job_ids: tuple[int, ...]
    reason: str | None
    updated: float

    @property
    def build(self) -> str:
        """OpenQA's BUILD."""
        return self.settings.get("BUILD", "")


@dataclass(frozen=True, slots=True)
class Story:
    """A subject with its messages, products and deliveries, as stored."""

    subject: StoredSubject
    #: when the newest request was stored
    asked: float
    #: the worker and the end of its lease; None: no worker has it
    leased: tuple[str, float] | None
    #: messages that named it, the oldest first
    messages: tuple[SeenMessage, ...]
    #: of all requests, the oldest first
    products: tuple[StoredProduct, ...]
    #: its deliveries if it is a sink's lane for a build, the oldest first
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class ParkedPage:
    """Some of the parked subjects."""

    #: the newest first
    subjects: tuple[StoredSubject, ...]
    #: number of all parked subjects
    total: int


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that may keep a subject from being scheduled."""

    #: ``"block list"``
    name: str
    #: why it does; None: it does not
    reason: str | None


@dataclass(frozen=True, slots=True)
class JobCounts:
    """The states of the stored jobs of one build, as openQA has them now."""

    build: str
    #: result of the jobs that are done, state of the others, to the number of jobs
    counts: Mapping[str, int]
    #: number of jobs whose newest copy was counted instead
    copied: int = 0
    #: number of jobs that openQA no longer has
    gone: int = 0
    #: why openQA could not be asked; None: it was
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """All that is known about a subject."""

    subject: str
    #: empty: the store does not have it
    stories: tuple[Story, ...]
    #: the rules that were checked by its name; empty: the name does not say its kind
    rules: tuple[Rule, ...]
    #: empty: openQA was not asked
    jobs: tuple[JobCounts, ...] = ()
    #: the absences of its lanes
    absences: tuple[Absence, ...] = ()
    #: the jobs that openQA has of its builds, by their ids; empty: it was not asked
    known: Mapping[int, Job] = field(default_factory=dict)
    #: when its jobs will have ended; None: none of them is in openQA's queue
    forecast: BuildForecast | None = None
