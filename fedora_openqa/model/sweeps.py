"""Sweeps: the events and subjects they find, and their results."""

from dataclasses import dataclass

from fedora_openqa.model.deliveries import WantedDelivery
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
