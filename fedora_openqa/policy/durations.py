"""The time that jobs usually run, by the history of openQA."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from statistics import median

from fedora_openqa.model.jobs import Job


def usual_durations(jobs: Collection[Job], history: Iterable[Job]) -> Mapping[int, timedelta]:
    """Return the time that jobs usually take, by their ids: the median of each test.

    Jobs whose test has no history are left out.

    :param history: passed jobs of the same flavors and arches, of any build
    """
    seen: dict[tuple[str, ...], list[float]] = {}
    for job in history:
        if job.started and job.finished:
            seen.setdefault(_kind(job), []).append((job.finished - job.started).total_seconds())
    return {
        job.id: timedelta(seconds=median(seen[_kind(job)])) for job in jobs if _kind(job) in seen
    }


def _kind(job: Job) -> tuple[str, ...]:
    return (job.flavor, job.arch, job.test, job.machine)
