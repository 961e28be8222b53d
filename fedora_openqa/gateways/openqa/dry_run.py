"""openQA for a dry run: reads like the real one, and has no way to write."""

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
    """`fedora_openqa.ports.OpenQA` that answers like the real one and forgets what it is told."""

    def __init__(self, openqa: ports.OpenQA, *, needs_jobs: bool = False) -> None:
        """Read through ``openqa``.

        :param needs_jobs: nothing can be shown without the jobs it already has
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
            log.warning("openQA cannot say which jobs it already has: %s", exc)
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
    """`fedora_openqa.ports.OpenQA` that has nothing, so that a plan says all there is to post."""

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
