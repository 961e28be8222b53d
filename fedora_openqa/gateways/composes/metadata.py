"""The metadata of a compose as productmd writes it: composeinfo.json, images.json, STATUS.

Reads versions 1 and 2 of the format, and checks all values that may become a job setting or a part
of a URL. Sends no requests.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from fedora_openqa.errors import NotFoundError, ServiceUnavailableError, SubjectError
from fedora_openqa.gateways.composes.fedfind import correct_image
from fedora_openqa.gateways.http.answers import decode_answer
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.texts import first_line, reason_unfit

T = TypeVar("T")

#: contents of STATUS when a compose can be used
FINISHED = ("FINISHED", "FINISHED_INCOMPLETE")

#: content of STATUS before that; any other word is the end of a failed compose
BEGUN = "STARTED"

#: valid contents of STATUS: ``STARTED``, ``DOOMED``, ``TERMINATED``
STATUS = re.compile(r"[A-Z][A-Z_]{0,31}")

#: the path of an image below the folder of its compose; no part begins with a dot
IMAGE_PATH = re.compile(
    r"(?=.{1,500}\Z)[A-Za-z0-9_][\w.+~^@=,-]*(/[A-Za-z0-9_][\w.+~^@=,-]*)*", re.ASCII
)

#: major versions of productmd's format that can be read
MAJOR_VERSIONS = ("0", "1", "2")

#: the kinds of paths in composeinfo.json that only a variant with images has
IMAGE_FOLDERS = ("isos", "images")


class _Header(msgspec.Struct, frozen=True):
    version: str = "1.0"


class _HeaderFile(msgspec.Struct, frozen=True):
    header: _Header = _Header()


class ComposeBlock(msgspec.Struct, frozen=True):
    """The block ``compose`` of productmd's files."""

    #: ``"Fedora-Rawhide-20261120.n.0"``
    id: str
    #: ``"nightly"``, ``"production"``
    type: str
    #: ``"20261120"``
    date: str = ""
    respin: int = 0
    #: ``"RC-1.6"``; None: the compose is not a candidate
    label: str | None = None


class ReleaseBlock(msgspec.Struct, frozen=True):
    """The block ``release`` of composeinfo.json."""

    #: ``"Fedora-IoT"``
    short: str
    #: ``"43"``, ``"Rawhide"``
    version: str
    #: ``"ga"``, ``"updates-testing"``
    type: str = "ga"
    #: ``"Fedora"``
    name: str = ""


class _Variant(msgspec.Struct, frozen=True):
    #: kind of path to arch to path; in version 2 a path is an object with URL and checksum
    paths: dict[str, dict[str, Any]] = {}


class ComposeInfo(msgspec.Struct, frozen=True):
    """The payload of composeinfo.json."""

    compose: ComposeBlock
    release: ReleaseBlock
    variants: dict[str, _Variant] = {}

    @property
    def has_generic_tree(self) -> bool:
        """Whether the variant Everything has an install tree."""
        return "os_tree" in self.variants.get("Everything", _Variant()).paths

    @property
    def has_images(self) -> bool:
        """Whether a variant has a folder of images."""
        return any(
            variant.paths.get(kind) for variant in self.variants.values() for kind in IMAGE_FOLDERS
        )


class _ComposeInfoFile(msgspec.Struct, frozen=True):
    payload: ComposeInfo


class _Location(msgspec.Struct, frozen=True):
    url: str


class _Image(msgspec.Struct, frozen=True):
    subvariant: str
    type: str
    format: str
    arch: str
    disc_number: int = 1
    bootable: bool = False
    #: bytes; of any type: nothing that is tested depends on it
    size: Any = 0
    #: version 1
    path: str | None = None
    #: version 2
    location: _Location | None = None


class _Images(msgspec.Struct, frozen=True):
    images: dict[str, dict[str, list[_Image]]]
    compose: ComposeBlock | None = None


class _ImagesFile(msgspec.Struct, frozen=True):
    payload: _Images


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedImage:
    """An image of a compose; values as in productmd, corrected by fedfind."""

    subvariant: str
    type: str
    format: str
    arch: str
    #: relative to the folder of the compose
    path: str
    disc_number: int
    bootable: bool
    #: fedfind's identifier: ``"Server-dvd-iso"``
    flavor: str
    #: bytes; 0: not known
    size: int = 0


def status_url(location: str) -> str | None:
    """Return the URL of the STATUS of a compose; None: a copy, which lacks the folder with STATUS.

    :param location: the URL of the ``/compose`` folder, without a slash at the end
    """
    folder, _, last = location.rpartition("/")
    return f"{folder}/STATUS" if last == "compose" else None


def check_finished(content: bytes | None, location: str) -> None:
    """Check that STATUS is that of a finished compose.

    :param content: None: there is no such file

    Raises:
        NotFoundError: the compose is not finished yet.
        SubjectError: the compose failed.
        ServiceUnavailableError: the content is not a status.
    """
    if content is None or (status := read_status(content, location)) in FINISHED:
        return
    kind = NotFoundError if status == BEGUN else SubjectError
    raise kind(f"{location}: the compose is not finished: {status!r}")


def read_status(content: bytes, location: str) -> str:
    """Return the word in a STATUS file.

    Raises:
        ServiceUnavailableError: the content is not a status but, for example, a proxy's page.
    """
    status = content.decode(errors="replace").strip()
    if not STATUS.fullmatch(status):
        raise ServiceUnavailableError(
            f"STATUS of {location}: not the answer of this service: {first_line(status)!r}"
        )
    return status


def decode_composeinfo(content: bytes, url: str) -> ComposeInfo:
    """Return the payload of composeinfo.json.

    Raises:
        SubjectError: a value is not allowed, or the version of the format is unknown.
        ServiceUnavailableError: the content is not that of a composeinfo.json.
    """
    info = _decode(content, _ComposeInfoFile, url).payload
    check_compose_id(info.compose.id, url)
    values = {
        "release.short": info.release.short,
        "release.version": info.release.version,
        "release.type": info.release.type,
        "compose.type": info.compose.type,
    }
    if info.compose.label:
        values["compose.label"] = info.compose.label
    _check_values(values, url)
    return info


def check_compose_id(found: str, url: str, *, expected: str = "") -> None:
    """Check the syntax of a compose id, and that it is the expected one.

    Raises:
        SubjectError
    """
    if not COMPOSE_ID.fullmatch(found):
        raise SubjectError(f"{url}: the metadata has a broken compose id: {found[:80]!r}")
    if expected and found != expected:
        raise SubjectError(f"{url}: the metadata is that of {found}, not of {expected}")


def decode_images(
    content: bytes | None, url: str, info: ComposeInfo, *, base: str
) -> tuple[ListedImage, ...]:
    """Return the images of a compose, each once.

    :param content: None: there is no such file
    :param base: the URL of the folder that paths of images are relative to

    Raises:
        SubjectError: a value is not allowed, an image is not below ``base``, the file is that of
            another compose, or the version of the format is unknown.
        ServiceUnavailableError: the content is not that of an images.json, or there is none
            although composeinfo.json has images.
    """
    if content is None:
        # a compose of packages only has no images.json
        if info.has_images:
            raise ServiceUnavailableError(f"GET {url}: not there, but composeinfo.json has images")
        return ()
    listed = _decode(content, _ImagesFile, url).payload
    if listed.compose:
        check_compose_id(listed.compose.id, url, expected=info.compose.id)
    images = [
        _listed(image, url, base=base)
        for arches in listed.images.values()
        for of_arch in arches.values()
        for image in of_arch
    ]
    # several variants may list the same image
    return tuple(dict.fromkeys(images))


def identify(entry: Mapping[str, Any], *, bootable: bool, size: int = 0) -> ListedImage:
    """Return an image with fedfind's corrections and its identifier.

    :param entry: subvariant, type, format, arch, path and disc_number, as in productmd
    """
    image, flavor = correct_image(entry)
    return ListedImage(
        subvariant=image["subvariant"],
        type=image["type"],
        format=image["format"],
        arch=image["arch"],
        path=image["path"],
        disc_number=image["disc_number"],
        bootable=bootable,
        flavor=flavor,
        size=size,
    )


def _listed(image: _Image, url: str, *, base: str) -> ListedImage:
    path = image.path if image.location is None else image.location.url.removeprefix(f"{base}/")
    if path is None or not IMAGE_PATH.fullmatch(path):
        raise SubjectError(f"{url}: an image has no usable path: {first_line(str(path))!r}")
    values = {name: getattr(image, name) for name in ("subvariant", "type", "format", "arch")}
    _check_values({f"{name} of {path}": value for name, value in values.items()}, url)
    return identify(
        values | {"path": path, "disc_number": image.disc_number},
        bootable=image.bootable,
        size=image.size if isinstance(image.size, int) and image.size > 0 else 0,
    )


def _decode(content: bytes, shape: type[T], url: str) -> T:
    version = decode_answer(content, _HeaderFile, method="GET", url=url).header.version
    if version.partition(".")[0] not in MAJOR_VERSIONS:
        raise SubjectError(f"{url}: version {first_line(version)!r} of the format is unknown")
    return decode_answer(content, shape, method="GET", url=url)


def _check_values(values: Mapping[str, str], url: str) -> None:
    for name, value in values.items():
        if reason := reason_unfit(value):
            raise SubjectError(f"{url}: {name} {reason}: {first_line(value)!r}")
