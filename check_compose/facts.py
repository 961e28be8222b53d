"""What is known of a compose before it is judged: plain values, gathered elsewhere.

Texts in here are foreign and may hold anything. This decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from fedora_openqa.model.gating import Decision
from fedora_openqa.model.jobs import Job


@dataclass(frozen=True, slots=True, order=True)
class ImageKind:
    """An image, as far as composes can be compared by it."""

    #: ``"Cloud_Base"``; fedfind spells those it expects in lower case
    subvariant: str
    #: ``"raw-xz"``
    type: str
    #: ``"x86_64"``
    arch: str


@dataclass(frozen=True, slots=True)
class ReportedAs:
    """What ResultsDB calls a job, and so Greenwave."""

    #: ``"compose.install_default_upload"``
    testcase: str
    #: ``"fedora.Server-dvd-iso.x86_64.64bit"``
    scenario: str


class Log(StrEnum):
    """What tests write down about the system they have installed."""

    RPMS = "rpms"
    SERVICES = "services"
    FREE = "free"
    DF = "df"
    TOP = "top"

    @property
    def filename(self) -> str:
        """How openQA's name of the uploaded file ends."""
        return f"_collect_data-{self}.log"


@dataclass(frozen=True, slots=True)
class LogFile:
    """An uploaded log, or why it could not be had."""

    #: nothing: it could not be read
    content: bytes | None
    #: why not: ``"404 Not Found"``
    reason: str = ""


#: what one job has uploaded; a log that is not in it was not
Logs: TypeAlias = Mapping[Log, LogFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeFacts:
    """A compose and its tests."""

    #: ``"Fedora-Rawhide-20261120.n.0"``
    id: str
    #: all jobs of its BUILD, those that were restarted or cancelled too
    jobs: tuple[Job, ...]
    #: the URL of its ``/compose`` folder; empty: nobody knows
    location: str = ""
    #: nothing: its metadata could not be had
    images: frozenset[ImageKind] | None = None
    #: job id to what it has uploaded, of the jobs that have uploaded anything
    logs: Mapping[int, Logs] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingFacts:
    """What Greenwave says where a policy is configured."""

    #: what the heading calls it: ``"Rawhide"``
    name: str
    #: nothing: it could not be asked
    decision: Decision | None
    #: why not
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a report is made of."""

    compose: ComposeFacts
    #: what to compare with; nothing: there is none
    previous: ComposeFacts | None
    #: expected, but not there; nothing: nobody could tell
    missing_images: tuple[ImageKind, ...] | None
    #: nothing: no policy is configured for such composes
    gating: GatingFacts | None
    #: job id to how it is reported, of the jobs of the compose that are
    reported_as: Mapping[int, ReportedAs]
    #: openQA's: ``"https://openqa.fedoraproject.org"``
    base_url: str
    #: where this project is at home; stands below each report
    project_url: str
