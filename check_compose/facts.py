"""The facts that a report is made of, as plain values; `gather` loads them.

Texts in here are foreign and may contain anything. This decides nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from fedora_openqa.model.gating import Decision
from fedora_openqa.model.jobs import Job


@dataclass(frozen=True, slots=True, order=True)
class ImageKind:
    """An image, by the values that composes are compared by."""

    #: ``"Cloud_Base"``; in lower case in fedfind's list of expected images
    subvariant: str
    #: ``"raw-xz"``
    type: str
    #: ``"x86_64"``
    arch: str


@dataclass(frozen=True, slots=True)
class ReportedAs:
    """The names of a job's result in ResultsDB and Greenwave."""

    #: ``"compose.install_default_upload"``
    testcase: str
    #: ``"fedora.Server-dvd-iso.x86_64.64bit"``
    scenario: str


class Log(StrEnum):
    """The logs that tests upload about the system they installed."""

    RPMS = "rpms"
    SERVICES = "services"
    FREE = "free"
    DF = "df"
    TOP = "top"

    @property
    def filename(self) -> str:
        """End of the name of the uploaded file: ``"_collect_data-rpms.log"``."""
        return f"_collect_data-{self}.log"


@dataclass(frozen=True, slots=True)
class LogFile:
    """An uploaded log, or why it could not be loaded."""

    #: None: it could not be loaded
    content: bytes | None
    #: why it could not: ``"404 Not Found"``
    reason: str = ""


#: the logs that one job has uploaded
Logs: TypeAlias = Mapping[Log, LogFile]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeFacts:
    """A compose and its tests."""

    #: ``"Fedora-Rawhide-20261120.n.0"``
    id: str
    #: all jobs of its BUILD, restarted and cancelled ones included
    jobs: tuple[Job, ...]
    #: the URL of its ``/compose`` folder; empty: unknown
    location: str = ""
    #: None: its metadata could not be loaded
    images: frozenset[ImageKind] | None = None
    #: bytes of the images whose size is known
    sizes: Mapping[ImageKind, int] = field(default_factory=dict)
    #: by job id, of the jobs that uploaded any
    logs: Mapping[int, Logs] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingFacts:
    """Greenwave's decision about a compose of a configured policy."""

    #: for headings: ``"Rawhide"``
    name: str
    #: None: Greenwave did not decide
    decision: Decision | None
    #: why it did not
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a report is made of."""

    compose: ComposeFacts
    #: the compose to compare with; None: there is none
    previous: ComposeFacts | None
    #: images that are expected and not there; None: unknown
    missing_images: tuple[ImageKind, ...] | None
    #: None: no policy is configured for such composes
    gating: GatingFacts | None
    #: by job id, of the jobs of the compose that ResultsDB gets
    reported_as: Mapping[int, ReportedAs]
    #: openQA's URL for people: ``"https://openqa.fedoraproject.org"``
    base_url: str
    #: this project's home page, at the end of each report
    project_url: str
    #: what the URLs of our pages begin with; empty: there are none to link to
    pages_url: str = ""
