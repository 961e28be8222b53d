"""Jobs whose results openQA must keep, because something rests on them."""

from dataclasses import dataclass
from enum import StrEnum


class BuildKind(StrEnum):
    """What rules tell builds apart by."""

    #: a compose that may become a release
    CANDIDATE = "candidate"
    #: any other compose
    NIGHTLY = "nightly"
    UPDATE = "update"
    COREOS = "coreos"


class Which(StrEnum):
    """The jobs of a build that are kept."""

    NONE = "none"
    FAILED = "failed"
    ALL = "all"


class KeptState(StrEnum):
    """State of a stored job that is kept."""

    #: openQA may have our comment by now
    INTENDED = "intended"
    KEPT = "kept"
    #: a person has released it; openQA may still keep it
    RELEASING = "releasing"
    #: a person has released it: no rule keeps it again
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class KeepRule:
    """Which jobs of a build are kept, and for how long."""

    jobs: Which
    #: from the end of a job
    days: float


@dataclass(frozen=True, slots=True)
class JobComment:
    """A comment on a job in openQA."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class KeptJob:
    """A job that is kept, or is to be kept."""

    job_id: int
    #: openQA's BUILD
    build: str
    #: seconds since 1970
    until: float
    #: the name of a person; empty: a rule asks for it
    by: str = ""
    #: in the person's words, or the kind of the build
    reason: str = ""


@dataclass(frozen=True, slots=True)
class KeptBuild:
    """The kept jobs of a build."""

    build: str
    #: number of jobs
    jobs: int
    #: of these, jobs whose comment is not known to be there
    open: int
    #: of the job that is kept longest, seconds since 1970
    until: float
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Tended:
    """What was done about kept jobs."""

    kept: tuple[int, ...] = ()
    released: tuple[int, ...] = ()
    #: jobs that openQA no longer has
    gone: tuple[int, ...] = ()
    #: job to why nothing was done; it is tried again
    failed: tuple[tuple[int, str], ...] = ()

    def __add__(self, other: "Tended") -> "Tended":
        """Return both together."""
        return Tended(
            self.kept + other.kept,
            self.released + other.released,
            self.gone + other.gone,
            self.failed + other.failed,
        )
