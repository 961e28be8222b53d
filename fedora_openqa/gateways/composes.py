"""Composes as Pungi publishes them: productmd metadata below a ``/compose`` folder.

Reads the metadata itself, with time limits, and takes from fedfind what does no
I/O: what a URL names, whether it leads where Fedora's composes are, what an image is
called. fedfind's own reads have no time limit and cost 61 requests for a compose
that does not exist. The only file that imports fedfind.
"""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from urllib.parse import urlsplit

import msgspec

from fedora_openqa.errors import SubjectError
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.locations import check_location
from fedora_openqa.model.composes import Compose, ComposeName, Image
from fedora_openqa.texts import first_line

T = TypeVar("T")

#: what Pungi writes into STATUS once a compose can be used
FINISHED = ("FINISHED", "FINISHED_INCOMPLETE")

#: productmd's own rule is laxer, but an id becomes part of URLs and of openQA's BUILD
COMPOSE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class _ComposeBlock(msgspec.Struct, frozen=True):
    id: str
    type: str
    label: str | None = None


class _ReleaseBlock(msgspec.Struct, frozen=True):
    short: str
    version: str
    type: str = "ga"


class _Variant(msgspec.Struct, frozen=True):
    paths: dict[str, dict[str, str]] = {}


class _ComposeInfo(msgspec.Struct, frozen=True):
    compose: _ComposeBlock
    release: _ReleaseBlock
    variants: dict[str, _Variant] = {}


class _ComposeInfoFile(msgspec.Struct, frozen=True):
    payload: _ComposeInfo


class _Image(msgspec.Struct, frozen=True):
    subvariant: str
    type: str
    format: str
    arch: str
    path: str


class _Images(msgspec.Struct, frozen=True):
    compose: _ComposeBlock
    images: dict[str, dict[str, list[_Image]]]


class _ImagesFile(msgspec.Struct, frozen=True):
    payload: _Images


class PungiComposes:
    """`fedora_openqa.ports.Composes`, over HTTP."""

    def __init__(self, reader: Reader, *, allowed_hosts: Sequence[str]) -> None:
        """Read from Fedora's hosts and from ``allowed_hosts`` (``host`` or ``host:port``)."""
        self._reader = reader
        self._allowed_hosts = frozenset(allowed_hosts)

    def name_in(self, location: str) -> ComposeName | None:
        """Read the compose id out of a URL, without asking anybody.

        Raises:
            SubjectError: the URL is none, or leads to a host we may not read from.
        """
        check_location(location, prefixes=_fedora_prefixes(), allowed_hosts=self._allowed_hosts)
        from fedfind.helpers import find_cid, parse_cid  # noqa: PLC0415 - slow to import

        for segment in reversed(urlsplit(location).path.split("/")):
            # fedfind would also find an id that reaches over several folders
            if segment and find_cid(segment) == segment:
                parsed = parse_cid(segment, dic=True)
                return ComposeName(
                    id=segment,
                    short=parsed["short"],
                    release=_as_release(parsed["version"]),
                    release_type=parsed["version_type"],
                )
        return None

    def load(self, location: str) -> Compose:
        """Read a finished compose: three requests, side by side.

        Raises:
            SubjectError: there is no finished, readable compose of that name there.
            ServiceUnavailableError: nobody could be asked.
        """
        named = self.name_in(location)
        full = _check_place(location, named)
        base = location.rstrip("/")
        with ThreadPoolExecutor(max_workers=3) as pool:
            # a finished answer raises where it is asked for: below, in order of importance
            status = pool.submit(self._status, base)
            info_file = pool.submit(self._reader.fetch, f"{base}/metadata/composeinfo.json")
            images_file = pool.submit(self._reader.fetch, f"{base}/metadata/images.json")
        _check_status(status.result(), location)
        info_text = info_file.result()
        if info_text is None:
            raise SubjectError(
                f"{location}: there is no compose here: it never existed, was moved or deleted"
            )
        info = _decode(info_text, _ComposeInfoFile, f"{base}/metadata/composeinfo.json").payload
        _check_names(info.compose.id, named=named.id if named else None, location=location)
        images: tuple[Image, ...] = ()
        images_text = images_file.result()
        # a compose of packages alone has no images.json
        if images_text is not None:
            listed = _decode(images_text, _ImagesFile, f"{base}/metadata/images.json").payload
            _check_names(listed.compose.id, named=info.compose.id, location=location)
            images = _images(listed, base)
        return Compose(
            name=ComposeName(
                id=info.compose.id,
                short=info.release.short,
                release=_as_release(info.release.version),
                release_type=info.release.type,
            ),
            location=location,
            type=info.compose.type,
            label=info.compose.label,
            full="os_tree" in info.variants.get("Everything", _Variant()).paths
            if full is None
            else full,
            images=images,
        )

    def _status(self, base: str) -> str | None:
        folder, _, last = base.rpartition("/")
        if last != "compose":
            # composes copied to the mirrors lose the folder that STATUS is in
            return None
        text = self._reader.fetch(f"{folder}/STATUS")
        return None if text is None else text.decode(errors="replace").strip()


def _fedora_prefixes() -> tuple[str, ...]:
    from fedfind.const import KNOWN_PREFIXES  # noqa: PLC0415 - slow to import

    return tuple(f"{prefix}/" for prefix in KNOWN_PREFIXES)


def _check_place(location: str, named: ComposeName | None) -> bool | None:
    """Tell whether fedfind knows the compose to be full; it knows none but Fedora's.

    Raises:
        SubjectError: Fedora keeps the compose of this name elsewhere, or it is none.
    """
    if not location.startswith(_fedora_prefixes()):
        return None
    from fedfind.exceptions import FedfindError  # noqa: PLC0415 - slow to import
    from fedfind.helpers import date_check, find_cid, parse_cid  # noqa: PLC0415
    from fedfind.release import get_release  # noqa: PLC0415

    if "/live-respins" in location or (named and named.short == "FedoraRespin"):
        # get_release would download lists of the mirrors' files
        raise SubjectError(f"{location}: live respins are not composes and carry no metadata")
    if find_cid(location) != (named.id if named else "") or (named and "-19700101." in named.id):
        # fedfind reads an id that reaches over folders, and takes that date for a
        # released Fedora, which it would go looking for
        raise SubjectError(f"{location}: not where Fedora keeps a compose")
    if named and not date_check(parse_cid(named.id, dic=True)["date"], fail_raise=False):
        # fedfind would ask around for a release of that name
        raise SubjectError(f"{location}: {named.id} has a date that is none")
    try:
        return get_release(url=location).https_url_generic is not None
    except (FedfindError, ValueError) as exc:
        raise SubjectError(f"{location}: {first_line(str(exc))}") from exc


def _as_release(version: str) -> str:
    known = {"rawhide": "Rawhide", "eln": "eln"}
    return known.get(version.lower(), version)


def _check_status(status: str | None, location: str) -> None:
    if status is not None and status not in FINISHED:
        raise SubjectError(f"{location}: the compose is not finished: {first_line(status)!r}")


def _check_names(found: str, *, named: str | None, location: str) -> None:
    if not COMPOSE_ID.fullmatch(found):
        raise SubjectError(f"{location}: the metadata has a broken compose id: {found[:80]!r}")
    if named is not None and found != named:
        raise SubjectError(f"{location}: the metadata is that of {found}, not of {named}")


def _decode(text: bytes, shape: type[T], url: str) -> T:
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise SubjectError(f"{url}: not productmd metadata: {exc}") from exc


def _images(listed: _Images, base: str) -> tuple[Image, ...]:
    from fedfind.const import HTTPS, HTTPS_DL  # noqa: PLC0415 - slow to import
    from fedfind.helpers import correct_image, identify_image  # noqa: PLC0415

    # download.fedoraproject.org sends each reader to another mirror, which may lag behind
    direct = HTTPS_DL + base.removeprefix(HTTPS) if base.startswith(HTTPS) else base
    images = []
    for arches in listed.images.values():
        for of_arch in arches.values():
            for found in of_arch:
                # productmd calls ostree installers type boot, like network installers
                entry = correct_image(msgspec.structs.asdict(found))
                images.append(
                    Image(
                        subvariant=entry["subvariant"],
                        type=entry["type"],
                        format=entry["format"],
                        arch=entry["arch"],
                        url=f"{direct}/{entry['path']}",
                        flavor=identify_image(entry, out="string", undersub=True),
                    )
                )
    return tuple(images)
