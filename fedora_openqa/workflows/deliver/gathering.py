"""Reads the jobs that deliveries are about, in their present states."""

from collections.abc import Collection, Iterable, Mapping

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Delivery, DeliveryState, WantedDelivery
from fedora_openqa.model.jobs import Job


def pending(wanted: WantedDelivery) -> Delivery:
    """Return the delivery that a store would make of a wanted one."""
    return Delivery(item=wanted.item, number=1, state=DeliveryState.PENDING, facts=wanted.facts)


def job_ids(deliveries: Iterable[Delivery]) -> tuple[int, ...]:
    """Return the ids of the jobs that deliveries are about; others are about no job."""
    return tuple(int(one.item) for one in deliveries if one.item.isdecimal())


def gather_jobs(openqa: ports.OpenQA, wanted: Collection[int]) -> Mapping[int, Job]:
    """Read jobs by their ids; those that openQA no longer has are left out.

    Raises:
        RequestRefusedError, ServiceUnavailableError: openQA does not answer.
    """
    return {job.id: job for job in openqa.jobs_by_id(wanted)} if wanted else {}


def gather_runs(openqa: ports.Runs, wanted: Collection[int]) -> Mapping[int, Job]:
    """Read jobs by their ids, and all of a build in which one of them is not the newest run.

    This costs one small request for each build, unless there are newer runs.

    Raises: as `gather_jobs`.
    """
    jobs = dict(gather_jobs(openqa, wanted))
    # a job with a copy has `clone_id`, and is not the newest run
    last = [job for job in jobs.values() if job.clone_id is None and job.build]
    for build in dict.fromkeys(job.build for job in last):
        newest = openqa.newest_runs(build)
        if any(job.id not in newest for job in last if job.build == build):
            # read later, so it is at least as new
            jobs |= {job.id: job for job in openqa.jobs_for_build(build)}
    return jobs


def gather_build(
    openqa: ports.OpenQA, build: str, wanted: Collection[int]
) -> tuple[Mapping[int, Job], Mapping[int, Job]]:
    """Read all jobs of a build, and the wanted jobs that are of another build.

    Raises: as `gather_jobs`.
    """
    siblings = {job.id: job for job in openqa.jobs_for_build(build)}
    strangers = gather_jobs(openqa, [job_id for job_id in wanted if job_id not in siblings])
    return siblings, {**siblings, **strangers}
