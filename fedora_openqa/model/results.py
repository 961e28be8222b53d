"""Results of jobs, as ResultsDB stores them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class Outcome(StrEnum):
    """ResultsDB's outcome of a test."""

    PASSED = "PASSED"
    INFO = "INFO"
    FAILED = "FAILED"
    NEEDS_INSPECTION = "NEEDS_INSPECTION"
    CRASHED = "CRASHED"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """An update, as the item of a result."""

    #: ``"FEDORA-2026-1bd5f4a0c2"``
    advisory: str


@dataclass(frozen=True, slots=True)
class ComposeItem:
    """A compose as a whole, as the item of a result."""

    #: its id; or the URL of its ``/compose`` folder, where the place does not follow from the id
    locator: str
    #: openQA's LOCATION, the URL of that folder; empty: the job has none
    location: str = ""


@dataclass(frozen=True, slots=True)
class ImageItem:
    """An image of a compose, as the item of a result."""

    #: ``"Fedora-Server-dvd-x86_64-Rawhide-20261120.n.0.iso"``
    filename: str
    compose: ComposeItem


@dataclass(frozen=True, slots=True)
class CoreOSBuildItem:
    """A build of Fedora CoreOS, as the item of a result."""

    #: ``"Fedora-CoreOS-45.20261119.91.0"``, as BUILD has it
    build: str
    #: ``"next"``, ``"testing"``, ``"stable"``, ``"unknown"``
    stream: str


@dataclass(frozen=True, slots=True)
class CoreOSImageItem:
    """An image of a build of Fedora CoreOS, as the item of a result."""

    filename: str
    #: ``"iso"``
    form: str
    arch: str
    build: CoreOSBuildItem
    platform: str = "metal"


ResultItem: TypeAlias = UpdateItem | ComposeItem | ImageItem | CoreOSBuildItem | CoreOSImageItem


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A result, as it is posted to ResultsDB."""

    item: ResultItem
    #: ``"compose.install_default_upload"``
    testcase: str
    outcome: Outcome
    #: the URL of the job: ``"https://openqa.fedoraproject.org/tests/3912345"``
    ref_url: str
    #: the ref_url of the test case; empty: none
    tc_url: str = ""
    note: str = ""
    #: ``"openqa"``, ``"autocloud"``
    source: str = "openqa"
    #: beside the values of resultsdb_conventions: firmware, arch, scenario
    extradata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A result in the form that ResultsDB stores."""

    result: Result
    #: the JSON that is sent
    body: Mapping[str, object]
    #: its test case and groups, which ResultsDB creates at the first use of their names
    names: frozenset[str]


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
    note: str = ""
    #: all other values by key: ``{"item": ("FEDORA-2026-1bd5f4a0c2",)}``
    data: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class NotReported:
    """A job that is not to be reported, for an expected reason."""

    reason: str
    #: the reason was not expected: a person should look
    odd: bool = False
