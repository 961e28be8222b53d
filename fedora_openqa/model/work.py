"""Stored work: subjects, their states, and the steps between states."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias


class SubjectState(StrEnum):
    """State of a stored subject."""

    #: its tests should be scheduled
    WANTED = "wanted"
    #: its tests are scheduled
    SCHEDULED = "scheduled"
    #: all its deliveries are done
    REPORTED = "reported"
    #: its tests are not to be scheduled, for an expected reason
    SKIPPED = "skipped"
    #: set aside until a person has looked
    PARKED = "parked"


class Change(StrEnum):
    """What an announcement changed in the store."""

    #: the subject was not in the store
    NEW = "new"
    #: its tests were asked for again, or its content changed
    AGAIN = "again"
    #: its postponed attempt is due now
    DUE = "due"
    #: no change: the message came before, or has no news
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subject that should be scheduled."""

    #: ``"update:FEDORA-2026-1bd5f4a0c2"``
    key: str
    #: its kind or its sink: ``"update"``, ``"wiki"``
    lane: str
    #: the request to the workflow, as plain values
    request: Mapping[str, Any]
    #: digest of its content; another digest is another request
    digest: str = ""
    #: a person asked for its tests to run again
    again: bool = False
    #: higher is sooner
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What the store has of a subject, to compare it with an announcement."""

    #: digest of the content that is wanted or was posted
    digest: str
    #: the request of a subject that is parked, or wanted and was begun; None: neither
    failing: Mapping[str, Any] | None = None
    #: its next attempt is postponed, and no worker has a lease of it
    delayed: bool = False


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event asks for nothing, for an expected reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of a subject: scheduled, skipped or parked."""

    state: SubjectState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """A subject is tried again later."""

    #: seconds from now
    delay: float
    error: str
    #: whether this attempt counts towards the limit of attempts
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Concluded:
    """All deliveries of the build are recorded; its state follows from theirs."""

    #: whether the sink answered
    reached: bool


@dataclass(frozen=True, slots=True)
class Away:
    """The whole lane waits: its service does not answer, or refuses all our requests."""

    error: str
    #: whether a person must correct our deployment first
    needs_person: bool = False
    #: seconds from the service's Retry-After; None: it sent none
    retry_after: float | None = None
    #: whether the subject itself may be the cause: other subjects of the lane go first
    others_first: bool = False


Step: TypeAlias = Finished | Postponed | Concluded | Away


@dataclass(frozen=True, slots=True)
class Lease:
    """A subject that one worker owns until a time."""

    subject_id: int
    key: str
    lane: str
    request: Mapping[str, Any]
    #: number of the request: how often its tests were asked for
    number: int
    #: number of attempts at this request, this one included
    attempts: int
    #: when the request was stored, seconds since 1970
    wanted_since: float
    owner: str
    #: seconds since 1970
    until: float
    #: until then a POST of an earlier worker may arrive, which gave the subject back unfinished
    unsettled_until: float = 0.0
    #: id of the message that caused the request; None: no message did
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredSubject:
    """A subject, as stored; times are seconds since 1970."""

    key: str
    lane: str
    request: Mapping[str, Any]
    number: int
    state: SubjectState
    #: why it is skipped or parked; None: it is neither
    reason: str | None
    due: float
    attempts: int
    #: why it was last postponed; None: it never was
    last_error: str | None
    #: id of the message that caused the newest request; None: no message did
    message_id: str | None
    created: float
    updated: float
