"""What a person can be told about stored work; times are seconds since 1970."""

from collections.abc import Mapping
from dataclasses import dataclass

from fedora_openqa.model.deliveries import Absence, Delivery
from fedora_openqa.model.work import StoredSubject


@dataclass(frozen=True, slots=True)
class Pause:
    """A lane that a person has stopped."""

    #: ``"update"`` or ``"update:43"``
    lane: str
    #: who has stopped it
    by: str
    reason: str
    since: float


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """The number of subjects of one lane in each state."""

    lane: str
    #: wanted, and a worker may take it now
    due: int
    #: wanted, but put off
    waiting: int
    #: wanted, and a worker is at it
    leased: int
    scheduled: int
    reported: int
    skipped: int
    parked: int
    #: when the oldest of what is wanted was asked for
    oldest: float | None


@dataclass(frozen=True, slots=True)
class Status:
    """How the whole store is doing."""

    now: float
    lanes: tuple[LaneStatus, ...]
    #: lane to reason, of the configuration
    configured: Mapping[str, str]
    pauses: tuple[Pause, ...]
    absences: tuple[Absence, ...]
    #: when the last message was stored
    last_message: float | None
    #: when the last sweep ended
    last_sweep: float | None


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message that named a subject."""

    id: str
    seen: float


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """What came of one product, as the store has it."""

    #: of the request
    number: int
    flavor: str
    arch: str
    #: openQA's BUILD
    build: str
    #: ``"intended"``, or a `fedora_openqa.model.products.ProductState`
    state: str
    job_ids: tuple[int, ...]
    reason: str | None
    updated: float


@dataclass(frozen=True, slots=True)
class Story:
    """All that the store knows of a subject."""

    subject: StoredSubject
    #: when the newest request was made
    asked: float
    #: who works on it, and until when at the most
    leased: tuple[str, float] | None
    #: the oldest first
    messages: tuple[SeenMessage, ...]
    #: of all requests, the oldest first
    products: tuple[StoredProduct, ...]
    #: what a sink should be told, the oldest first
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that may keep a subject from being scheduled."""

    #: ``"block list"``
    name: str
    #: why it does; nothing: it does not
    reason: str | None


@dataclass(frozen=True, slots=True)
class JobCounts:
    """How the jobs of one build that we know of are at present."""

    build: str
    #: state or, of a job that is done, result, to number of jobs
    counts: Mapping[str, int]
    #: jobs whose newest copy was counted instead
    copied: int = 0
    #: jobs that openQA no longer has
    gone: int = 0
    #: why openQA could not be asked
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """A subject as far as anybody knows it."""

    subject: str
    #: nothing: the store does not know it
    stories: tuple[Story, ...]
    #: what its name and the holds of today say; nothing: the name says nothing
    rules: tuple[Rule, ...]
    #: nothing: nobody asked openQA
    jobs: tuple[JobCounts, ...] = ()
    #: lanes of its stories that wait, and why
    absences: tuple[Absence, ...] = ()
