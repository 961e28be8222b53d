"""Bodhi's updates on the critical path as a source of a sweep."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.events import BodhiUpdate
from fedora_openqa.gateways.bodhi.pages import ON_THEIR_WAY, MorePagesError, moment, read_updates
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.events import UpdateReady

log = logging.getLogger(__name__)

#: filters by time; an update that was never changed has no time of its last change
MOMENTS = ("submitted_since", "modified_since")

#: pages of one list; the busiest days in Fedora have a few hundred such updates
MOST_PAGES = 20


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
            for update in self._list({"status": status, name: moment(since)})
        }
        return tuple(UpdateReady(update=one.facts(), again=False) for one in found.values())

    def _list(self, query: dict[str, str]) -> Iterator[BodhiUpdate]:
        query = {"critpath": "true", **query}
        try:
            yield from read_updates(self.reader, self.url, query, most_pages=MOST_PAGES)
        except MorePagesError as exc:
            # the updates that were read are still useful
            log.warning("%s", exc)
