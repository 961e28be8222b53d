"""Which updates gating holds up, over Bodhi's REST API; reads only."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.events import BodhiUpdate
from fedora_openqa.gateways.answers import require_json
from fedora_openqa.gateways.http import Reader, first_line
from fedora_openqa.model.subjects import Update

log = logging.getLogger(__name__)

#: gating statuses that let nothing through; the filter takes one at a time
GATING = ("waiting", "failed", "greenwave_failed", "queued", "running")

#: updates that are still on their way
STATUSES = ("pending", "testing")

ROWS_PER_PAGE = 100

#: pages of one list; a fortnight in Fedora has a few
MOST_PAGES = 50


class _Page(msgspec.Struct, frozen=True):
    updates: tuple[Any, ...]
    pages: Annotated[int, msgspec.Meta(ge=0)]


class BodhiGating:
    """`fedora_openqa.ports.GatedUpdates`: Bodhi's lists of updates."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the Bodhi at ``url``."""
        self._reader = reader
        self._url = f"{url.rstrip('/')}/updates/"

    def waiting(self, *, since: float) -> tuple[Update, ...]:
        """List the updates that wait for tests, of all that were submitted since a time.

        Raises:
            RequestRefusedError, ServiceUnavailableError: Bodhi does not say.
        """
        # all of Bodhi's times are UTC and do not say so
        moment = f"{datetime.fromtimestamp(since, tz=UTC):%Y-%m-%dT%H:%M:%S}"
        # one that changes between two lists is in both
        found = {update.alias: update for gating in GATING for update in self._list(gating, moment)}
        return tuple(found.values())

    def _list(self, gating: str, since: str) -> Iterator[Update]:
        for number in range(1, MOST_PAGES + 1):
            query = {
                "gating": gating,
                "status": STATUSES,
                "submitted_since": since,
                "rows_per_page": ROWS_PER_PAGE,
                "page": number,
            }
            url = f"{self._url}?{urlencode(query, doseq=True)}"
            page = require_json(self._reader, url, _Page)
            for row in page.updates:
                try:
                    yield msgspec.convert(row, BodhiUpdate).facts()
                except (msgspec.ValidationError, RecursionError) as exc:
                    log.warning("%s: left out an update: %s", url, first_line(str(exc)))
            if number >= page.pages or not page.updates:
                return
        raise ServiceUnavailableError(f"GET {self._url}: more pages of {gating} than are read")
