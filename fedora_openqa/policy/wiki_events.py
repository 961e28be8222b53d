"""The wiki's validation event of a compose.

Has the same rules as wikitcms's `helpers.cid_to_event`, which sends up to thirty requests for it.
"""

import re
from collections.abc import Iterable

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.results import NotReported
from fedora_openqa.model.wiki import WikiEvent

#: ids of composes that have events; those of ELN, updates, containers and tests have none
EVENT_COMPOSE_ID = re.compile(
    r"(?P<dist>Fedora(-IoT)?)-(?P<release>[0-9]+|Rawhide)"
    r"-(?P<date>[0-9]{8})(?P<nightly>\.n)?\.(?P<respin>[0-9]+)"
)


def needs_label(cid: str) -> bool:
    """Return whether the event of a compose depends on its label."""
    match = EVENT_COMPOSE_ID.fullmatch(cid)
    return match is not None and not match["nightly"]


def needs_numbers(cid: str) -> bool:
    """Return whether the event of a compose depends on the current releases."""
    match = EVENT_COMPOSE_ID.fullmatch(cid)
    return match is not None and match["nightly"] is not None and match["release"] == "Rawhide"


def newest_nightlies(cids: Iterable[str]) -> tuple[str, ...]:
    """Return the nightlies of all releases that have events, the newest first."""
    found = [match for match in map(EVENT_COMPOSE_ID.fullmatch, cids) if match and match["nightly"]]
    found.sort(key=lambda match: (match["date"], int(match["respin"])), reverse=True)
    return tuple(match[0] for match in found)


def event_for(
    cid: str, *, label: str | None = None, numbers: ReleaseNumbers | None = None
) -> WikiEvent | NotReported:
    """Return the event of a compose, or why it has none.

    :param label: ``"RC-1.6"``; None: the compose has none
    :param numbers: today's releases; None: unknown, or `needs_numbers` is false
    """
    match = EVENT_COMPOSE_ID.fullmatch(cid)
    if match is None:
        return NotReported(f"{cid} is no compose with result pages")
    dist, release = match["dist"], match["release"]
    if not match["nightly"]:
        milestone, dash, compose = (label or "").rpartition("-")
        if not dash:
            return NotReported(f"{cid} is a production compose without a label")
        return WikiEvent(dist, release.lower(), milestone, compose)
    compose = f"{match['date']}.n.{int(match['respin'])}"
    if release != "Rawhide":
        return WikiEvent(dist, release, "Branched", compose)
    if numbers is None:
        return NotReported(f"{cid}: the number of Rawhide is unknown", odd=True)
    release = str(numbers.rawhide)
    return WikiEvent(dist, release, "Rawhide", compose)
