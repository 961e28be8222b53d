"""Runs of a test: copies from restarts, and jobs that were scheduled again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from fedora_openqa.model.jobs import Job


def newest_copy(job: Job, known: Mapping[int, Job]) -> Job:
    """Return the last known copy that restarts made of a job.

    :param known: jobs by id
    """
    # a copy has a higher id, so this ends
    while job.clone_id is not None and job.clone_id > job.id and job.clone_id in known:
        job = known[job.clone_id]
    return job


def newest_jobs(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """Return the jobs that have no newer copy."""
    found = {job.id: job for job in jobs}
    return tuple(job for job in found.values() if newest_copy(job, found) is job)


@dataclass(frozen=True)
class Runs:
    """Jobs, by id and by scenario: a build has thousands, so they are sorted once."""

    #: by id
    jobs: Mapping[int, Job]

    @cached_property
    def by_scenario(self) -> Mapping[tuple[str, ...], Sequence[Job]]:
        """The jobs of each scenario, the newest first."""
        found: dict[tuple[str, ...], list[Job]] = {}
        for job in sorted(self.jobs.values(), key=lambda one: -one.id):
            found.setdefault(scenario_of(job), []).append(job)
        return found


def scenario_of(job: Job) -> tuple[str, ...]:
    """Return BUILD and scenario with machine, which all runs of one test have in common."""
    distri, version = (job.settings.get(name, "") for name in ("DISTRI", "VERSION"))
    return (job.build, distri, version, job.flavor, job.arch, job.test, job.machine)
