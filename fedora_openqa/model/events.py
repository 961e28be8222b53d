"""What happened in Fedora, as messages tell it; in the past tense."""

from dataclasses import dataclass
from typing import TypeAlias

from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.subjects import Update


@dataclass(frozen=True, slots=True)
class ComposeFinished:
    """Pungi finished a compose."""

    #: what old messages do not say of it is empty
    name: ComposeName
    #: the URL of its ``/compose`` folder
    location: str
    #: ``"RC-1.6"``; only candidates have one
    label: str | None


@dataclass(frozen=True, slots=True)
class UpdateReady:
    """Bodhi has an update that is ready to be tested: a new one, or with other builds."""

    update: Update
    #: a person asked for its tests to run again
    again: bool


@dataclass(frozen=True, slots=True)
class CoreOSBuildFinished:
    """Fedora CoreOS has a new build for an arch."""

    buildid: str
    arch: str
    #: the URL of its folder
    url: str


@dataclass(frozen=True, slots=True)
class JobsChanged:
    """Jobs of openQA began, ended or were made: what they are now, openQA says."""

    #: the new ones, after a restart
    job_ids: tuple[int, ...]
    #: openQA's BUILD; empty if they have none
    build: str
    #: they will not change by themselves any more
    ended: bool


@dataclass(frozen=True, slots=True)
class CloudImageTested:
    """Autocloud has tested a cloud image."""

    #: of Autocloud
    job_id: str
    compose_id: str
    image_url: str
    #: ``"success"``, ``"failed"``
    status: str


#: what asks for tests
SubjectEvent: TypeAlias = ComposeFinished | UpdateReady | CoreOSBuildFinished
#: what there may be to report of
ReportEvent: TypeAlias = JobsChanged | CloudImageTested
Event: TypeAlias = SubjectEvent | ReportEvent
