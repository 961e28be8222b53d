"""Bodhi's lists of updates by gating status and by build; reads only."""

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.bodhi.pages import ON_THEIR_WAY, moment, read_updates
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.model.subjects import Update

#: gating statuses of updates that do not pass gating; the filter takes one at a time
GATING = ("waiting", "failed", "greenwave_failed", "queued", "running")

#: pages of one list; two weeks of Fedora fill a few
MOST_PAGES = 50


class BodhiGating(ports.GatedUpdates):
    """Bodhi's lists of updates by gating status and by build, over HTTP."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the Bodhi at ``url``."""
        self._reader = reader
        self._url = url

    @override
    def waiting(self, *, since: float) -> tuple[Update, ...]:
        query = {"status": ON_THEIR_WAY, "submitted_since": moment(since)}
        # an update that changes between two requests is in both lists
        found = {
            update.alias: update.facts()
            for gating in GATING
            for update in read_updates(
                self._reader, self._url, {"gating": gating, **query}, most_pages=MOST_PAGES
            )
        }
        return tuple(found.values())

    @override
    def with_build(self, nvr: str) -> Update | None:
        found = read_updates(self._reader, self._url, {"builds": nvr}, most_pages=MOST_PAGES)
        # Bodhi lists the newest first; a server that ignores the filter lists other updates
        return next((one.facts() for one in found if nvr in one.facts().nvrs), None)
