"""What must not be scheduled at the moment because a person said so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True)
class Holds:
    """What our deployment holds back, each with its reason."""

    #: pattern of compose ids, URLs and update ids to reason: ``{"*-20261120.n.0": "broken"}``
    blocked: Mapping[str, str]
    #: lane to reason: ``{"update": "openQA moves", "compose:Rawhide": "mass rebuild"}``
    paused: Mapping[str, str]


def reason_to_hold(names: Iterable[str], *, lanes: Iterable[str], holds: Holds) -> str | None:
    """Say why a subject of these names, in these lanes, is held back, if it is."""
    for name in names:
        for pattern, reason in holds.blocked.items():
            if fnmatchcase(name, pattern):
                return f"{name} is blocked by {pattern!r}: {reason}"
    for lane in lanes:
        if lane in holds.paused:
            return f"lane {lane} is paused: {holds.paused[lane]}"
    return None
