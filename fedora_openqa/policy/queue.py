"""What follows from the jobs that openQA was seen to have, and from its workers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import Job, JobState
from fedora_openqa.model.openqa_load import (
    DEFAULT_CLASS,
    Observed,
    OpenQALoad,
    QueuedJob,
    Wait,
    Worker,
)
from fedora_openqa.policy.history import seconds_of
from fedora_openqa.texts import first_line

#: nothing is known
NO_LOAD = OpenQALoad(jobs={}, workers={}, oldest_scheduled={})

#: seconds that the wait of a job is kept, and the most waits of a class
WAITS_KEPT, MOST_WAITS = 86_400.0, 200

#: seconds after which what was seen of openQA says nothing about the present
STALE = 300.0


def queued_job(job: Job, *, since: float) -> QueuedJob:
    """Return a job of the queue.

    :param since: when it was first seen
    """
    classes = job.settings.get("WORKER_CLASS") or DEFAULT_CLASS
    return QueuedJob(
        id=job.id,
        build=job.build,
        scenario=Scenario(job.test, job.flavor, job.arch, job.machine),
        state=job.state,
        priority=job.priority,
        classes=tuple(sorted({name for name in classes.split(",") if name.strip()})),
        parents=tuple(parent for parent in job.parents if parent not in job.parallel),
        parallel=job.parallel,
        blocked_by=job.blocked_by,
        worker_id=job.worker_id,
        started=seconds_of(job.started),
        reason=first_line(job.reason),
        since=since,
    )


def queued_jobs(
    jobs: Iterable[Job], *, now: float, before: Iterable[QueuedJob]
) -> tuple[QueuedJob, ...]:
    """Return jobs of the queue; they wait since they were first seen to wait for a worker alone.

    openQA's lists do not say when a job was made.

    :param before: those of the last look
    """
    seen = {job.id: job for job in before}

    def since(job: Job) -> float:
        earlier = seen.get(job.id)
        if earlier is None or (earlier.blocked_by is not None and job.blocked_by is None):
            return now
        return earlier.since

    return tuple(queued_job(job, since=since(job)) for job in jobs)


def waits_with(
    before: Observed, running: Iterable[QueuedJob], *, now: float
) -> Mapping[str, tuple[Wait, ...]]:
    """Return how long jobs waited that began within a day: what was known, and what began since.

    A job that was not seen waiting has waited for less than the time between two looks.

    :param before: what was seen at the last look
    :param running: jobs that run now
    """
    waits = {
        name: [one for one in some if now - one.at < WAITS_KEPT]
        for name, some in (before.waits.facts or {}).items()
    }
    waited = {job.id for job in before.waiting.facts or ()}
    ran = {job.id for job in before.running.facts or ()}
    for job in running:
        began = job.started or now
        if job.id in waited or (before.at is not None and job.id not in ran and began >= before.at):
            wait = Wait(began, max(began - job.since, 0.0))
            waits.setdefault(",".join(job.classes), []).append(wait)
    return {name: tuple(sorted(some)[-MOST_WAITS:]) for name, some in waits.items() if some}


def hosts_of(jobs: Iterable[Job], workers: Iterable[Worker]) -> Mapping[int, str]:
    """Return the host of each job that a worker has, by the id of the job."""
    workers = tuple(workers)
    by_worker = {worker.id: worker.host for worker in workers}
    found = {worker.job_id: worker.host for worker in workers if worker.job_id is not None}
    for job in jobs:
        if job.worker_id in by_worker:
            found[job.id] = by_worker[job.worker_id]
    return found


def news(jobs: Sequence[Job], known: Mapping[int, str]) -> tuple[Job, ...]:
    """Return the jobs of Fedora whose state is not known yet.

    :param known: id to state of what is remembered
    """
    return tuple(
        job
        for job in jobs
        if job.settings.get("DISTRI") == "fedora" and known.get(job.id) != job.state
    )


def is_stale(observed: Observed, *, now: float) -> bool:
    """Return whether what was seen of openQA says nothing about the present."""
    return observed.at is None or now - observed.at > STALE


def load_of(observed: Observed, *, now: float) -> OpenQALoad:
    """Return the load for metrics; nothing, if what was seen is stale."""
    if is_stale(observed, now=now):
        return NO_LOAD
    oldest: dict[str, float] = {}
    for job in observed.jobs:
        if job.state == JobState.SCHEDULED:
            name = ",".join(job.classes)
            oldest[name] = max(oldest.get(name, 0.0), now - job.since)
    return OpenQALoad(
        jobs=Counter((job.state, job.scenario.arch or "none") for job in observed.jobs),
        workers=Counter(
            (name, worker.status)
            for worker in observed.workers.facts or ()
            for name in worker.classes
        ),
        oldest_scheduled=oldest,
    )
