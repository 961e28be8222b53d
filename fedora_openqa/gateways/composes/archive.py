"""Which composes there have been: Fedora's archive keeps a list of each release's.

A line is a compose id, and a label if it has one; only finished composes are listed. It is
what fedfind reads, without a time limit, to find the compose before another.
"""

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.texts import first_line

PATH = "metadata-archive/series"


class SeriesFiles:
    """`fedora_openqa.ports.ComposeSeries`, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read lists that are in the archive below ``url``, where all composes are."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/{PATH}"

    def of(self, release: str) -> tuple[str, ...]:
        """Return the ids of the finished composes of a release; empty if nobody keeps a list.

        Raises:
            RequestRefusedError: another answer of 4xx than that there is no list.
            ServiceUnavailableError: no answer, or one that is no list of composes.
        """
        dist, _, version = release.rpartition("-")
        url = f"{self._url}/{dist}-{version.lower()}"
        text = (self._reader.fetch(url) or b"").decode(errors="replace")
        ids = tuple(words[0] for words in map(str.split, text.splitlines()) if words)
        if ids and not any(map(COMPOSE_ID.fullmatch, ids)):
            raise ServiceUnavailableError(
                f"GET {url}: not the answer of this service: {first_line(text)}"
            )
        return ids
