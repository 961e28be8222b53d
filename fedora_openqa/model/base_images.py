"""Base disk images, which jobs start from: what createhdds makes, and what an openQA server has."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class InstalledImage:
    """A row of createhdds' ``virtinstall``: a disk with an installed Fedora, for some releases."""

    #: ``"server"``
    name: str
    #: its version: ``"3"``; empty: none
    version: str
    #: ``"stable"``, ``"branched"``, ``"rawhide"``, ``"-1"``, ``"-2"`` or a number, to arches
    releases: Mapping[str, tuple[str, ...]]
    #: days after which it is made anew; 0: never
    max_age: int


@dataclass(frozen=True, slots=True)
class ImageTable:
    """Createhdds' table."""

    installed: tuple[InstalledImage, ...]
    #: file names of disks without a Fedora: ``"disk_full_mbr.img"``
    plain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BaseImage:
    """A disk image that jobs will need."""

    #: ``"disk_f43_server_3_x86_64.qcow2"``
    file: str
    #: days; 0: it does not age
    max_age: int


@dataclass(frozen=True, slots=True)
class Asset:
    """A disk image of an openQA server."""

    file: str
    #: whether the server has seen the file; jobs also register names of files that do not exist
    exists: bool
    #: when the server last saw another size of it, seconds since 1970
    changed: float


class ImageState(Enum):
    """What is wrong with a base image."""

    MISSING = "missing"
    OLD = "too old"
    #: it is of a release that has ended
    GONE = "of an ended release"


@dataclass(frozen=True, slots=True)
class ImageFinding:
    """A base image with which something is wrong."""

    file: str
    state: ImageState
    #: days since it changed; None: it is missing
    age: float | None
