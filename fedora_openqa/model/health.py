"""Processes and lanes as monitoring sees them; times are seconds since 1970, of the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from fedora_openqa.model.deliveries import Absence


@dataclass(frozen=True, slots=True)
class Heard:
    """The messages that a consumer has received of one topic."""

    #: the time of the last one; None: none has come since the consumer started
    last: float | None
    #: usual seconds between two messages; None: there were no two
    gap: float | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """A process that takes messages in or works on lanes, as it reported itself."""

    host: str
    pid: int
    #: ``"scheduler"``, ``"worker"``
    role: str
    version: str
    #: the lanes it works on, to the time of the last progress; None: none yet
    lanes: Mapping[str, float | None]
    #: the topics it receives, without the words of the bus
    topics: Mapping[str, Heard]
    started: float
    #: when it reported itself last
    seen: float
    #: whether it serves metrics
    has_metrics: bool = False

    @property
    def name(self) -> str:
        """Its name in logs and in the store: ``"scheduler qa01:4711"``."""
        return f"{self.role} {self.host}:{self.pid}"


@dataclass(frozen=True, slots=True)
class Found:
    """Subjects or deliveries of one lane that sweeps found, and no message had named."""

    #: when a sweep last found one
    at: float
    #: number of all that were found since the store was created
    count: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """What the store knows about the health of the deployment."""

    now: float
    #: processes that reported themselves in the last day
    processes: tuple[Process, ...] = ()
    #: lane to the time since which the oldest subject is due that a worker could lease
    due: Mapping[str, float] = field(default_factory=dict)
    found: Mapping[str, Found] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    #: number of parked subjects and messages, by lane
    parked: Mapping[str, int] = field(default_factory=dict)
    #: when the last sweep ended; None: none did
    last_sweep: float | None = None


@dataclass(frozen=True, slots=True)
class Tallies:
    """Numbers of rows in the store."""

    #: lane and state of the subjects
    subjects: Mapping[tuple[str, str], int]
    #: sink and state of the deliveries that are pending or parked
    deliveries: Mapping[tuple[str, str], int]
    #: sink to the time since which its oldest build with deliveries waits
    unreported: Mapping[str, float]
    #: lanes that a person has paused
    paused: frozenset[str]


class Level(IntEnum):
    """How bad it is; the values are the exit statuses of monitoring plugins."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person should look at."""

    level: Level
    #: a short name that does not change: ``"no process: wiki"``
    name: str
    text: str
