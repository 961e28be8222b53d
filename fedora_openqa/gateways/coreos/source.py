"""Builds of Fedora CoreOS as a source of a sweep: the list of builds of each stream."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.coreos.builds import ARCH, BUILDID
from fedora_openqa.gateways.http.client import Reader, read_json
from fedora_openqa.model.events import CoreOSBuildFinished


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
