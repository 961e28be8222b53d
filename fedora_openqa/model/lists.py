"""Subjects in lists, each with what a line about it says. Must not decide anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.work import StoredSubject, SubjectState


@dataclass(frozen=True, slots=True)
class SubjectFilter:
    """Which subjects a list has; empty: all."""

    #: ``"compose"``
    kind: str = ""
    #: openQA's VERSION of its products: ``"43"``, ``"Rawhide"``
    release: str = ""
    #: arch of one of its products
    arch: str = ""
    state: SubjectState | None = None
    #: what its name begins with: ``"FEDORA-2026-"``
    start: str = ""
    #: changed since then, seconds since 1970
    since: float = 0.0


@dataclass(frozen=True, slots=True)
class ListedSubject:
    """A line of a list."""

    subject: StoredSubject
    #: when its newest request was stored
    asked: float
    #: openQA's BUILD; empty: its name does not say
    build: str
    #: of its products
    releases: tuple[str, ...]
    arches: tuple[str, ...]
    #: openQA's state and result to the number of its jobs that were not restarted
    jobs: Mapping[tuple[str, str], int]
    #: the states of its results on their way
    sinks: Mapping[Sink, SubjectState]


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """Some of the subjects, the last changed first."""

    subjects: tuple[ListedSubject, ...]
    #: whether there are more
    more: bool
