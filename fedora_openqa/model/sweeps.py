"""What a sweep sees, and what came of it."""

from dataclasses import dataclass

from fedora_openqa.model.deliveries import WantedDelivery
from fedora_openqa.model.events import SubjectEvent
from fedora_openqa.model.work import Wanted


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event that a source tells of."""

    event: SubjectEvent
    #: the source says how things are now; others say how they were when something happened
    current: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A subject that should be scheduled, according to one source or several."""

    wanted: Wanted
    #: openQA's BUILD: ``"Update-FEDORA-2026-1bd5f4a0c2"``
    build: str
    #: the only arch whose jobs of that build are its own; ``None``: all are
    arch: str | None
    #: sorted NVRs of an update; None: another kind of subject
    content: tuple[str, ...] | None
    #: as of `Sighting`
    current: bool


@dataclass(frozen=True, slots=True)
class Undone:
    """What the store says of the subjects that were seen."""

    #: nobody told us of these
    new: tuple[Seen, ...]
    #: their content is another, or their location, where the stored one fails
    changed: tuple[Seen, ...]
    #: how many need nothing
    known: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Somebody who could not be asked."""

    #: ``"Bodhi"``
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What sinks were not told of recent builds."""

    #: what they will be told
    wanted: tuple[WantedDelivery, ...] = ()
    #: how much of what the store did not have, they had
    confirmed: int = 0
    #: openQA or a sink, for each build it did not answer about
    failed: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found, and what it left."""

    #: subjects that should have tests, each counted once
    found: int
    #: those of them that the store has as they are
    known: int
    #: why nothing follows from other events
    ignored: tuple[str, ...]
    #: keys of subjects that were new to the store, while openQA has jobs of them
    has_jobs: tuple[str, ...]
    #: keys of subjects that are wanted now
    wanted: tuple[str, ...]
    #: keys of subjects that the next sweep may look at
    left: tuple[str, ...]
    #: sources that did not answer, and openQA for each subject it did not answer about
    failed: tuple[Failure, ...]
    reports: CaughtUp = CaughtUp()
