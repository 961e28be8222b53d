"""The kinds of subjects, and those that are no compose: packages and CoreOS builds."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """A kind of subject; each has a lane of this name."""

    COMPOSE = "compose"
    UPDATE = "update"
    #: Koji tasks
    TASK = "task"
    #: a Koji side tag
    TAG = "tag"
    COPR = "copr"
    COREOS = "coreos"


#: the kinds that messages and sweeps ask to schedule
MESSAGE_KINDS = (Kind.COMPOSE, Kind.UPDATE, Kind.COREOS)


@dataclass(frozen=True, slots=True)
class Update:
    """An update in Bodhi."""

    #: ``"FEDORA-2026-1bd5f4a0c2"``
    alias: str
    #: Bodhi's id prefix of the product: ``"FEDORA"``, ``"FEDORA-EPEL"``
    id_prefix: str
    #: ``"43"``, ``"eln"``; Rawhide has its number here
    release: str
    #: ``"rpm"``, ``"flatpak"``, ``"container"``
    content_type: str
    #: ``("kernel-6.17.4-300.fc43",)``, in Bodhi's order
    nvrs: tuple[str, ...]
    #: whether any of its packages is on the critical path
    critical: bool
    #: critical path groups: ``("core", "critical-path-base")``
    groups: tuple[str, ...]
    #: whether Bodhi creates updates of the release automatically; None: unknown
    automatic_updates: bool | None = None
    #: Bodhi's long name of the release: ``"Fedora 43 Flatpaks"``; empty: unknown
    long_name: str = ""
    #: Bodhi's status of the update: ``"pending"``, ``"testing"``, ``"stable"``; empty: unknown
    status: str = ""
    #: Bodhi's request of the update: ``"testing"``, ``"stable"``; empty: none, or unknown
    request: str = ""


@dataclass(frozen=True, slots=True)
class KojiTasks:
    """Scratch builds, or builds that are in no update yet."""

    #: Koji's task ids
    task_ids: tuple[int, ...]
    release: str


@dataclass(frozen=True, slots=True)
class SideTag:
    """The packages of a Koji side tag."""

    #: ``"f43-build-side-12345"``
    tag: str
    release: str


@dataclass(frozen=True, slots=True)
class Copr:
    """The packages of a COPR project."""

    #: ``"owner/name"`` or ``"@group/name"``
    project: str
    release: str


#: packages that are tested on a running system
Packages: TypeAlias = Update | KojiTasks | SideTag | Copr


@dataclass(frozen=True, slots=True)
class CoreOSBuild:
    """A build of Fedora CoreOS for one arch."""

    #: the URL of its folder, without a slash at the end
    url: str
    #: ``"43.20261119.91.0"``
    buildid: str
    #: ``"x86_64"``
    arch: str
    #: the path of its live image below the URL; None: it has none
    live_iso: str | None
