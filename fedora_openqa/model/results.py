"""Results of jobs, as ResultsDB stores them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class Outcome(StrEnum):
    """What ResultsDB calls the end of a test, or the way to it."""

    PASSED = "PASSED"
    INFO = "INFO"
    FAILED = "FAILED"
    NEEDS_INSPECTION = "NEEDS_INSPECTION"
    CRASHED = "CRASHED"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """A result is about an update."""

    #: ``"FEDORA-2026-1bd5f4a0c2"``
    advisory: str


@dataclass(frozen=True, slots=True)
class ComposeItem:
    """A result is about a compose as a whole."""

    #: its id, or the URL of its ``/compose`` folder where the id does not say where it is
    locator: str
    #: openQA's LOCATION, the URL of that folder; empty: the job has none
    location: str = ""


@dataclass(frozen=True, slots=True)
class ImageItem:
    """A result is about an image of a compose."""

    #: ``"Fedora-Server-dvd-x86_64-Rawhide-20261120.n.0.iso"``
    filename: str
    compose: ComposeItem


@dataclass(frozen=True, slots=True)
class CoreOSBuildItem:
    """A result is about a build of Fedora CoreOS."""

    #: ``"Fedora-CoreOS-45.20261119.91.0"``, as BUILD has it
    build: str
    #: ``"next"``, ``"testing"``, ``"stable"``, ``"unknown"``
    stream: str


@dataclass(frozen=True, slots=True)
class CoreOSImageItem:
    """A result is about an image of such a build."""

    filename: str
    #: ``"iso"``
    form: str
    arch: str
    build: CoreOSBuildItem
    platform: str = "metal"


ResultItem: TypeAlias = UpdateItem | ComposeItem | ImageItem | CoreOSBuildItem | CoreOSImageItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What ResultsDB is told of one job."""

    item: ResultItem
    #: ``"compose.install_default_upload"``
    testcase: str
    outcome: Outcome
    #: what a person should look at: ``"https://openqa.fedoraproject.org/tests/3912345"``
    ref_url: str
    #: what the test case should lead to; empty: nowhere
    tc_url: str = ""
    note: str = ""
    #: ``"openqa"``, ``"autocloud"``
    source: str = "openqa"
    #: beside what conventions put there: firmware, arch, scenario
    extradata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result that ResultsDB has."""

    id: int
    outcome: str
    ref_url: str
    #: ``"update.podman"``
    testcase: str = ""
    #: ``"fedora.updates-container.x86_64.64bit"``; empty: it has none
    scenario: str = ""


@dataclass(frozen=True, slots=True)
class NotReported:
    """A job is not to be reported, as was to be expected."""

    reason: str
    #: not expected at all: somebody should look
    odd: bool = False
