"""Whether openQA answers at all: one small read without a key, which is not repeated."""

from dataclasses import replace
from typing import Any

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.http.client import Reader, require_json
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.texts import shown_url

#: seconds that the answer may take: a server whose processes are all busy with POSTs is not away
SECONDS = 30.0


class OpenQAPresence(ports.Presence):
    """Asks an openQA server for a list of at most one job, which it reads from its database."""

    def __init__(self, limits: Limits, url: str) -> None:
        """Use a server."""
        total = min(limits.total_timeout, SECONDS)
        self._reader = Reader(replace(limits, attempts=1, total_timeout=total, connections=1))
        self._api_url = f"{url}/api/v1/"

    @property
    @override
    def api_url(self) -> str:
        return shown_url(self._api_url)

    @override
    def reach(self) -> None:
        require_json(self._reader, f"{self._api_url}jobs?ids=1&limit=1", dict[str, Any])
