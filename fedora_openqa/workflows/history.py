"""Reads the passed jobs that show how long jobs usually run."""

import logging
from collections.abc import Iterable

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.logs import ContextPool
from fedora_openqa.model.jobs import Job

log = logging.getLogger(__name__)

#: flavors whose history is read at a time
READS_AT_ONCE = 4


def read_history(openqa: ports.OpenQA, jobs: Iterable[Job]) -> tuple[Job, ...]:
    """Return passed jobs of the flavors and arches of some jobs; openQA may not answer for all."""

    def read(product: tuple[str, str]) -> tuple[Job, ...]:
        flavor, arch = product
        try:
            return openqa.passed_jobs(flavor=flavor, arch=arch)
        except FedoraOpenQAError as exc:
            log.warning("the usual run time of jobs cannot be read: %s", exc)
            return ()

    products = sorted({(job.flavor, job.arch) for job in jobs})
    with ContextPool(max_workers=READS_AT_ONCE) as pool:
        return tuple(job for history in pool.map(read, products) for job in history)
