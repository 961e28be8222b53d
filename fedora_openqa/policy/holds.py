"""What must not be scheduled at the moment because a person said so."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from fedora_openqa.model.stories import Pause


@dataclass(frozen=True, slots=True)
class Holds:
    """What our deployment holds back, each with its reason."""

    #: pattern of compose ids, URLs and update ids, in any case, to reason:
    #: ``{"*-20261120.n.0": "broken"}``
    blocked: Mapping[str, str]
    #: lane to reason: ``{"update": "openQA moves", "compose:Rawhide": "mass rebuild"}``
    paused: Mapping[str, str]


def reason_to_block(names: Iterable[str], holds: Holds) -> str | None:
    """Say why a subject that has these names is not scheduled, if it is blocked."""
    for name in names:
        for pattern, reason in holds.blocked.items():
            if fnmatchcase(name.lower(), pattern.lower()):
                return f"{name} is blocked by {pattern!r}: {reason}"
    return None


def reason_to_wait(lanes: Iterable[str], holds: Holds) -> str | None:
    """Say why a subject in these lanes waits, if one of them is paused."""
    for lane in lanes:
        if lane in holds.paused:
            return f"lane {lane} is paused: {holds.paused[lane]}"
    return None


def with_pauses(holds: Holds, pauses: Iterable[Pause]) -> Holds:
    """Add what a person has stopped to what the configuration holds back, which goes first."""
    stopped = {pause.lane: f"{pause.reason} ({pause.by})" for pause in pauses}
    return replace(holds, paused={**stopped, **holds.paused})
