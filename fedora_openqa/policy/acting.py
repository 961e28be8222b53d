"""What is said of the acts of people."""

import shlex

from fedora_openqa.model.acting import FAILURES, Order
from fedora_openqa.model.audit import Act, Action, Ending

#: how to see whether an act was done, by what was asked for
LOOKS = {
    Action.RERUN: "fedora-openqa explain {target}",
    Action.REQUEST: "fedora-openqa explain {target}",
    Action.RELEASE: "fedora-openqa explain {target}",
    Action.DROP: "fedora-openqa explain {target}",
    Action.PAUSE: "fedora-openqa status",
    Action.RESUME: "fedora-openqa status",
    Action.DRAIN: "fedora-openqa status",
    Action.WAIVE: "fedora-openqa gating {target}",
    Action.KEEP: "fedora-openqa keep --list",
    Action.UNKEEP: "fedora-openqa keep --list",
    Action.NAME: "fedora-openqa failures show {target}",
    Action.RULE: "fedora-openqa failures rules",
    Action.UNRULE: "fedora-openqa failures rules",
}

NOT_KNOWN = "not known whether it was done"


def how_to_look(act: Act) -> str | None:
    """Return the command that shows whether an act was done; None: that is known."""
    if act.ending in (Ending.DONE, Ending.NOTHING):
        return None
    target = act.intent.target
    if target.startswith(FAILURES):
        return LOOKS[Action.NAME].format(target=shlex.quote(target.removeprefix(FAILURES)))
    # a restart may be of several builds
    targets = target.split() if act.intent.what is Action.RERUN else [target]
    look = LOOKS[act.intent.what]
    return "; ".join(dict.fromkeys(look.format(target=shlex.quote(one)) for one in targets))


def is_about(act: Act, order: Order) -> bool:
    """Return whether an act is what a person orders now, under the key of it."""
    asked = act.intent.preview.get("wish")
    return (act.intent.who, act.intent.what, act.intent.reason, asked) == (
        order.who,
        order.wish.what,
        order.reason,
        order.wish.asked,
    )


def outcome_of(act: Act) -> str:
    """Return what came of an act, in words."""
    if act.ending is None:
        return f"{NOT_KNOWN}: it is being done, or its process ended"
    if act.ending is Ending.UNCLEAR:
        return f"{NOT_KNOWN}: {act.outcome}"
    return act.outcome
