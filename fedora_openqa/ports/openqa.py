"""What workflows ask of openQA: jobs, products, files and templates."""

from collections.abc import Collection, Sequence
from typing import Protocol

from fedora_openqa.model.base_images import Asset
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import PostedProduct, Product
from fedora_openqa.model.reruns import RestartAnswer
from fedora_openqa.model.templates import Templates


class OpenQA(Protocol):
    """The openQA server."""

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        """Return all jobs of a build (openQA's BUILD), cancelled and cloned ones too.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        """Return jobs by their ids; jobs that openQA no longer has are left out.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        """Return the jobs of one flavor and arch of a build.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def post_product(self, product: Product) -> PostedProduct:
        """Schedule a product, once: a request that may have arrived is not repeated.

        Raises:
            ConfigError: there is no usable API key.
            RequestRefusedError: openQA refused; nothing was scheduled.
            ServiceUnavailableError: openQA was not reached; nothing was scheduled.
            AmbiguousWriteError: the jobs may have been scheduled.
        """

    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
        """Return the newest passed jobs of a flavor and arch, of any build.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:
        """Restart jobs, and those that openQA restarts with them; once, as `post_product`.

        :param force: also jobs that lack assets, or the parent they must run directly after

        Raises: as `post_product`.
        """

    def group_id(self, name: str) -> int | None:
        """Return the id of the job group of a name; None: there is none.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def post_comment(self, group_id: int, text: str) -> None:
        """Post a comment to a job group.

        Raises: as `post_product`.
        """


class Runs(OpenQA, Protocol):
    """An openQA server that knows the newest job of each scenario, and the jobs that run."""

    def newest_runs(self, build: str) -> frozenset[int]:
        """Return the ids of the newest job of each scenario of a build (openQA's BUILD).

        Jobs with a clone are left out; cancelled jobs are not. The list of a large build may be
        incomplete.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def running_jobs(self) -> tuple[Job, ...]:
        """Return the jobs that a worker of openQA has, of any build, from assigned to uploading.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class NewJobs(Protocol):
    """Lists of the newest jobs of all builds."""

    def jobs_after(self, job_id: int, *, most: int) -> tuple[Job, ...]:
        """Return jobs of higher ids than one, by id; the newest job is always among them.

        :param job_id: 0: of all jobs
        :param most: the most jobs that are read

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class Presence(Protocol):
    """Whether openQA answers at all."""

    @property
    def api_url(self) -> str:
        """What the URLs of its interface begin with; errors name the URL of a failed request."""

    def reach(self) -> None:
        """Ask openQA something small, once.

        Raises:
            RequestRefusedError: it answers, and refuses.
            ServiceUnavailableError: it does not answer.
        """


class Builds(Protocol):
    """Earlier builds in openQA."""

    def before(self, job: Job) -> tuple[str, ...]:
        """Return the builds in which the test of a job has ended before, the newest first.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class Assets(Protocol):
    """Files that jobs start from."""

    def disks(self) -> tuple[Asset, ...]:
        """Return the disk images.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class JobFiles(Protocol):
    """Files that jobs have uploaded to openQA."""

    def load(self, job_id: int, name: str) -> bytes | None:
        """Return a file of a job; None: it has none of that name, or no longer.

        Raises:
            RequestRefusedError: openQA refuses it.
            ServiceUnavailableError: no answer, or one that is too long.
        """


class OpenQATemplates(Protocol):
    """The products and job templates of the openQA server."""

    def load(self) -> Templates:
        """Return all products of Fedora, and the jobs that each of them makes.

        Raises:
            PermanentError, ServiceUnavailableError: they cannot be read.
        """
