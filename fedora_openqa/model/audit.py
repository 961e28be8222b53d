"""Acts of people: what was asked for, stored before it is done, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What a person does."""

    RERUN = "rerun"
    REQUEST = "request"
    RELEASE = "release"
    DROP = "drop"
    PAUSE = "pause"
    RESUME = "resume"
    DRAIN = "drain"
    WAIVE = "waive"
    KEEP = "keep"
    UNKEEP = "keep --release"
    NAME = "name"
    RULE = "rule"
    UNRULE = "unrule"


class Role(StrEnum):
    """Whose right an act is: that of a login, or of an account that runs a command."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"
    COMMAND = "command"


class Ending(StrEnum):
    """How an act ended."""

    DONE = "done"
    #: refused, or there was nothing to do
    NOTHING = "nothing"
    #: sent, and not known whether it was done
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What a person is about to do."""

    #: ``"ada"``
    who: str
    role: Role
    what: Action
    #: ``"FEDORA-2026-1bd5f4a0c2"``, ``"update:43"``
    target: str
    #: in the person's words; empty: none was given
    reason: str = ""
    #: what was announced: the ids of jobs, the number of what is skipped
    preview: Mapping[str, Any] = field(default_factory=dict)
    #: what it counts in the limit of a person and a day: the jobs that it starts
    cost: int = 1
    #: of the form that asks for it: one key is one act
    key: str


@dataclass(frozen=True, slots=True)
class Act:
    """A stored act."""

    id: int
    intent: Intent
    #: seconds since 1970
    at: float
    #: None: not known whether it was done, because it is being done or its process ended
    ending: Ending | None = None
    #: what came of it, in words
    outcome: str = ""
    #: when that was stored, seconds since 1970
    settled: float | None = None
