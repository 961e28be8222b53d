"""What a person asks for, and what would come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from fedora_openqa.model.audit import Action, Role

#: what the target of a restart begins with if it is of failures with one cause, or of some jobs:
#: ``"failures:3912345"``, ``"jobs:3912345,3912346"``
FAILURES, JOBS = "failures:", "jobs:"


class Only(StrEnum):
    """The jobs of a subject that are restarted."""

    FAILED = "failed"
    INCOMPLETE = "incomplete"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person asks for."""

    what: Action
    #: a parked item, a lane, the id of failures or of a rule, the text of a rule, what a test is
    #: waived for; of a restart: subjects,
    #: separated by spaces, or what `FAILURES` or `JOBS` begins
    target: str
    #: which of its jobs a restart is about
    only: Only = Only.FAILED
    #: restart also jobs whose assets are missing; schedule again what is scheduled
    force: bool = False
    #: until a pause ends by itself; None: it does not
    seconds: float | None = None
    #: of failures, and the URL of their bug; empty: none; None: as before
    title: str | None = None
    bug: str | None = None
    #: failures are dealt with
    close: bool = False
    #: that is waived: ``"update.podman"``; of which a rule is, empty: of all
    test: str = ""
    #: of which a rule is; empty: of all
    arch: str = ""
    #: in which it is waived; None: in all
    scenario: str | None = None
    #: the person's own for WaiverDB; empty: there is none
    token: str = field(default="", repr=False)

    @property
    def asked(self) -> Mapping[str, Any]:
        """What the audit has of it: the fields that differ from what is usual."""
        return {
            one.name: getattr(self, one.name)
            for one in fields(self)
            if one.name not in {"what", "token"} and getattr(self, one.name) != one.default
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A wish that a person has confirmed."""

    wish: Wish
    who: str
    role: Role
    reason: str
    #: of the form, or a program's own: one key is one act
    key: str


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job that would be restarted."""

    id: int
    #: ``"install_default_upload@64bit"``
    name: str
    #: ``"Server-dvd-iso x86_64"``
    product: str
    #: openQA's result
    result: str
    #: that it usually runs; None: it has no history
    seconds: float | None = None
    #: openQA restarts it with another one
    along: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that a wish is about and that stays as it is."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would come of a wish."""

    wish: Wish
    #: as it is stored: a BUILD, a key, a lane
    target: str
    #: in words: ``"is due at once"``
    effect: str
    jobs: tuple[PlannedJob, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    #: the title and the bug that failures have now
    named: tuple[str, str] = ("", "")
    #: why it cannot be done; None: it can
    obstacle: str | None = None
    #: whether what it is about exists
    is_known: bool = True

    @property
    def cost(self) -> int:
        """What it counts in the limit of a person and a day: its jobs, or one."""
        return max(len(self.jobs), 1)

    @property
    def seconds(self) -> float:
        """The time that workers usually need for all jobs with a history."""
        return sum(job.seconds or 0.0 for job in self.jobs)

    @property
    def unknown(self) -> int:
        """The number of jobs without a history."""
        return sum(job.seconds is None for job in self.jobs)

    @property
    def stored(self) -> Mapping[str, Any]:
        """What the audit has of it."""
        told = {
            "effect": self.effect,
            "jobs": [job.id for job in self.jobs],
            "left_out": len(self.left_out),
            "wish": self.wish.asked,
        }
        return {name: value for name, value in told.items() if value}
