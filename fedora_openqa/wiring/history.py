"""Remembers the jobs that are read of openQA, and connects the command that shows them."""

import logging
from collections.abc import Callable, Sequence

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.history import stored_job

log = logging.getLogger(__name__)


def remember_in(history: ports.JobHistory) -> Callable[[Sequence[Job]], None]:
    """Return a function that stores the jobs of an answer; without a database it logs that."""

    def remember(jobs: Sequence[Job]) -> None:
        try:
            history.remember([stored_job(job) for job in jobs])
        except FedoraOpenQAError as exc:
            # whoever has read them goes on
            log.warning("%d jobs are not remembered: %s", len(jobs), exc)

    return remember
