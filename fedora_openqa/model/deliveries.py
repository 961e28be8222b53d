"""Deliveries: jobs and reports on their way to sinks, and the answers of the sinks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from fedora_openqa.model.wiki import WikiPass


class Sink(StrEnum):
    """Where results go; each has a lane of this name."""

    RESULTSDB = "resultsdb"
    WIKI = "wiki"
    MAIL = "mail"


class DeliveryState(StrEnum):
    """State of a delivery."""

    PENDING = "pending"
    DELIVERED = "delivered"
    #: not to be delivered, for an expected reason
    SKIPPED = "skipped"
    #: set aside until a person has looked
    PARKED = "parked"


class CellState(StrEnum):
    """State of one cell of a result page after filing."""

    FILED = "filed"
    #: the page had it before
    KNOWN = "known"
    #: the page, the row or the column is missing
    IMPOSSIBLE = "impossible"
    #: the wiki refuses edits of the page
    REFUSED = "refused"
    #: not on the page after all edits: other people edit the same rows
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class CellEnd:
    """State of one cell of a result page after filing, and its reason."""

    state: CellState
    reason: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether the page has the cell now."""
        return self.state in {CellState.FILED, CellState.KNOWN}

    def as_json(self) -> Mapping[str, object]:
        """Return it as JSON: the state of the delivery, and of the cell."""
        states = {
            CellState.FILED: DeliveryState.DELIVERED,
            CellState.KNOWN: DeliveryState.DELIVERED,
            CellState.IMPOSSIBLE: DeliveryState.SKIPPED,
            CellState.REFUSED: DeliveryState.PARKED,
            CellState.LOST: DeliveryState.PENDING,
        }
        return {
            "state": str(states[self.state]),
            "end": str(self.state),
            "reason": self.reason,
        }

    def __str__(self) -> str:
        """Return it in a few words."""
        words = {CellState.FILED: "filed", CellState.KNOWN: "was there already"}
        return words.get(self.state, f"not filed: {self.reason}")


@dataclass(frozen=True, slots=True)
class WikiAnswer:
    """The wiki's answer to passes that were filed; each pass is in one of the first five fields."""

    #: on their pages, read back after writing
    filed: tuple[WikiPass, ...] = ()
    #: on their pages before
    known: tuple[WikiPass, ...] = ()
    #: pass to the reason why it has no place: the page, the row or the column is missing
    impossible: Mapping[WikiPass, str] = field(default_factory=dict)
    #: not on the page after all edits, as other people edit the same rows: file them again
    lost: tuple[WikiPass, ...] = ()
    #: the impossible ones whose pages do not exist: the event may still be created
    pageless: tuple[WikiPass, ...] = ()
    #: pass to the reason why the wiki refuses edits of its page
    refused: Mapping[WikiPass, str] = field(default_factory=dict)

    @property
    def ends(self) -> Mapping[WikiPass, CellEnd]:
        """State of each cell."""
        return {
            **dict.fromkeys(self.filed, CellEnd(CellState.FILED)),
            **dict.fromkeys(self.known, CellEnd(CellState.KNOWN)),
            **dict.fromkeys(self.lost, CellEnd(CellState.LOST, "others edit the same rows")),
            **{cell: CellEnd(CellState.IMPOSSIBLE, why) for cell, why in self.impossible.items()},
            **{cell: CellEnd(CellState.REFUSED, why) for cell, why in self.refused.items()},
        }


def key_of(sink: Sink, build: str) -> str:
    """Return the key of a sink's lane for a BUILD, which may be empty: ``"wiki:-"``."""
    return f"{sink}:{build or '-'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDelivery:
    """A job, or something else of a build, that should be delivered to a sink."""

    sink: Sink
    #: openQA's BUILD; empty: unknown
    build: str
    #: the id of the job, ``"3912345"``; or ``"report"``, ``"autocloud:7"``
    item: str
    #: parts of the message that no service can be asked for
    facts: Mapping[str, str] = field(default_factory=dict)
    #: seconds to wait for further jobs, which are then delivered together
    delay: float = 0.0

    @property
    def key(self) -> str:
        """The key of the subject that all deliveries of this sink and build belong to."""
        return key_of(self.sink, self.build)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The sink has the result."""

    #: what the sink has now, machine-readable: an outcome of ResultsDB, a verdict as JSON
    told: str
    #: where the sink has it: the id of a result
    reference: str | None = None
    #: why a part of it is missing; None: all of it is there
    reason: str | None = None
    #: `told` for people; None: `told` is readable
    summary: str | None = None
    #: of a report: what it found beside the results of tests, a line each
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not to be delivered, for an expected reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Parked:
    """Set aside until a person has looked."""

    reason: str
    #: the sink may have it all the same: check the sink before sending again
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """To be delivered later."""

    #: seconds from now
    delay: float
    error: str
    #: whether this attempt counts towards the limit of attempts
    counts: bool = True
    #: the sink may have it all the same: check the sink before sending again
    unsure: bool = False
    #: seconds after which the sink asked to be asked again; None: it did not say
    retry_after: float | None = None


DeliveryStep: TypeAlias = Delivered | Skipped | Parked | Later


@dataclass(frozen=True, slots=True)
class Absence:
    """A lane that waits because its service does not answer; times in seconds since 1970."""

    lane: str
    error: str
    since: float
    #: time of the next attempt
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One job or report on its way to one sink, as stored; times in seconds since 1970."""

    #: as of `WantedDelivery`: ``"3912345"``
    item: str
    #: number of times it was asked for
    number: int
    state: DeliveryState
    #: what the sink has, machine-readable; None: nothing yet
    told: str | None = None
    #: `told` for people; None: `told` is readable
    summary: str | None = None
    #: of a report: what it found beside the results of tests, a line each
    findings: tuple[str, ...] = ()
    #: as `told`, of a send that was started and not confirmed: check the sink before sending
    #: again. None: no send is open
    sending: str | None = None
    #: when that send was started
    sent: float = 0.0
    #: why it is skipped or parked; None: it is neither
    reason: str | None = None
    due: float = 0.0
    #: number of failed attempts
    attempts: int = 0
    #: why it was last postponed; None: it never was
    last_error: str | None = None
    #: where the sink has it: ResultsDB's id; None: unknown
    reference: str | None = None
    #: id of the message that last asked for it
    message_id: str | None = None
    asked: float = 0.0
    updated: float = 0.0
    #: parts of the message that no service can be asked for
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ManualDelivery:
    """What a command delivered of a job, or would deliver in a dry run."""

    job_id: int
    #: the body of the request to ResultsDB; None: another sink
    body: Mapping[str, object] | None = None
    #: the cells that are filed in the wiki
    cells: tuple[WikiPass, ...] = ()
    #: why it is not to be delivered; None: it is
    skip: str | None = None
    #: why it was not delivered although it should be; None: it was
    failure: str | None = None
    #: the delivery afterwards; None: a dry run
    delivery: Delivery | None = None
    #: state of each cell afterwards; empty: a dry run
    ends: Mapping[WikiPass, CellEnd] = field(default_factory=dict)

    @property
    def is_delivered(self) -> bool:
        """Whether it was delivered, or would be; of cells, at least one."""
        is_there = not self.ends or any(end.is_there for end in self.ends.values())
        return not self.failure and not self.skip and is_there

    @property
    def failures(self) -> tuple[str, ...]:
        """Why the job, or each cell, was not delivered."""
        if self.failure:
            return (self.failure,)
        return tuple(
            f"{cell.testcase}: {cell.place}: {end.reason}"
            for cell, end in self.ends.items()
            if not end.is_there
        )
