"""Work that is stored: subjects that are wanted, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias


class SubjectState(StrEnum):
    """Where a stored subject is."""

    #: its tests should be scheduled
    WANTED = "wanted"
    #: they are
    SCHEDULED = "scheduled"
    #: all that was to be told to its sink is
    REPORTED = "reported"
    #: they are not to be, for a reason that was expected
    SKIPPED = "skipped"
    #: set aside until a person has looked
    PARKED = "parked"


class Change(StrEnum):
    """What a message changed in the store."""

    #: nobody knew the subject
    NEW = "new"
    #: its tests were asked for again, or its content is another
    AGAIN = "again"
    #: only when its next attempt is due: now
    DUE = "due"
    #: nothing: the message came before, or says what is known
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subject that should be scheduled."""

    #: ``"update:FEDORA-2026-1bd5f4a0c2"``
    key: str
    #: ``"update"``
    lane: str
    #: what to ask the workflow for, as plain values
    request: Mapping[str, Any]
    #: of its content: another one is another request
    digest: str = ""
    #: a person asked for its tests to run again
    again: bool = False
    #: higher is sooner
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of a subject, for comparison with what is announced of it."""

    #: of the content that is wanted or was posted
    digest: str
    #: the request of a subject that is parked, or wanted and was begun; None: neither
    failing: Mapping[str, Any] | None = None
    #: its next attempt is due later, and no worker is at it
    delayed: bool = False


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing follows from an event, as was to be expected."""

    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A subject needs nothing more, or nothing before a person has looked."""

    state: SubjectState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """A subject should be tried again."""

    #: seconds from now
    delay: float
    error: str
    #: whether this attempt is one of those that may fail
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Concluded:
    """All deliveries of the build are recorded; its state follows from theirs."""

    #: the sink has answered
    reached: bool


@dataclass(frozen=True, slots=True)
class Away:
    """The whole lane should wait: its service does not answer, or does not let us in."""

    error: str
    #: whether it goes on for as long as nobody mends our deployment
    needs_person: bool = False
    #: seconds after which the service asked to be asked again; None: it did not say
    retry_after: float | None = None


Step: TypeAlias = Finished | Postponed | Concluded | Away


@dataclass(frozen=True, slots=True)
class Lease:
    """A subject that one worker may work on until a time."""

    subject_id: int
    key: str
    lane: str
    request: Mapping[str, Any]
    #: how often its tests were asked for, this time included
    number: int
    #: how often this request was begun, this time included
    attempts: int
    #: when the request was stored, seconds since 1970
    wanted_since: float
    owner: str
    #: seconds since 1970
    until: float


@dataclass(frozen=True, slots=True)
class StoredSubject:
    """A subject as the store has it; times are seconds since 1970."""

    key: str
    lane: str
    request: Mapping[str, Any]
    number: int
    state: SubjectState
    #: why it is skipped or parked
    reason: str | None
    due: float
    attempts: int
    #: why it was last put off
    last_error: str | None
    #: the message that caused the newest request
    message_id: str | None
    created: float
    updated: float
