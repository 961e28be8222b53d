"""The numbers of Fedora's current releases, from the same file that fedfind reads.

fedfind's own reader has no time limit and tries five times without a pause.
"""

from typing import Annotated

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import PermanentError
from fedora_openqa.gateways.http.client import Reader, read_json
from fedora_openqa.model.composes import ReleaseNumbers

Number = Annotated[int, msgspec.Meta(ge=1, le=999)]


class _Fedora(msgspec.Struct, frozen=True):
    stable: tuple[Number, ...]
    branched: tuple[Number, ...]


class _ReleaseMetadata(msgspec.Struct, frozen=True):
    fedora: _Fedora


class MetadataReleases(ports.Releases):
    """Releases in a JSON file that Fedora's QA team maintains."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read ``url`` on every call: a release may be branched at any time."""
        self._reader = reader
        self._url = url

    @override
    def load(self) -> ReleaseNumbers:
        found = read_json(self._reader, self._url, _ReleaseMetadata)
        if found is None:
            raise PermanentError(f"{self._url}: not there")
        fedora = found.fedora
        if not fedora.stable:
            raise PermanentError(f"{self._url}: names no stable release")
        return ReleaseNumbers(stable=fedora.stable, branched=fedora.branched)
