"""Compose ids: their parts and their order.

`COMPOSE_ID` is the only definition of a compose id. Ids become part of URLs and of BUILD.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

COMPOSE_ID = re.compile(
    r"(?=.{1,128}\Z)(?P<release>[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_.]+)+)"
    r"-(?P<date>[0-9]{8})(\.(?P<type>[a-z]+))?\.(?P<respin>[0-9]{1,9})"
)


@dataclass(frozen=True, slots=True)
class ComposeId:
    """The parts of a compose id."""

    #: ``"Fedora-Rawhide-20261120.n.0"``
    id: str
    #: dist and release: ``"Fedora-Rawhide"``, ``"Fedora-IoT-43"``
    release: str
    #: ``"n"``: a nightly; empty: a production compose
    type: str
    #: ``"20261120"``
    date: str
    #: ``0``
    respin: int


def parse_compose_id(text: str) -> ComposeId | None:
    """Return the parts of a compose id; None: the text is no compose id."""
    match = COMPOSE_ID.fullmatch(text)
    if match is None:
        return None
    return ComposeId(
        id=text,
        release=match["release"],
        type=match["type"] or "",
        date=match["date"],
        respin=int(match["respin"]),
    )


def composes_before(compose: ComposeId, ids: Iterable[str]) -> tuple[str, ...]:
    """Return the older composes of the same dist, release and type, the newest first."""
    older = {
        other
        for other in map(parse_compose_id, ids)
        if other
        and (other.release, other.type) == (compose.release, compose.type)
        and _age(other) < _age(compose)
    }
    return tuple(other.id for other in sorted(older, key=_age, reverse=True))


def _age(compose: ComposeId) -> tuple[str, int]:
    return compose.date, compose.respin


def is_date(text: str) -> bool:
    """Return whether a text is a date as in compose ids: ``"20261120"``."""
    try:
        datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 - a day, not a time
    except ValueError:
        return False
    return len(text) == len("20261120")
