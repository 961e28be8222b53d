"""openQA for dry runs and plans; cannot write."""

import logging
from collections.abc import Collection, Sequence

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import TemporaryError
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import PostedProduct, Product
from fedora_openqa.model.reruns import RestartAnswer

log = logging.getLogger(__name__)


class DryRunOpenQA(ports.OpenQA):
    """An openQA that is read through another gateway and never written.

    If openQA does not answer, a build has no jobs, so that all products are shown.
    """

    def __init__(self, openqa: ports.OpenQA, *, needs_jobs: bool = False) -> None:
        """Read through ``openqa``.

        :param needs_jobs: raise if the jobs of a build cannot be read
        """
        self._openqa = openqa
        self._needs_jobs = needs_jobs

    @override
    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        try:
            return self._openqa.jobs_for_build(build)
        except TemporaryError as exc:
            if self._needs_jobs:
                raise
            log.warning("openQA does not list the jobs that it has: %s", exc)
            return ()

    @override
    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        return self._openqa.jobs_by_id(job_ids)

    @override
    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        return self._openqa.jobs_for_product(product)

    @override
    def post_product(self, product: Product) -> PostedProduct:
        return PostedProduct(job_ids=())

    @override
    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
        return self._openqa.passed_jobs(flavor=flavor, arch=arch)

    @override
    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:
        return RestartAnswer(dict.fromkeys(job_ids))

    @override
    def group_id(self, name: str) -> int | None:
        return self._openqa.group_id(name)

    @override
    def post_comment(self, group_id: int, text: str) -> None:
        log.warning("would comment on job group %d: %s", group_id, text)


class PlanningOpenQA(ports.OpenQA):
    """An openQA without jobs, so that a plan has all products."""

    @override
    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        return ()

    @override
    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        return ()

    @override
    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        return ()

    @override
    def post_product(self, product: Product) -> PostedProduct:
        return PostedProduct(job_ids=())

    @override
    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
        return ()

    @override
    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:
        return RestartAnswer(dict.fromkeys(job_ids))

    @override
    def group_id(self, name: str) -> int | None:
        return 0

    @override
    def post_comment(self, group_id: int, text: str) -> None:
        return None
