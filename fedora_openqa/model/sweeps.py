"""Sweeps: the events and subjects they find, and their results."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.events import SubjectEvent
from fedora_openqa.model.work import Wanted


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event from a source."""

    event: SubjectEvent
    #: True: it describes the present state (Bodhi); False: the state when a message was sent
    #: (Datagrepper)
    current: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A subject that should be scheduled, as one or several sources have it."""

    wanted: Wanted
    #: openQA's BUILD: ``"Update-FEDORA-2026-1bd5f4a0c2"``
    build: str
    #: only jobs of this arch are of the subject; None: all jobs of the BUILD are
    arch: str | None
    #: sorted NVRs of an update; None: another kind of subject
    content: tuple[str, ...] | None
    #: as of `Sighting`
    current: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """The subjects that were seen, compared with the store."""

    #: not in the store
    new: tuple[Seen, ...]
    #: in the store with another content, or with a location that fails
    changed: tuple[Seen, ...]
    #: number of subjects that are in the store as they are
    known: int


@dataclass(frozen=True, slots=True)
class JobsListed:
    """How far the lists of openQA's new jobs have got."""

    #: id of the newest job at the last sweep
    newest: int
    #: the next list begins after this id, that of the newest job one sweep earlier: openQA
    #: creates jobs in transactions, so that a lower id may appear after a higher one
    after: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """The last time that the sources were asked."""

    #: seconds since 1970
    at: float
    #: the process that asked: ``"qa01:4711"``
    by: str
    #: None: no jobs were listed
    jobs: JobsListed | None


@dataclass(frozen=True, slots=True)
class Turn:
    """The lease of sweeps, and what was done before."""

    #: time of the store, seconds since 1970
    now: float
    #: None: no sweep has asked the sources
    last: Gathered | None
    #: parts of a sweep (``"scheduling"``, or a sink), to when the sources had been asked whose
    #: answers the part has used
    done: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The last comparison of a sink with the jobs of a build."""

    #: of the content of the build; empty: unknown
    digest: str
    #: seconds since 1970
    at: float
    #: whether all jobs had ended, and the sink had the results of all
    settled: bool
    #: ids of all jobs
    jobs: frozenset[int]


@dataclass(frozen=True, slots=True)
class SweepMark:
    """What a part of the last sweep found."""

    #: ``"sweep"``, ``"sweep:scheduling"``, ``"sweep:resultsdb"``
    name: str
    #: seconds since 1970
    at: float
    #: numbers of subjects or builds: ``{"wanted": 2, "left": 90, "failed": 0}``
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Failure:
    """A service that could not be asked."""

    #: ``"Bodhi"``
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """Deliveries of recent builds that were missing."""

    #: the deliveries that are wanted now
    wanted: tuple[WantedDelivery, ...] = ()
    #: number of deliveries that the sinks had and the store did not; stored as delivered
    confirmed: int = 0
    #: openQA or a sink, for each build that it did not answer about
    failed: tuple[Failure, ...] = ()
    #: sinks to the builds that are left to the next sweep
    left: Mapping[Sink, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Swept:
    """Result of one sweep."""

    #: number of subjects that should have tests
    found: int
    #: number of those that the store has as they are
    known: int
    #: reasons why other events were ignored
    ignored: tuple[str, ...]
    #: keys of subjects that were not in the store although openQA has jobs of them
    has_jobs: tuple[str, ...]
    #: keys of subjects that are wanted now
    wanted: tuple[str, ...]
    #: keys of subjects left to the next sweep
    left: tuple[str, ...]
    #: sources that did not answer, and openQA for each subject that it did not answer about
    failed: tuple[Failure, ...]
    reports: CaughtUp = CaughtUp()


@dataclass(frozen=True, slots=True)
class Sighted:
    """Whether the newest sweep saw a subject."""

    #: when that sweep ended, seconds since 1970; None: none did
    at: float | None
    seen: bool
