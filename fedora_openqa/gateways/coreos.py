"""Builds of Fedora CoreOS, as coreos-assembler publishes them."""

from collections.abc import Sequence
from typing import Annotated

import msgspec

from fedora_openqa.errors import SubjectError
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.locations import check_location
from fedora_openqa.model.subjects import CoreOSBuild

PREFIXES = ("https://builds.coreos.fedoraproject.org/",)

#: a word that may become part of a setting: the first part of a build id is the release
BUILDID = r"^(?=.{1,64}$)[0-9]+(\.[A-Za-z0-9_-]+)+$"
ARCH = r"^[a-z0-9_]{1,16}$"


class _Image(msgspec.Struct, frozen=True):
    path: Annotated[str, msgspec.Meta(pattern=r"^[^/\s]\S{0,254}$")]


class _Images(msgspec.Struct, frozen=True):
    live_iso: _Image | None = msgspec.field(name="live-iso", default=None)


class _Meta(msgspec.Struct, frozen=True):
    buildid: Annotated[str, msgspec.Meta(pattern=BUILDID)]
    arch: Annotated[str, msgspec.Meta(pattern=ARCH)] = msgspec.field(
        name="coreos-assembler.basearch"
    )
    images: _Images = _Images()


class CoreOSBuilds:
    """`fedora_openqa.ports.CoreOSBuilds`, over HTTP."""

    def __init__(self, reader: Reader, *, allowed_hosts: Sequence[str]) -> None:
        """Read from Fedora's host and from ``allowed_hosts`` (``host`` or ``host:port``)."""
        self._reader = reader
        self._allowed_hosts = frozenset(allowed_hosts)

    def load(self, url: str) -> CoreOSBuild:
        """Read a build.

        :param url: the URL of its folder

        Raises:
            SubjectError: there is no readable build there, or we may not read from there.
            ServiceUnavailableError: nobody could be asked.
        """
        check_location(url, prefixes=PREFIXES, allowed_hosts=self._allowed_hosts)
        base = url.rstrip("/")
        text = self._reader.fetch(f"{base}/meta.json")
        if text is None:
            raise SubjectError(f"{url}: there is no CoreOS build here")
        try:
            meta = msgspec.json.decode(text, type=_Meta)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise SubjectError(f"{base}/meta.json: not that of a CoreOS build: {exc}") from exc
        live_iso = meta.images.live_iso
        return CoreOSBuild(
            url=base,
            buildid=meta.buildid,
            arch=meta.arch,
            live_iso=live_iso.path if live_iso else None,
        )
