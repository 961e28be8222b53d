"""What results say of the compose they are about: its metadata, read once for all of them.

Stands where resultsdb_conventions would ask fedfind, whose reads have no time limit and
cost four requests a result. Gives the same answers; takes from fedfind what does no I/O.
"""

import threading
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from fedfind.const import MD_ARCHIVE
from fedfind.exceptions import FedfindError
from fedfind.helpers import correct_image, date_check, find_cid, parse_cid
from fedfind.release import get_release

from fedora_openqa.errors import RequestRefusedError, SubjectError
from fedora_openqa.gateways.composes import FINISHED
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.locations import check_location
from fedora_openqa.model.reports import ComposeItem
from fedora_openqa.texts import first_line

T = TypeVar("T")

#: composes that are remembered, some ten kilobytes each; more are hardly tested at a time
MOST_COMPOSES = 32


class _ComposeBlock(msgspec.Struct, frozen=True):
    id: str
    date: str
    type: str
    respin: int
    #: only candidates have one
    label: str | None = None


class _ReleaseBlock(msgspec.Struct, frozen=True):
    name: str
    short: str
    version: str


class _ComposeInfo(msgspec.Struct, frozen=True):
    compose: _ComposeBlock
    release: _ReleaseBlock


class _ComposeInfoFile(msgspec.Struct, frozen=True):
    header: dict[str, Any]
    payload: _ComposeInfo


class _Image(msgspec.Struct, frozen=True):
    subvariant: str
    type: str
    format: str
    arch: str
    path: str
    disc_number: int


class _Images(msgspec.Struct, frozen=True):
    #: variant to arch to images
    images: dict[str, dict[str, list[_Image]]]


class _ImagesFile(msgspec.Struct, frozen=True):
    payload: _Images


@dataclass(frozen=True, slots=True)
class ComposeRelease:
    """What resultsdb_conventions takes from fedfind's releases, under fedfind's names."""

    #: the URL of the ``/compose`` folder
    location: str
    #: ``"composeinfo"`` to the part of productmd's file that results quote
    metadata: Mapping[str, Mapping[str, Any]]
    #: file name to the part of productmd's entry that results quote
    images: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> str:
        """The compose id, by its metadata."""
        return str(self.metadata["composeinfo"]["payload"]["compose"]["id"])

    @property
    def label(self) -> str | None:
        """What a candidate is called: ``"RC-1.6"``; others have no such name."""
        label: str | None = self.metadata["composeinfo"]["payload"]["compose"]["label"]
        return label

    def image(self, filename: str) -> Mapping[str, Any]:
        """Give what is known of an image.

        Raises:
            SubjectError: the compose has none of that name.
        """
        found = self.images.get(filename)
        if found is None:
            raise SubjectError(f"{self.id} has no image {filename}")
        return found


@dataclass(frozen=True, slots=True)
class _Place:
    #: the URL of the ``/compose`` folder
    location: str
    #: what the compose must be called; empty: nobody has said it
    cid: str
    #: the URL of the folder that its metadata is kept in when it is deleted; empty: in none
    archive: str = ""


class ComposeReleases:
    """Reads the metadata of composes, once each, whoever asks and however many at a time."""

    def __init__(self, reader: Reader, *, allowed_hosts: Collection[str]) -> None:
        """Read from where Fedora keeps composes and from ``allowed_hosts``."""
        self._reader = reader
        self._allowed_hosts = frozenset(allowed_hosts)
        self._lock = threading.Lock()
        #: the one that was asked for longest ago first
        self._releases: dict[ComposeItem, Future[ComposeRelease]] = {}

    def load(self, compose: ComposeItem) -> ComposeRelease:
        """Give a finished compose.

        Raises:
            SubjectError: it is not finished, no longer exists or is none.
            ServiceUnavailableError: nobody could be asked.
        """
        with self._lock:
            known = self._releases.pop(compose, None)
            release = self._releases[compose] = known or Future()
            while len(self._releases) > MOST_COMPOSES:
                del self._releases[next(iter(self._releases))]
        if known is None:
            self._read_for_all(compose, release)
        return release.result()

    def _read_for_all(self, compose: ComposeItem, release: Future[ComposeRelease]) -> None:
        """Read it for everybody who waits; what goes wrong is remembered for nobody else."""
        try:
            release.set_result(self._read(compose))
        except BaseException as exc:
            with self._lock:
                self._releases.pop(compose, None)
            release.set_exception(exc)
            raise

    def _read(self, compose: ComposeItem) -> ComposeRelease:
        try:
            return self._read_from(self._place(compose))
        except RequestRefusedError as exc:
            raise SubjectError(f"the compose cannot be read: {exc}") from exc

    def _place(self, compose: ComposeItem) -> _Place:
        """Say where a compose is: where its jobs found it on a host of our own, or Fedora's."""
        is_url = compose.locator.startswith(("http://", "https://"))
        cid = find_cid(compose.locator)
        if not is_url and (not cid or cid != compose.locator):
            raise SubjectError(f"{compose.locator!r} is not a compose id")
        location = (compose.locator if is_url else compose.location).rstrip("/")
        if self._is_on_allowed_host(location):
            return _Place(location, cid="" if is_url else cid)
        return _fedoras_place(compose.locator, cid)

    def _is_on_allowed_host(self, location: str) -> bool:
        try:
            check_location(location, prefixes=(), allowed_hosts=self._allowed_hosts)
        except SubjectError:
            return False
        return True

    def _read_from(self, place: _Place) -> ComposeRelease:
        folder = f"{place.location}/metadata"
        text = self._reader.fetch(f"{folder}/composeinfo.json")
        if text is not None:
            self._check_finished(place)
        elif place.archive:
            folder = place.archive
            text = self._reader.fetch(f"{folder}/composeinfo.json")
        if text is None:
            raise SubjectError(f"{place.location}: the compose no longer exists")
        info = _decode(text, _ComposeInfoFile, f"{folder}/composeinfo.json")
        found = info.payload.compose.id
        if place.cid and found != place.cid:
            raise SubjectError(f"{place.location}: the metadata is that of {found}")
        return ComposeRelease(
            location=place.location,
            metadata={"composeinfo": msgspec.to_builtins(info)},
            images=self._images(f"{folder}/images.json"),
        )

    def _check_finished(self, place: _Place) -> None:
        folder, _, last = place.location.rpartition("/")
        # composes copied elsewhere lose the folder that STATUS is in
        text = self._reader.fetch(f"{folder}/STATUS") if last == "compose" else None
        if text is not None and text.decode(errors="replace").strip() not in FINISHED:
            raise SubjectError(f"{place.location}: the compose is not finished")

    def _images(self, url: str) -> Mapping[str, Mapping[str, Any]]:
        text = self._reader.fetch(url)
        # a compose of packages alone has no images.json
        if text is None:
            return {}
        images: dict[str, Mapping[str, Any]] = {}
        for arches in _decode(text, _ImagesFile, url).payload.images.values():
            for of_arch in arches.values():
                for found in of_arch:
                    # names are not unique: conventions take the first, and so do readers
                    name = found.path.rpartition("/")[2]
                    if name not in images:
                        images[name] = correct_image(msgspec.structs.asdict(found))
        return images


def _fedoras_place(locator: str, cid: str) -> _Place:
    """Say where fedfind looks for a compose, without asking anybody.

    Raises:
        SubjectError: nowhere.
    """
    if "/live-respins" in locator or cid.startswith("FedoraRespin") or "-19700101." in cid:
        # fedfind would go looking in lists of the mirrors' files
        raise SubjectError(f"{locator}: no compose with metadata")
    archive = ""
    try:
        if cid:
            # fedfind would go looking for a compose of no day, too
            day = date_check(parse_cid(cid, dic=True)["date"])
            archive = f"{MD_ARCHIVE}/{day.year}/{cid}"
        # what is wrapped around it asks whether the compose is there
        find = get_release.__wrapped__
        release = find(cid=cid) if cid == locator else find(url=locator)
    except (FedfindError, ValueError) as exc:
        raise SubjectError(f"{locator}: {first_line(str(exc))}") from exc
    return _Place(release.location, cid, archive)


def _decode(text: bytes, shape: type[T], url: str) -> T:
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise SubjectError(f"{url}: not productmd metadata: {exc}") from exc
