"""Jobs that run again: which were asked for, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from fedora_openqa.model.jobs import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunRequest:
    """Run these jobs of a subject again; what is empty does not narrow the choice."""

    #: a compose id, an update id, a URL of either, or openQA's BUILD
    subject: str
    #: only those that failed
    failed: bool = False
    #: in any case, with or without ``updates-``
    flavors: tuple[str, ...] = ()
    #: ``("install_default_upload",)``
    tests: tuple[str, ...] = ()
    #: ``("x86_64",)``
    arches: tuple[str, ...] = ()
    #: ``("64bit",)``
    machines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotRestarted:
    """A job that was asked for and stays as it is."""

    job: Job
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The jobs of a build that a request is about."""

    #: openQA's BUILD
    build: str
    #: those that are restarted
    jobs: tuple[Job, ...] = ()
    #: their relatives, which openQA restarts along: failed jobs that they wait for, jobs that
    #: wait for these, parallel jobs
    along: tuple[Job, ...] = ()
    #: id of each of both to the id of the one that openQA has to be asked for
    asked_as: Mapping[int, int]
    #: those that cannot be restarted now
    held: tuple[NotRestarted, ...] = ()
    #: how many are left alone because they wait or run
    pending: int = 0
    #: why there are none at all
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What running jobs again is going to take, as far as openQA's history tells."""

    #: of all that have a history, one after another
    total: timedelta
    longest: timedelta
    #: jobs without history
    unknown: int


@dataclass(frozen=True, slots=True)
class RestartAnswer:
    """openQA's answer to a restart."""

    #: id of each job that was restarted, asked for or along, to that of its copy;
    #: no copy: a dry run
    copies: Mapping[int, int | None]
    #: why others were not, in openQA's words
    errors: tuple[str, ...] = ()
    #: what may be wrong with the copies
    warnings: tuple[str, ...] = ()
    #: whether force would have helped
    enforceable: bool = False


@dataclass(frozen=True, slots=True)
class Rerun:
    """What became of the jobs of a selection."""

    #: as in `RestartAnswer`, for jobs that were there before
    copies: Mapping[int, int | None]
    refused: tuple[NotRestarted, ...] = ()
    warnings: tuple[str, ...] = ()
    #: whether force would have helped
    enforceable: bool = False
