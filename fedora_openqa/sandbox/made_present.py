"""What openQA has to do at the end of a made-up history: its queue and workers, the last day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from fedora_openqa.model.jobs import JobState
from fedora_openqa.model.openqa_load import JobCounts, Moment, QueuedJob, Worker, WorkerStatus
from fedora_openqa.sandbox.made_causes import DAY
from fedora_openqa.sandbox.made_history import SLOTS
from fedora_openqa.sandbox.made_shapes import MadeHistory, MadeJob

#: seconds between two moments of the last day
APART = 300.0


@dataclass(frozen=True, slots=True)
class MadePresent:
    """What openQA has to do."""

    waiting: tuple[QueuedJob, ...]
    running: tuple[QueuedJob, ...]
    workers: tuple[Worker, ...]
    counts: JobCounts
    #: the oldest first
    series: tuple[Moment, ...]


def make_present(made: MadeHistory, *, end: float) -> MadePresent:
    """Return what openQA has to do at the end of a history, seconds since 1970."""
    runs = [one for one in made.jobs if one.job.state == JobState.RUNNING]
    waits = [one for one in made.jobs if one.job.state == JobState.SCHEDULED]
    workers = tuple(_workers(made.hosts, runs))
    by_job = {one.job_id: one.id for one in workers}
    open_ids = {one.job.id for one in (*runs, *waits)}
    waiting = tuple(_queued(one, open_ids) for one in waits)
    blocked = sum(one.blocked_by is not None for one in waiting)
    return MadePresent(
        waiting=waiting,
        running=tuple(_queued(one, open_ids, by_job.get(one.job.id)) for one in runs),
        workers=workers,
        counts=JobCounts(scheduled=len(waits) - blocked, blocked=blocked, running=len(runs)),
        series=tuple(_series(made, sum(one.is_online for one in workers), end)),
    )


def _queued(made: MadeJob, open_ids: set[int], worker_id: int | None = None) -> QueuedJob:
    job = made.job
    blocked_by = next((one for one in made.parents if one in open_ids), None)
    return QueuedJob(
        id=job.id,
        build=job.build,
        scenario=job.scenario,
        state=job.state,
        priority=made.priority,
        classes=tuple(sorted(job.worker_class.split(","))),
        parents=made.parents,
        blocked_by=blocked_by if worker_id is None else None,
        worker_id=worker_id,
        started=job.started,
        since=made.created,
    )


def _workers(hosts: Mapping[str, str], runs: Iterable[MadeJob]) -> Iterable[Worker]:
    """Yield the workers of all hosts, and two that get no jobs."""
    jobs: dict[str, list[int]] = {}
    for made in runs:
        jobs.setdefault(made.host, []).append(made.job.id)
    number = 0
    for host, name in hosts.items():
        classes = tuple(sorted(name.split(",")))
        for slot in range(1, SLOTS + 1):
            number += 1
            job_id = jobs[host].pop() if jobs.get(host) else None
            status = WorkerStatus.IDLE if job_id is None else WorkerStatus.RUNNING
            yield Worker(number, f"{host}:{slot}", status, classes, job_id=job_id)
    host, name = next(iter(hosts.items()))
    classes = tuple(sorted(name.split(",")))
    for slot, status, error in (
        (SLOTS + 1, WorkerStatus.BROKEN, "no space left on device: /var/lib/openqa/pool/9"),
        (SLOTS + 2, WorkerStatus.DEAD, ""),
    ):
        yield Worker(number + slot, f"{host}:{slot}", status, classes, error=error)


def _series(made: MadeHistory, online: int, end: float) -> Iterable[Moment]:
    """Yield what openQA had to do in the last day."""
    recent: Sequence[MadeJob] = [one for one in made.jobs if (one.job.finished or end) >= end - DAY]
    number = int(DAY / APART)
    for ago in reversed(range(number)):
        at = end - ago * APART
        there = [one for one in recent if one.created <= at < (one.job.finished or end + 1.0)]
        running = sum(one.job.started is not None and one.job.started <= at for one in there)
        yield Moment(at, len(there) - running, running, online)
