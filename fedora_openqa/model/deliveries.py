"""What finished jobs are reported as, and what became of that."""

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
    """Where one job's way to one sink is."""

    PENDING = "pending"
    DELIVERED = "delivered"
    #: it is not to go there, for a reason that was expected
    SKIPPED = "skipped"
    #: set aside until a person has looked
    PARKED = "parked"


class CellState(StrEnum):
    """What became of one cell of a result page."""

    FILED = "filed"
    #: it was there before
    KNOWN = "known"
    #: the page, the row or the column is missing
    IMPOSSIBLE = "impossible"
    #: the wiki refuses edits of the page
    REFUSED = "refused"
    #: others edit the same rows
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class CellEnd:
    """What became of one cell of a result page, and why."""

    state: CellState
    reason: str | None = None

    @property
    def is_there(self) -> bool:
        """Whether the page has it now."""
        return self.state in {CellState.FILED, CellState.KNOWN}

    def as_json(self) -> Mapping[str, object]:
        """Return it for scripts: as the state of a delivery, and in the wiki's own words."""
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
        """Say it in a few words."""
        words = {CellState.FILED: "filed", CellState.KNOWN: "was there already"}
        return words.get(self.state, f"not filed: {self.reason}")


@dataclass(frozen=True, slots=True)
class WikiAnswer:
    """What became of passes that the wiki was told; each is in one of these."""

    #: they are on their pages, read back after writing
    filed: tuple[WikiPass, ...] = ()
    #: they were there before
    known: tuple[WikiPass, ...] = ()
    #: there is no place for them, to the reason: the page, the row or the column is missing
    impossible: Mapping[WikiPass, str] = field(default_factory=dict)
    #: not there after all edits: others edit the same rows, and they must be written again
    lost: tuple[WikiPass, ...] = ()
    #: those of the impossible whose pages do not exist: the event may still be created
    pageless: tuple[WikiPass, ...] = ()
    #: the wiki refuses edits of their pages, to the reason
    refused: Mapping[WikiPass, str] = field(default_factory=dict)

    @property
    def ends(self) -> Mapping[WikiPass, CellEnd]:
        """What became of each cell."""
        return {
            **dict.fromkeys(self.filed, CellEnd(CellState.FILED)),
            **dict.fromkeys(self.known, CellEnd(CellState.KNOWN)),
            **dict.fromkeys(self.lost, CellEnd(CellState.LOST, "others edit the same rows")),
            **{cell: CellEnd(CellState.IMPOSSIBLE, why) for cell, why in self.impossible.items()},
            **{cell: CellEnd(CellState.REFUSED, why) for cell, why in self.refused.items()},
        }


def key_of(sink: Sink, build: str) -> str:
    """Return the key of all deliveries to a sink about a BUILD, which may be empty."""
    return f"{sink}:{build or '-'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedDelivery:
    """A sink should be told about a job, or about something else of a build."""

    sink: Sink
    #: openQA's BUILD; empty: nobody has said it
    build: str
    #: the id of the job: ``"3912345"``
    item: str
    #: what the message said, where nobody else can be asked
    facts: Mapping[str, str] = field(default_factory=dict)
    #: seconds to wait for others that can be told along
    delay: float = 0.0

    @property
    def key(self) -> str:
        """What all reports of the sink about the build are stored below."""
        return key_of(self.sink, self.build)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The sink knows."""

    #: what the sink has now, machine-readable: an outcome of ResultsDB, a verdict as JSON
    told: str
    #: where the sink has it: the id of a result
    reference: str | None = None
    #: why a part of it is missing; None: all of it is there
    reason: str | None = None
    #: `told` for people; None: `told` is readable
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """The sink is not to know, as was to be expected."""

    reason: str


@dataclass(frozen=True, slots=True)
class Parked:
    """A person has to look."""

    reason: str
    #: the sink may know nevertheless: who lets it go looks first
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """It should be tried again."""

    #: seconds from now
    delay: float
    error: str
    #: whether this attempt is one of those that may fail
    counts: bool = True
    #: the sink may know nevertheless: look first
    unsure: bool = False
    #: seconds after which the sink asked to be asked again; None: it did not say
    retry_after: float | None = None


DeliveryStep: TypeAlias = Delivered | Skipped | Parked | Later


@dataclass(frozen=True, slots=True)
class Absence:
    """A lane that waits because whoever it leads to does not answer; seconds since 1970."""

    lane: str
    error: str
    since: float
    #: when somebody tries again
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One thing on its way to one sink, as the store has it; times are seconds since 1970."""

    #: which job: ``"3912345"``
    item: str
    #: how often it was asked for
    number: int
    state: DeliveryState
    #: what the sink has, machine-readable; None: nothing yet
    told: str | None = None
    #: `told` for people; None: `told` is readable
    summary: str | None = None
    #: as `told`, of a send that was started and not confirmed: check the sink before sending
    #: again. None: no send is open
    sending: str | None = None
    #: when that send was started
    sent: float = 0.0
    #: why it is skipped or parked
    reason: str | None = None
    due: float = 0.0
    #: how often it was tried in vain
    attempts: int = 0
    #: why it was last put off
    last_error: str | None = None
    #: where the sink has it: ResultsDB's id
    reference: str | None = None
    #: the message that last asked for it
    message_id: str | None = None
    asked: float = 0.0
    updated: float = 0.0
    #: what the message said, where nobody else can be asked
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a person's command told a sink of a job, or would."""

    job_id: int
    #: the body of the request to ResultsDB
    body: Mapping[str, object] | None = None
    #: what the wiki is told
    cells: tuple[WikiPass, ...] = ()
    #: why the sink is not to know
    skip: str | None = None
    #: why it does not know, although it should
    failure: str | None = None
    #: what became of it; None: nobody tried
    delivery: Delivery | None = None
    #: what became of each of the cells; empty: nobody tried
    ends: Mapping[WikiPass, CellEnd] = field(default_factory=dict)

    @property
    def is_told(self) -> bool:
        """Whether the sink knows, or would; of cells, at least one of them."""
        is_there = not self.ends or any(end.is_there for end in self.ends.values())
        return not self.failure and not self.skip and is_there

    @property
    def failures(self) -> tuple[str, ...]:
        """Why the sink does not know what it should, for the job or for each cell."""
        if self.failure:
            return (self.failure,)
        return tuple(
            f"{cell.testcase}: {cell.place}: {end.reason}"
            for cell, end in self.ends.items()
            if not end.is_there
        )
