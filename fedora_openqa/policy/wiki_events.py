"""Which validation event of the wiki a compose belongs to.

Says the same as wikitcms's `helpers.cid_to_event`, which asks up to thirty times over the
network for it.
"""

import re
from collections.abc import Iterable

from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.results import NotReported
from fedora_openqa.model.wiki import WikiEvent

#: ids of the composes that have events; those of ELN, of updates, of containers and tests do not
EVENT_COMPOSE_ID = re.compile(
    r"(?P<dist>Fedora(-IoT)?)-(?P<release>[0-9]+|Rawhide)"
    r"-(?P<date>[0-9]{8})(?P<nightly>\.n)?\.(?P<respin>[0-9]+)"
)


def needs_label(cid: str) -> bool:
    """Say whether the event of a compose depends on its label."""
    match = EVENT_COMPOSE_ID.fullmatch(cid)
    return match is not None and not match["nightly"]


def needs_numbers(cid: str) -> bool:
    """Say whether it depends on which releases there are."""
    match = EVENT_COMPOSE_ID.fullmatch(cid)
    return match is not None and match["nightly"] is not None and match["release"] == "Rawhide"


def newest_nightlies(cids: Iterable[str]) -> tuple[str, ...]:
    """Choose the nightlies that have events, of all releases; the newest first."""
    found = [match for match in map(EVENT_COMPOSE_ID.fullmatch, cids) if match and match["nightly"]]
    found.sort(key=lambda match: (match["date"], int(match["respin"])), reverse=True)
    return tuple(match[0] for match in found)


def event_for(
    cid: str, *, label: str | None = None, numbers: ReleaseNumbers | None = None
) -> WikiEvent | NotReported:
    """Name the event of a compose.

    :param label: ``"RC-1.6"``, if the compose has one
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
