"""What results say of the compose they are about: its metadata, read once for all of them.

Stands where resultsdb_conventions would ask fedfind, whose reads have no time limit and
cost four requests a result. Gives the same answers; takes from fedfind what does no I/O.
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
)
from fedora_openqa.gateways.composes.respins import LOCATION, is_respin_folder, read_respin
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.hosts import check_location
from fedora_openqa.model.results import ComposeItem
from fedora_openqa.texts import first_line

#: composes that are remembered, some ten kilobytes each; more are hardly tested at a time
MOST_COMPOSES = 32


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

    def __init__(
        self, reader: Reader, *, allowed_hosts: Collection[str], composes_url: str = COMPOSES_URL
    ) -> None:
        """Read from ``allowed_hosts`` and from ``composes_url``, where all of Fedora's are."""
        self._reader = reader
        self._composes_url = composes_url.rstrip("/")
        self._allowed_hosts = frozenset(allowed_hosts)
        self._lock = threading.Lock()
        #: the one that was asked for longest ago first
        self._releases: dict[ComposeItem, Future[ComposeRelease]] = {}

    def label(self, compose_id: str) -> str | None:
        """Return the label of a compose; raises as `load`."""
        return self.load(ComposeItem(compose_id)).label

    def load(self, compose: ComposeItem) -> ComposeRelease:
        """Give a finished compose.

        Raises:
            GoneError: it is a live respin, of which only the newest is kept.
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
        """Return the place that fedfind knows of a compose.

        Raises:
            SubjectError: fedfind knows none.
        """
        archive = archive_of(cid) if cid else ""
        release = release_by_id(cid) if cid == locator else release_at(locator)
        location, archive = (
            url.replace(COMPOSES_URL, self._composes_url) for url in (release.location, archive)
        )
        return _Place(location, cid, archive)

    def _on_allowed_host(self, location: str) -> str | None:
        """Return the one spelling of a URL on an allowed host; None: it is none."""
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
            self._check_finished(place)
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

    def _check_finished(self, place: _Place) -> None:
        folder, _, last = place.location.rpartition("/")
        # composes copied elsewhere lose the folder that STATUS is in
        content = self._reader.fetch(f"{folder}/STATUS") if last == "compose" else None
        check_finished(content, place.location)


def _release(
    place: _Place, compose: ComposeBlock, release: ReleaseBlock, images: tuple[ListedImage, ...]
) -> ComposeRelease:
    """Return a compose under the names that resultsdb_conventions reads."""
    named: dict[str, Mapping[str, Any]] = {}
    for image in images:
        # names are not unique: conventions take the first, and so do readers
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
