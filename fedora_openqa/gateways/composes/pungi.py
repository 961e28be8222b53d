"""Composes as Pungi publishes them: productmd metadata below a ``/compose`` folder.

Reads the metadata itself, within time limits, and uses only those functions of fedfind that do no
I/O. fedfind's own reads have no time limit, and take 61 requests for a compose that does not exist.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import NotFoundError
from fedora_openqa.gateways.composes.fedfind import (
    FEDORA_PREFIXES,
    RESPIN,
    direct_url,
    name_of,
    release_at,
    spelled_release,
)
from fedora_openqa.gateways.composes.metadata import (
    ListedImage,
    check_compose_id,
    check_finished,
    decode_composeinfo,
    decode_images,
    status_url,
)
from fedora_openqa.gateways.composes.respins import is_respin_folder, read_respin
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.hosts import check_location
from fedora_openqa.logs import ContextPool
from fedora_openqa.model.composes import Compose, ComposeName, Image

#: the beginning of names of links to the newest compose: ``latest-Fedora-Rawhide``
LATEST = "latest"


class PungiComposes(ports.Composes):
    """The metadata of composes, over HTTP, with one to four requests each."""

    def __init__(self, reader: Reader, *, allowed_hosts: Sequence[str]) -> None:
        """Read from Fedora's hosts and from ``allowed_hosts`` (``host`` or ``host:port``)."""
        self._reader = reader
        self._allowed_hosts = frozenset(allowed_hosts)

    @override
    def name_in(self, location: str) -> ComposeName | None:
        names = map(name_of, reversed(urlsplit(self._plain(location)).path.split("/")))
        return next((name for name in names if name), None)

    @override
    def load(self, location: str) -> Compose:
        location = self._plain(location)
        named = self.name_in(location)
        if is_respin_folder(location):
            return self._load_respin(location)
        if named is None and (compose_id := self._newest(location)):
            return self._load(_settled(location, compose_id), expected=compose_id)
        return self._load(location, expected=named.id if named else "")

    def _plain(self, location: str) -> str:
        return check_location(location, prefixes=FEDORA_PREFIXES, allowed_hosts=self._allowed_hosts)

    def _load(self, location: str, *, expected: str) -> Compose:
        full = _is_full(location)
        base = location.rstrip("/")
        info_url, images_url = (
            f"{base}/metadata/{name}.json" for name in ("composeinfo", "images")
        )
        with ContextPool(max_workers=3) as pool:
            # errors are raised by `result` below, in order of importance
            asked_status = pool.submit(self._status, base)
            asked_info = pool.submit(self._reader.fetch, info_url)
            asked_images = pool.submit(self._reader.fetch, images_url)
        check_finished(asked_status.result(), location)
        content = asked_info.result()
        if content is None:
            raise _no_compose(location)
        info = decode_composeinfo(content, info_url)
        check_compose_id(info.compose.id, location, expected=expected)
        listed = decode_images(asked_images.result(), images_url, info, base=base)
        return Compose(
            name=ComposeName(
                id=info.compose.id,
                short=info.release.short,
                release=spelled_release(info.release.version),
                release_type=info.release.type,
            ),
            location=location,
            type=info.compose.type,
            label=info.compose.label,
            full=info.has_generic_tree if full is None else full,
            images=_images(listed, base),
        )

    def _newest(self, location: str) -> str | None:
        """Return the id of the compose that a link leads to; None: the URL is not a link.

        Raises: as `load`.
        """
        if not _links_in(location):
            return None
        url = f"{location.rstrip('/')}/metadata/composeinfo.json"
        content = self._reader.fetch(url)
        if content is None:
            raise _no_compose(location)
        return decode_composeinfo(content, url).compose.id

    def _load_respin(self, location: str) -> Compose:
        base = direct_url(location.rstrip("/"))
        respin = read_respin(self._reader, base)
        return Compose(
            name=ComposeName(
                id=respin.id, short=RESPIN, release=respin.release, release_type="updates"
            ),
            location=location,
            type="production",
            label=None,
            full=False,
            images=_images(respin.images, base),
        )

    def _status(self, base: str) -> bytes | None:
        url = status_url(base)
        return self._reader.fetch(url) if url else None


def _links_in(location: str) -> list[str]:
    return [part for part in location.split("/") if part.lower().startswith(LATEST)]


def _settled(location: str, compose_id: str) -> str:
    """Return the URL of a compose's own folder, which is beside the link to the newest compose.

    The link may lead to another compose while the tests of this one run.
    """
    return "/".join(
        compose_id if part.lower().startswith(LATEST) else part for part in location.split("/")
    )


def _no_compose(location: str) -> NotFoundError:
    return NotFoundError(
        f"{location}: there is no compose here: it never existed, was moved or deleted"
    )


def _is_full(location: str) -> bool | None:
    """Return whether fedfind takes a compose for a full one; None: the compose is not Fedora's.

    Raises:
        SubjectError: Fedora keeps no compose at this URL.
    """
    if not location.startswith(FEDORA_PREFIXES):
        return None
    return release_at(location).https_url_generic is not None


def _images(listed: Sequence[ListedImage], base: str) -> tuple[Image, ...]:
    direct = direct_url(base)
    return tuple(
        Image(
            subvariant=image.subvariant,
            type=image.type,
            format=image.format,
            arch=image.arch,
            url=f"{direct}/{image.path}",
            flavor=image.flavor,
            disc_number=image.disc_number,
            bootable=image.bootable,
            size=image.size,
        )
        for image in listed
    )
