"""Builds of Fedora CoreOS, as coreos-assembler publishes them."""

import re
from collections.abc import Sequence

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import NotFoundError, SubjectError
from fedora_openqa.gateways.composes.metadata import IMAGE_PATH
from fedora_openqa.gateways.http.client import Reader, read_json
from fedora_openqa.gateways.http.hosts import check_location
from fedora_openqa.model.subjects import CoreOSBuild
from fedora_openqa.texts import first_line

PREFIXES = ("https://builds.coreos.fedoraproject.org/",)

#: the id of a build; its first part is the release and becomes a job setting
BUILDID = r"\A(?=.{1,64}\Z)[0-9]+(\.[A-Za-z0-9_-]+)+\Z"
ARCH = r"\A[a-z0-9_]{1,16}\Z"


class _Image(msgspec.Struct, frozen=True):
    path: str


class _Images(msgspec.Struct, frozen=True):
    live_iso: _Image | None = msgspec.field(name="live-iso", default=None)


class _Meta(msgspec.Struct, frozen=True):
    buildid: str
    arch: str = msgspec.field(name="coreos-assembler.basearch")
    images: _Images = _Images()


class CoreOSBuilds(ports.CoreOSBuilds):
    """The metadata of builds, over HTTP."""

    def __init__(self, reader: Reader, *, allowed_hosts: Sequence[str]) -> None:
        """Read from Fedora's host and from ``allowed_hosts`` (``host`` or ``host:port``)."""
        self._reader = reader
        self._allowed_hosts = frozenset(allowed_hosts)

    @override
    def load(self, url: str) -> CoreOSBuild:
        base = check_location(url, prefixes=PREFIXES, allowed_hosts=self._allowed_hosts)
        meta = read_json(self._reader, f"{base}/meta.json", _Meta)
        if meta is None:
            raise NotFoundError(f"{url}: there is no CoreOS build here")
        live_iso = meta.images.live_iso
        _check(meta.buildid, "buildid", re.compile(BUILDID), base)
        _check(meta.arch, "basearch", re.compile(ARCH), base)
        if live_iso:
            _check(live_iso.path, "path of live-iso", IMAGE_PATH, base)
        return CoreOSBuild(
            url=base,
            buildid=meta.buildid,
            arch=meta.arch,
            live_iso=live_iso.path if live_iso else None,
        )


def _check(value: str, name: str, pattern: re.Pattern[str], base: str) -> None:
    if not pattern.fullmatch(value):
        raise SubjectError(f"{base}/meta.json: unusable {name}: {first_line(value)!r}")
