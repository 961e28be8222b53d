"""The finished composes of a release, from the lists in Fedora's metadata archive.

A line of a list is a compose id, followed by its label if it has one. fedfind reads the same lists,
without a time limit, to find the previous compose.
"""

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.texts import first_line

PATH = "metadata-archive/series"


class SeriesFiles(ports.ComposeSeries):
    """The lists of the archive, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the archive below ``url``, the URL of all composes."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/{PATH}"

    @override
    def of(self, release: str) -> tuple[str, ...]:
        dist, _, version = release.rpartition("-")
        url = f"{self._url}/{dist}-{version.lower()}"
        text = (self._reader.fetch(url) or b"").decode(errors="replace")
        ids = tuple(words[0] for words in map(str.split, text.splitlines()) if words)
        if ids and not any(map(COMPOSE_ID.fullmatch, ids)):
            raise ServiceUnavailableError(
                f"GET {url}: not the answer of this service: {first_line(text)}"
            )
        return ids
