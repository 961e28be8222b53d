"""Holds: the block list and the pauses, by which people keep subjects from being scheduled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.model.stories import Pause


@dataclass(frozen=True, slots=True)
class Holds:
    """The block list and the paused lanes, with their reasons."""

    #: pattern of compose ids, URLs and update ids, in any letter case, to reason:
    #: ``{"*-20261120.n.0": "broken"}``
    blocked: Mapping[str, str]
    #: lane to reason: ``{"update": "openQA moves", "compose:Rawhide": "mass rebuild"}``; all of
    #: them for `ALL_LANES`
    paused: Mapping[str, str]


def reason_to_block(names: Iterable[str], holds: Holds) -> str | None:
    """Return why a subject with these names is blocked; None: it is not."""
    for name in names:
        for pattern, reason in holds.blocked.items():
            if fnmatchcase(name.lower(), pattern.lower()):
                return f"{name} is blocked by {pattern!r}: {reason}"
    return None


def reason_to_wait(lanes: Iterable[str], holds: Holds) -> str | None:
    """Return why a subject in these lanes waits; None: no lane is paused."""
    if reason := holds.paused.get(ALL_LANES):
        return f"all lanes are paused: {reason}"
    for lane in lanes:
        if lane in holds.paused:
            return f"lane {lane} is paused: {holds.paused[lane]}"
    return None


def with_pauses(holds: Holds, pauses: Iterable[Pause]) -> Holds:
    """Return the holds with the pauses of the store added; those of the configuration win."""
    stopped = {pause.lane: f"{pause.reason} ({pause.by})" for pause in pauses}
    return replace(holds, paused={**stopped, **holds.paused})
