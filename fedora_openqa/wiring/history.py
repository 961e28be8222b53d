"""Remembers the jobs that are read of openQA, and opens what is remembered."""

import logging
from collections.abc import Callable, Sequence

from fedora_openqa import ports
from fedora_openqa.config import Config
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


def open_history(config: Config) -> ports.JobHistory:
    """Open the remembered jobs.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    # late: scheduling by hand needs no store
    from fedora_openqa.store.jobs import JobHistory
    from fedora_openqa.wiring.store import open_store

    return JobHistory(open_store(config))
