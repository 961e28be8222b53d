"""Jobs as openQA knows them now, for whatever asks to be told."""

from collections.abc import Collection, Iterable, Mapping

from fedora_openqa import ports
from fedora_openqa.model.products import Job
from fedora_openqa.model.reports import Delivery


def job_ids(deliveries: Iterable[Delivery]) -> tuple[int, ...]:
    """Give the ids of the jobs that deliveries are about; others are about something else."""
    return tuple(int(one.item) for one in deliveries if one.item.isdecimal())


def gather_jobs(openqa: ports.OpenQA, wanted: Collection[int]) -> Mapping[int, Job]:
    """Read jobs by their ids; those that openQA no longer has are left out.

    Raises:
        RequestRefusedError, ServiceUnavailableError: openQA does not say.
    """
    return {job.id: job for job in openqa.jobs_by_id(wanted)} if wanted else {}


def gather_build(
    openqa: ports.OpenQA, build: str, wanted: Collection[int]
) -> tuple[Mapping[int, Job], Mapping[int, Job]]:
    """Read all jobs of a build, and those of the wanted ones that turn out to be of another.

    Raises: as `gather_jobs`.
    """
    siblings = {job.id: job for job in openqa.jobs_for_build(build)}
    strangers = gather_jobs(openqa, [job_id for job_id in wanted if job_id not in siblings])
    return siblings, {**siblings, **strangers}
