"""openQA for a dry run: reads like the real one, and has no way to write."""

import logging
from collections.abc import Collection, Sequence

from fedora_openqa.errors import TemporaryError
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import PostedProduct, Product
from fedora_openqa.model.reruns import RestartAnswer
from fedora_openqa.ports import OpenQA

log = logging.getLogger(__name__)


class DryRunOpenQA:
    """`fedora_openqa.ports.OpenQA` that answers like the real one and forgets what it is told."""

    def __init__(self, openqa: OpenQA, *, needs_jobs: bool = False) -> None:
        """Read through ``openqa``.

        :param needs_jobs: nothing can be shown without the jobs it already has
        """
        self._openqa = openqa
        self._needs_jobs = needs_jobs

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        """List the jobs of a build; without openQA, show what would be posted if it had none."""
        try:
            return self._openqa.jobs_for_build(build)
        except TemporaryError as exc:
            if self._needs_jobs:
                raise
            log.warning("openQA cannot say which jobs it already has: %s", exc)
            return ()

    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        """Read jobs by their ids."""
        return self._openqa.jobs_by_id(job_ids)

    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        """List the jobs of a product."""
        return self._openqa.jobs_for_product(product)

    def post_product(self, product: Product) -> PostedProduct:  # noqa: ARG002
        """Schedule nothing."""
        return PostedProduct(job_ids=())

    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
        """List the newest passed jobs of a flavor and arch."""
        return self._openqa.passed_jobs(flavor=flavor, arch=arch)

    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:  # noqa: ARG002
        """Restart nothing."""
        return RestartAnswer(dict.fromkeys(job_ids))

    def group_id(self, name: str) -> int | None:
        """Find a job group by its name."""
        return self._openqa.group_id(name)

    def post_comment(self, group_id: int, text: str) -> None:
        """Write nothing."""
        log.warning("would comment on job group %d: %s", group_id, text)


class PlanningOpenQA:
    """`fedora_openqa.ports.OpenQA` that has nothing, so that a plan says all there is to post."""

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:  # noqa: ARG002
        """Have no jobs."""
        return ()

    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:  # noqa: ARG002
        """Have no jobs."""
        return ()

    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:  # noqa: ARG002
        """Have no jobs."""
        return ()

    def post_product(self, product: Product) -> PostedProduct:  # noqa: ARG002
        """Schedule nothing."""
        return PostedProduct(job_ids=())

    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:  # noqa: ARG002
        """Have no jobs."""
        return ()

    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:  # noqa: ARG002
        """Restart nothing."""
        return RestartAnswer(dict.fromkeys(job_ids))

    def group_id(self, name: str) -> int | None:  # noqa: ARG002
        """Have a group of any name."""
        return 0

    def post_comment(self, group_id: int, text: str) -> None:
        """Write nothing."""
