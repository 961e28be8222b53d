"""Jobs and their copies: restarting a job makes another one of it."""

from collections.abc import Iterable, Mapping

from fedora_openqa.model.products import Job


def newest_copy(job: Job, known: Mapping[int, Job]) -> Job:
    """Give the last copy that restarts made of a job, as far as it is known.

    :param known: jobs by id
    """
    # a copy has a higher id, so this ends
    while job.clone_id is not None and job.clone_id > job.id and job.clone_id in known:
        job = known[job.clone_id]
    return job


def newest_jobs(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """Leave out jobs of which there is a newer copy."""
    found = {job.id: job for job in jobs}
    return tuple(job for job in found.values() if newest_copy(job, found) is job)
