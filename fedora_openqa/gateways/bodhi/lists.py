"""Lists of updates in Bodhi: a source of a sweep, and updates that wait for gating; reads only."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.events import BodhiUpdate
from fedora_openqa.gateways.http.client import Reader, require_json
from fedora_openqa.model.events import UpdateReady
from fedora_openqa.model.subjects import Update
from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)

#: statuses of updates that are not yet stable
ON_THEIR_WAY = ("pending", "testing")

ROWS_PER_PAGE = 100

#: filters by time; an update that was never changed has no time of its last change
MOMENTS = ("submitted_since", "modified_since")

#: pages of one list; the busiest days in Fedora have a few hundred such updates
SWEEP_PAGES = 20

#: gating statuses of updates that do not pass gating; the filter takes one at a time
GATING = ("waiting", "failed", "greenwave_failed", "queued", "running")

#: pages of one list; two weeks of Fedora fill a few
GATING_PAGES = 50


@dataclass(frozen=True, slots=True)
class UpdateLists(ports.Source):
    """Updates that were submitted or changed since a time, each in its present state."""

    reader: Reader
    url: str
    name: str = "Bodhi"
    current: bool = True

    @override
    def events(self, *, since: float, until: float) -> tuple[UpdateReady, ...]:
        found = {
            update.alias: update
            for status in ON_THEIR_WAY
            for name in MOMENTS
            for update in self._list({"status": status, name: _moment(since)})
        }
        return tuple(UpdateReady(update=one.facts(), again=False) for one in found.values())

    def _list(self, query: dict[str, str]) -> Iterator[BodhiUpdate]:
        query = {"critpath": "true", **query}
        try:
            yield from _read_updates(self.reader, self.url, query, most_pages=SWEEP_PAGES)
        except MorePagesError as exc:
            # the updates that were read are still useful
            log.warning("%s", exc)


class BodhiGating(ports.GatedUpdates):
    """Bodhi's lists of updates by gating status and by build, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the Bodhi at ``url``."""
        self._reader = reader
        self._url = url

    @override
    def waiting(self, *, since: float) -> tuple[Update, ...]:
        query = {"status": ON_THEIR_WAY, "submitted_since": _moment(since)}
        # an update that changes between two requests is in both lists
        found = {
            update.alias: update.facts()
            for gating in GATING
            for update in _read_updates(
                self._reader, self._url, {"gating": gating, **query}, most_pages=GATING_PAGES
            )
        }
        return tuple(found.values())

    @override
    def with_build(self, nvr: str) -> Update | None:
        found = _read_updates(self._reader, self._url, {"builds": nvr}, most_pages=GATING_PAGES)
        # Bodhi lists the newest first; a server that ignores the filter lists other updates
        return next((one.facts() for one in found if nvr in one.facts().nvrs), None)


class MorePagesError(ServiceUnavailableError):
    """A list has more pages than are read."""


class _Page(msgspec.Struct, frozen=True):
    updates: tuple[Any, ...]
    pages: Annotated[int, msgspec.Meta(ge=0)]


def _read_updates(
    reader: Reader, url: str, query: Mapping[str, str | Sequence[str]], *, most_pages: int
) -> Iterator[BodhiUpdate]:
    """Yield the updates of a list; log a warning for each that cannot be decoded.

    :param url: the URL of Bodhi

    Raises:
        MorePagesError: the list has more than ``most_pages`` pages.
        RequestRefusedError, ServiceUnavailableError: Bodhi does not answer.
    """
    for number in range(1, most_pages + 1):
        fields = {**query, "rows_per_page": ROWS_PER_PAGE, "page": number}
        asked = f"{url.rstrip('/')}/updates/?{urlencode(fields, doseq=True)}"
        page = require_json(reader, asked, _Page)
        for row in page.updates:
            try:
                yield msgspec.convert(row, BodhiUpdate)
            except (msgspec.ValidationError, RecursionError) as exc:
                log.warning("%s: skipped an update: %s", asked, first_line(str(exc)))
        if number >= page.pages or not page.updates:
            return
    raise MorePagesError(f"GET {asked}: more pages than are read")


def _moment(seconds: float) -> str:
    """Return a time, in seconds since 1970, as Bodhi writes it: in UTC, without a time zone."""
    return f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}"
