"""The acts of people."""

from collections.abc import Mapping
from typing import Any

import msgspec

from fedora_openqa.model.audit import Act
from fedora_openqa.policy.acting import how_to_look, outcome_of
from fedora_openqa.views.times import when


class ActView(msgspec.Struct, frozen=True):
    """What a person asked for, and what came of it."""

    id: int
    at: str | None
    #: the login, or the account that ran a command
    who: str
    #: ``"operator"``, ``"admin"``, ``"command"``
    role: str
    #: ``"rerun"``
    what: str
    #: a subject, a build, a lane
    target: str
    reason: str | None
    #: what was announced
    preview: Mapping[str, Any]
    #: ``"done"``, ``"nothing"``, ``"unclear"``; None: not known yet
    ending: str | None
    outcome: str
    #: the command that shows whether it was done; None: that is known
    look: str | None
    settled: str | None


def act_view(act: Act) -> ActView:
    """Return the view of an act."""
    intent = act.intent
    return ActView(
        id=act.id,
        at=when(act.at),
        who=intent.who,
        role=intent.role,
        what=intent.what,
        target=intent.target,
        reason=intent.reason or None,
        preview=intent.preview,
        ending=act.ending,
        outcome=outcome_of(act),
        look=how_to_look(act),
        settled=when(act.settled),
    )
