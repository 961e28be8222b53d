"""What workflows ask of the store about the jobs of builds."""

from collections.abc import Collection, Mapping
from typing import Protocol

from fedora_openqa.model.builds import BuildJobs


class StoredBuilds(Protocol):
    """The builds of openQA: what was heard of their jobs and read, no request is made for it.

    Every method may raise `ServiceUnavailableError`: the database is away.
    """

    def jobs(self, builds: Collection[str]) -> Mapping[str, BuildJobs]:
        """Return the jobs of builds; a build of which no job is known has none."""

    def results(self, builds: Collection[str]) -> Mapping[str, BuildJobs]:
        """Return the same, of each job only its build, test, state and result."""

    def between(self, start: str, end: str, *, most: int) -> tuple[str, ...]:
        """Return builds from one text to another, the last first.

        Texts are compared byte by byte.

        :param end: builds come before it
        """
