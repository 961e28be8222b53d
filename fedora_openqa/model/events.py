"""Events: what messages say has happened in Fedora."""

from dataclasses import dataclass
from typing import TypeAlias

from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.subjects import Update


@dataclass(frozen=True, slots=True)
class ComposeFinished:
    """Pungi finished a compose."""

    #: the parts that old messages do not have are empty
    name: ComposeName
    #: the URL of its ``/compose`` folder
    location: str
    #: ``"RC-1.6"``; only candidates have one
    label: str | None


@dataclass(frozen=True, slots=True)
class UpdateReady:
    """An update is ready to be tested: a new one, or one whose builds changed."""

    update: Update
    #: a person asked for its tests to run again
    again: bool


@dataclass(frozen=True, slots=True)
class CoreOSBuildFinished:
    """Fedora CoreOS finished a build for an arch."""

    buildid: str
    arch: str
    #: the URL of its folder
    url: str


@dataclass(frozen=True, slots=True)
class JobsChanged:
    """Jobs of openQA were created, restarted or ended; only openQA has their present state."""

    #: after a restart: those of the copies
    job_ids: tuple[int, ...]
    #: openQA's BUILD; empty: they have none
    build: str
    #: whether they are in a final state
    ended: bool
    #: what the message says of them; empty: too little
    known: tuple[StoredJob, ...] = ()
    #: after a restart: each job with its copy
    copies: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CloudImageTested:
    """Autocloud tested a cloud image."""

    #: Autocloud's id of the job
    job_id: str
    compose_id: str
    image_url: str
    #: ``"success"``, ``"failed"``
    status: str


#: events that ask for tests
SubjectEvent: TypeAlias = ComposeFinished | UpdateReady | CoreOSBuildFinished
#: events that may ask for deliveries
ReportEvent: TypeAlias = JobsChanged | CloudImageTested
Event: TypeAlias = SubjectEvent | ReportEvent
