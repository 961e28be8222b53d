"""Which updates on the critical path Bodhi has, over its REST API."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec

from fedora_openqa.events import BodhiUpdate
from fedora_openqa.gateways.answers import require_json
from fedora_openqa.gateways.http import Reader, first_line
from fedora_openqa.model.events import UpdateReady

log = logging.getLogger(__name__)

#: updates before tests decide about them
STATUSES = ("pending", "testing")

#: an update that nobody changed has no time of its last change
MOMENTS = ("submitted_since", "modified_since")

ROWS_PER_PAGE = 100

#: pages of one list; the busiest days in Fedora have a few hundred such updates
MOST_PAGES = 20


class _Page(msgspec.Struct, frozen=True):
    updates: tuple[Any, ...]
    pages: Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True, slots=True)
class UpdateLists:
    """`fedora_openqa.ports.Source`: Bodhi's lists of updates."""

    reader: Reader
    url: str
    name: str = "Bodhi"
    current: bool = True

    def events(self, *, since: float, until: float) -> tuple[UpdateReady, ...]:  # noqa: ARG002
        """List updates that were submitted or changed, each as it is now.

        Raises:
            ServiceUnavailableError, RequestRefusedError: Bodhi does not say.
        """
        # all of Bodhi's times are UTC and do not say so
        moment = f"{datetime.fromtimestamp(since, tz=UTC):%Y-%m-%dT%H:%M:%S}"
        found = {
            update.alias: update
            for status in STATUSES
            for name in MOMENTS
            for update in self._list({"status": status, name: moment})
        }
        return tuple(UpdateReady(update=one.facts(), again=False) for one in found.values())

    def _list(self, query: dict[str, str]) -> Iterator[BodhiUpdate]:
        for number in range(1, MOST_PAGES + 1):
            rows = {"rows_per_page": ROWS_PER_PAGE, "page": number}
            url = (
                f"{self.url.rstrip('/')}/updates/?{urlencode({'critpath': 'true'} | query | rows)}"
            )
            page = require_json(self.reader, url, _Page)
            for row in page.updates:
                try:
                    yield msgspec.convert(row, BodhiUpdate)
                except (msgspec.ValidationError, RecursionError) as exc:
                    log.warning("%s: left out an update: %s", url, first_line(str(exc)))
            if number >= page.pages or not page.updates:
                return
        log.warning("%s: more pages than are read", url)
