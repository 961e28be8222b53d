"""Files that jobs have uploaded to openQA; their content is not trusted."""

from dataclasses import replace
from urllib.parse import quote

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.transport import Limits

#: bytes of the largest file that is read; the logs of the report have some 100 KiB
MAX_BYTES = 1024 * 1024


class OpenQAFiles(ports.JobFiles):
    """The uploaded files of an openQA server."""

    def __init__(self, limits: Limits, url: str) -> None:
        """Read from the openQA at ``url``."""
        max_bytes = min(limits.max_bytes, MAX_BYTES)
        self._reader = Reader(replace(limits, max_bytes=max_bytes))
        self._url = f"{url.rstrip('/')}/tests"

    @override
    def load(self, job_id: int, name: str) -> bytes | None:
        return self._reader.fetch(f"{self._url}/{job_id}/file/{quote(name, safe='')}")
