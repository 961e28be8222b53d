"""Which composes there have been: Fedora's archive keeps a list of each release's.

A line is a compose id, and a label if it has one; only finished composes are listed. It is
what fedfind reads, without a time limit, to find the compose before another.
"""

from fedora_openqa.gateways.http import Reader

PATH = "metadata-archive/series"


class SeriesFiles:
    """`fedora_openqa.ports.ComposeSeries`, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read lists that are in the archive below ``url``, where all composes are."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/{PATH}"

    def of(self, release: str) -> tuple[str, ...]:
        """List the ids of the finished composes of a release; none if nobody keeps a list.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """
        dist, _, version = release.rpartition("-")
        text = self._reader.fetch(f"{self._url}/{dist}-{version.lower()}") or b""
        lines = text.decode(errors="replace").splitlines()
        return tuple(words[0] for words in map(str.split, lines) if words)
