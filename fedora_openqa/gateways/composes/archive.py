"""Which composes there have been: Fedora's archive keeps a list of each release's.

A line is a compose id, and a label if it has one; only finished composes are listed. It is
what fedfind reads, without a time limit, to find the compose before another.
"""

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.texts import first_line

PATH = "metadata-archive/series"


class SeriesFiles(ports.ComposeSeries):
    """`fedora_openqa.ports.ComposeSeries`, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read lists that are in the archive below ``url``, where all composes are."""
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
