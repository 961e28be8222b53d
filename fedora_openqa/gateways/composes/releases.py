"""The metadata of composes for results of ResultsDB, read once per compose.

Replaces fedfind in resultsdb_conventions: fedfind's reads have no time limit and take four requests
for each result. Returns the same values, and uses only those functions of fedfind that do no I/O.
"""

import threading
from collections.abc import Collection, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import msgspec

from fedora_openqa.errors import GoneError, NotFoundError, RequestRefusedError, SubjectError
from fedora_openqa.gateways.composes.fedfind import (
    COMPOSES_URL,
    RESPIN,
    archive_of,
    compose_id_in,
    release_at,
    release_by_id,
)
from fedora_openqa.gateways.composes.metadata import (
    ComposeBlock,
    ListedImage,
    ReleaseBlock,
    check_compose_id,
    check_finished,
    decode_composeinfo,
    decode_images,
    status_url,
)
from fedora_openqa.gateways.composes.respins import LOCATION, is_respin_folder, read_respin
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.hosts import check_location
from fedora_openqa.model.results import ComposeItem
from fedora_openqa.texts import first_line

#: composes in the cache, some ten kilobytes each; hardly more are tested at the same time
MOST_COMPOSES = 32


@dataclass(frozen=True, slots=True)
class ComposeRelease:
    """The attributes of fedfind's release objects that resultsdb_conventions reads."""

    #: the URL of the ``/compose`` folder
    location: str
    #: ``"composeinfo"`` to the part of that file that results need
    metadata: Mapping[str, Mapping[str, Any]]
    #: file name to the part of its entry in images.json that results need
    images: Mapping[str, Mapping[str, Any]]

    @property
    def id(self) -> str:
        """The compose id in the metadata."""
        return str(self.metadata["composeinfo"]["payload"]["compose"]["id"])

    @property
    def label(self) -> str | None:
        """The label of a candidate: ``"RC-1.6"``; None: the compose is not a candidate."""
        label: str | None = self.metadata["composeinfo"]["payload"]["compose"]["label"]
        return label

    def image(self, filename: str) -> Mapping[str, Any]:
        """Return the facts of an image by its file name.

        Raises:
            SubjectError: the compose has no such image.
        """
        found = self.images.get(filename)
        if found is None:
            raise SubjectError(f"{self.id} has no image {filename}")
        return found


@dataclass(frozen=True, slots=True)
class _Place:
    #: the URL of the ``/compose`` folder
    location: str
    #: the expected compose id; empty: it is not known
    cid: str
    #: the URL of the folder with its metadata after it was deleted; empty: there is no such folder
    archive: str = ""


class ComposeReleases:
    """Reads and caches the metadata of composes; threads share the read of a compose."""

    def __init__(
        self, reader: Reader, *, allowed_hosts: Collection[str], composes_url: str = COMPOSES_URL
    ) -> None:
        """Read from ``allowed_hosts``, and Fedora's composes from below ``composes_url``."""
        self._reader = reader
        self._composes_url = composes_url.rstrip("/")
        self._allowed_hosts = frozenset(allowed_hosts)
        self._lock = threading.Lock()
        #: least recently used first
        self._releases: dict[ComposeItem, Future[ComposeRelease]] = {}

    def label(self, compose_id: str) -> str | None:
        """Return the label of a compose; raises as `load`."""
        return self.load(ComposeItem(compose_id)).label

    def load(self, compose: ComposeItem) -> ComposeRelease:
        """Return a finished compose.

        Raises:
            GoneError: it is a live respin that was replaced by a newer one.
            SubjectError: it is not finished, no longer exists or is not a compose.
            ServiceUnavailableError: the server did not answer.
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
        """Read a compose for all threads that wait for it; an error is not cached."""
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
        """Return where a compose is: where its jobs found it on an allowed host, or at Fedora."""
        is_url = compose.locator.startswith(("http://", "https://"))
        cid = compose_id_in(compose.locator)
        if not is_url and (not cid or cid != compose.locator):
            raise SubjectError(f"{first_line(compose.locator)!r} is not a compose id")
        location = (compose.locator if is_url else compose.location).rstrip("/")
        if allowed := self._on_allowed_host(location):
            return _Place(allowed, cid="" if is_url else cid)
        if cid.startswith(RESPIN) or (is_url and is_respin_folder(location)):
            return _Place(LOCATION, cid="" if is_url else cid)
        return self._fedoras_place(compose.locator, cid)

    def _fedoras_place(self, locator: str, cid: str) -> _Place:
        """Return the place of a compose by fedfind's tables.

        Raises:
            SubjectError: fedfind does not know the compose.
        """
        archive = archive_of(cid) if cid else ""
        release = release_by_id(cid) if cid == locator else release_at(locator)
        location, archive = (
            url.replace(COMPOSES_URL, self._composes_url) for url in (release.location, archive)
        )
        return _Place(location, cid, archive)

    def _on_allowed_host(self, location: str) -> str | None:
        """Return the normal form of a URL; None: its host is not allowed."""
        try:
            return check_location(location, prefixes=(), allowed_hosts=self._allowed_hosts)
        except SubjectError:
            return None

    def _read_from(self, place: _Place) -> ComposeRelease:
        if is_respin_folder(place.location):
            return self._read_respin(place)
        folder = f"{place.location}/metadata"
        content = self._reader.fetch(f"{folder}/composeinfo.json")
        if content is not None:
            url = status_url(place.location)
            check_finished(self._reader.fetch(url) if url else None, place.location)
        elif place.archive:
            folder = place.archive
            content = self._reader.fetch(f"{folder}/composeinfo.json")
        if content is None:
            raise SubjectError(f"{place.location}: the compose no longer exists")
        info = decode_composeinfo(content, f"{folder}/composeinfo.json")
        check_compose_id(info.compose.id, place.location, expected=place.cid)
        url = f"{folder}/images.json"
        images = decode_images(self._reader.fetch(url), url, info, base=place.location)
        return _release(place, info.compose, info.release, images)

    def _read_respin(self, place: _Place) -> ComposeRelease:
        try:
            respin = read_respin(self._reader, place.location)
        except NotFoundError as exc:
            raise GoneError(f"{place.cid or 'the respin'} is no longer there: {exc}") from exc
        if place.cid and place.cid != respin.id:
            raise GoneError(
                f"{place.cid} is no longer there: {place.location} has {respin.id} by now"
            )
        compose = ComposeBlock(id=respin.id, type="production", date=respin.date)
        release = ReleaseBlock(name="Fedora", short=RESPIN, version=respin.release, type="updates")
        return _release(place, compose, release, respin.images)


def _release(
    place: _Place, compose: ComposeBlock, release: ReleaseBlock, images: tuple[ListedImage, ...]
) -> ComposeRelease:
    """Return a compose with the keys that resultsdb_conventions reads."""
    named: dict[str, Mapping[str, Any]] = {}
    for image in images:
        # names are not unique: resultsdb_conventions takes the first
        named.setdefault(
            image.path.rpartition("/")[2],
            {
                "subvariant": image.subvariant,
                "type": image.type,
                "format": image.format,
                "arch": image.arch,
                "path": image.path,
                "disc_number": image.disc_number,
            },
        )
    payload = {"compose": msgspec.to_builtins(compose), "release": msgspec.to_builtins(release)}
    return ComposeRelease(
        location=place.location,
        metadata={"composeinfo": {"header": {}, "payload": payload}},
        images=named,
    )
