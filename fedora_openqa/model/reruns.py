"""Restarts of jobs: the request, the selected jobs, openQA's answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from fedora_openqa.model.jobs import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunRequest:
    """Restart jobs of a subject; an empty field selects all."""

    #: a compose id, an update id, a URL of either, or openQA's BUILD
    subject: str
    #: only those that failed
    failed: bool = False
    #: only those that did not run to their end
    incomplete: bool = False
    #: in any case, with or without ``updates-``
    flavors: tuple[str, ...] = ()
    #: ``("install_default_upload",)``
    tests: tuple[str, ...] = ()
    #: ``("x86_64",)``
    arches: tuple[str, ...] = ()
    #: ``("64bit",)``
    machines: tuple[str, ...] = ()
    #: ids: ``(3912345,)``
    jobs: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NotRestarted:
    """A selected job that is not restarted."""

    job: Job
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The jobs of a build that a request selects."""

    #: openQA's BUILD
    build: str
    #: the selected jobs that are restarted
    jobs: tuple[Job, ...] = ()
    #: the jobs that openQA restarts along with them: their failed parents, children, parallel jobs
    along: tuple[Job, ...] = ()
    #: id of each of both to the id of the job that is sent to openQA to restart it
    asked_as: Mapping[int, int]
    #: selected jobs that cannot be restarted now
    held: tuple[NotRestarted, ...] = ()
    #: number of jobs that are left out because they wait or run
    pending: int = 0
    #: ids of jobs that were asked for and left out: their scenarios have a newer job
    renewed: tuple[int, ...] = ()
    #: why no job is selected; None: there are
    reason: str | None = None
    #: whether openQA has jobs of the build
    is_known: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """Time that the restarted jobs will take, by the history of openQA."""

    #: sum over all jobs with a history
    total: timedelta
    longest: timedelta
    #: number of jobs without a history
    unknown: int


@dataclass(frozen=True, slots=True)
class RestartAnswer:
    """openQA's answer to a restart."""

    #: id of each restarted job, asked for or along, to the id of its copy; None: a dry run
    copies: Mapping[int, int | None]
    #: openQA's errors about jobs that were not restarted
    errors: tuple[str, ...] = ()
    #: openQA's warnings about the copies
    warnings: tuple[str, ...] = ()
    #: whether openQA would restart the others with ``force``
    enforceable: bool = False


@dataclass(frozen=True, slots=True)
class Rerun:
    """Result of restarting a selection."""

    #: as in `RestartAnswer`, each job with its last copy
    copies: Mapping[int, int | None]
    refused: tuple[NotRestarted, ...] = ()
    warnings: tuple[str, ...] = ()
    #: whether openQA would restart the others with ``force``
    enforceable: bool = False
