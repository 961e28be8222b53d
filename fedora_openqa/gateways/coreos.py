"""Builds of Fedora CoreOS, as coreos-assembler publishes them: single ones and lists of streams."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import NotFoundError, SubjectError
from fedora_openqa.gateways.composes.metadata import IMAGE_PATH
from fedora_openqa.gateways.http.client import Reader, read_json
from fedora_openqa.gateways.http.hosts import check_location
from fedora_openqa.model.events import CoreOSBuildFinished
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


class _Build(msgspec.Struct, frozen=True):
    id: Annotated[str, msgspec.Meta(pattern=BUILDID)]
    arches: tuple[Annotated[str, msgspec.Meta(pattern=ARCH)], ...] = ()


class _BuildsFile(msgspec.Struct, frozen=True):
    builds: tuple[_Build, ...]


@dataclass(frozen=True, slots=True)
class StreamLists(ports.Source):
    """Builds that ``builds.json`` of a stream lists, since the day before a time."""

    reader: Reader
    #: the URL below which all streams are
    url: str
    streams: Sequence[str]
    name: str = "CoreOS builds"
    current: bool = True

    @override
    def events(self, *, since: float, until: float) -> tuple[CoreOSBuildFinished, ...]:
        first = datetime.fromtimestamp(since, tz=UTC) - timedelta(days=1)
        return tuple(
            event for stream in self.streams for event in self._of(stream, f"{first:%Y%m%d}")
        )

    def _of(self, stream: str, first: str) -> Iterator[CoreOSBuildFinished]:
        base = f"{self.url.rstrip('/')}/{stream}/builds"
        found = read_json(self.reader, f"{base}/builds.json", _BuildsFile)
        if found is None:
            # a branched release has a stream only from its branch point to its release
            return
        for build in found.builds:
            # the list has no times, but an id has its day: "45.20261119.91.0"
            if build.id.split(".")[1] >= first:
                for arch in build.arches:
                    url = f"{base}/{build.id}/{arch}"
                    yield CoreOSBuildFinished(buildid=build.id, arch=arch, url=url)


def _check(value: str, name: str, pattern: re.Pattern[str], base: str) -> None:
    if not pattern.fullmatch(value):
        raise SubjectError(f"{base}/meta.json: unusable {name}: {first_line(value)!r}")
