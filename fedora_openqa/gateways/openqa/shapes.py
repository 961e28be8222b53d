"""The shapes of openQA's requests and answers, and their conversion to and from the model."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

import msgspec

from fedora_openqa.errors import PermanentError
from fedora_openqa.model.jobs import Job, Module
from fedora_openqa.model.products import JobFailure, PostedProduct
from fedora_openqa.model.reruns import RestartAnswer
from fedora_openqa.texts import first_line, one_line

#: the dependency of a job that runs right after another, on the same worker
DIRECTLY_CHAINED = "Directly chained"

#: dependencies of a job that waits for the end of another
CHAINED = ("Chained", DIRECTLY_CHAINED)

#: the dependency of jobs that run at the same time
PARALLEL = "Parallel"

#: the name of a job setting
SETTING_NAME = re.compile(r"[A-Za-z0-9_+:.-]+")

#: ids of jobs, limited to what the store can keep
JobId: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class ModuleShape(msgspec.Struct, frozen=True):
    """A module of a job."""

    name: str
    result: str
    flags: list[str] = []


class JobShape(msgspec.Struct, frozen=True):
    """A job, as in lists and alone."""

    id: JobId
    state: str
    result: str
    settings: dict[str, str | int | float | None]
    #: why the job ended so; most jobs have no reason
    reason: str | None = None
    test: str = ""
    name: str = ""
    clone_id: JobId | None = None
    origin_id: JobId | None = None
    #: kind of dependency to ids
    parents: dict[str, list[JobId]] = {}
    children: dict[str, list[JobId]] = {}
    #: only in lists
    modules: list[ModuleShape] = []
    #: UTC; present openQA sends no time zone
    t_started: datetime | None = None
    t_finished: datetime | None = None
    priority: int | None = None
    blocked_by_id: JobId | None = None
    assigned_worker_id: JobId | None = None


class JobsShape(msgspec.Struct, frozen=True):
    """A list of jobs."""

    jobs: list[JobShape]


class RunShape(msgspec.Struct, frozen=True):
    """A job in the overview of a build."""

    id: JobId


class FailureShape(msgspec.Struct, frozen=True):
    """A job that openQA did not create, or not completely."""

    job_name: str | None = None
    job_id: JobId | list[JobId] | None = None
    error_messages: list[str] = []
    # openQA 4.6 sends error_message for a job that could not be created
    error_message: str | None = None


class PostedShape(msgspec.Struct, frozen=True):
    """The answer to ``POST isos``."""

    ids: list[JobId]
    # a list of failures; an empty object if there is an error (seen in 4.6)
    failed: list[FailureShape] | dict[str, Any] = []
    error: str | None = None


class ScheduledShape(msgspec.Struct, frozen=True):
    """A product that was scheduled before."""

    id: JobId


class RestartedShape(msgspec.Struct, frozen=True):
    """The answer to ``POST jobs/restart``."""

    #: for each requested job, old ids to new ones, also those of jobs restarted along with it
    result: list[dict[JobId, JobId]]
    errors: list[str] = []
    warnings: list[str] = []
    enforceable: int = 0


class GroupShape(msgspec.Struct, frozen=True):
    """A job group."""

    id: JobId
    name: str


def as_job(job: JobShape) -> Job:
    """Return a job as a value of the model."""
    settings = {name: str(value) for name, value in job.settings.items() if value is not None}
    return Job(
        id=job.id,
        flavor=settings.get("FLAVOR", ""),
        arch=settings.get("ARCH", ""),
        state=job.state,
        result=job.result,
        reason=job.reason or "",
        test=job.test,
        machine=settings.get("MACHINE", ""),
        name=job.name,
        clone_id=job.clone_id,
        parents=tuple(parent for parents in job.parents.values() for parent in parents),
        direct_parents=tuple(job.parents.get(DIRECTLY_CHAINED, ())),
        started=_utc(job.t_started),
        finished=_utc(job.t_finished),
        settings=settings,
        modules=tuple(
            Module(name=module.name, result=module.result, flags=tuple(module.flags))
            for module in job.modules
        ),
        children=tuple(child for kind in CHAINED for child in job.children.get(kind, ())),
        parallel=(*job.parents.get(PARALLEL, ()), *job.children.get(PARALLEL, ())),
        origin_id=job.origin_id,
        priority=job.priority or 0,
        blocked_by=job.blocked_by_id,
        worker_id=job.assigned_worker_id,
    )


def as_posted(answer: PostedShape) -> PostedProduct:
    """Return the jobs and failures of a posted product."""
    failed = answer.failed if isinstance(answer.failed, list) else []
    error = answer.error
    if not answer.ids and not failed and not error:
        error = "openQA scheduled no jobs"
    return PostedProduct(
        job_ids=tuple(answer.ids),
        failures=tuple(_failure(entry, created=answer.ids) for entry in failed),
        error=first_line(error) if error else None,
    )


def as_restarted(answer: RestartedShape) -> RestartAnswer:
    """Return the copies, errors and warnings of a restart."""
    return RestartAnswer(
        copies={old: new for copies in answer.result for old, new in copies.items()},
        errors=tuple(map(_without_advice, answer.errors)),
        warnings=tuple(map(_without_advice, answer.warnings)),
        enforceable=bool(answer.enforceable),
    )


def require_sendable(method: str, url: str, fields: Iterable[tuple[str, str]]) -> None:
    """Check that openQA can store and show the fields of a request.

    Raises:
        PermanentError: a name or a value is not valid.
    """
    for name, value in fields:
        if not SETTING_NAME.fullmatch(name):
            raise PermanentError(f"{method} {url}: {name!r} is not the name of a setting")
        if one_line(value) != value:
            raise PermanentError(
                f"{method} {url}: {name} is not one line of printable text: {value!r}"
            )


def _failure(entry: FailureShape, *, created: Sequence[int]) -> JobFailure:
    ids = [entry.job_id] if isinstance(entry.job_id, int) else entry.job_id or []
    messages = [*entry.error_messages, *([entry.error_message] if entry.error_message else [])]
    return JobFailure(
        job=first_line(entry.job_name or "job " + ", ".join(map(str, ids))),
        message=first_line("; ".join(messages)),
        exists=bool(ids) and set(ids) <= set(created),
    )


def _without_advice(text: str) -> str:
    """Return the first line; the second one of openQA's text about missing assets is advice."""
    return first_line(text.partition("\n")[0])


def _utc(moment: datetime | None) -> datetime | None:
    """Return a time in UTC without its zone; None: no time, or one outside the calendar."""
    if moment is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None
