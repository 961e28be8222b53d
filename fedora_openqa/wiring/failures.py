"""Connects the workflow that shows failures with one cause."""

import os
from typing import TYPE_CHECKING

from fedora_openqa.accounts import user_name
from fedora_openqa.config import Config
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.workflows.failures import FailureDesk

if TYPE_CHECKING:
    from fedora_openqa.store.engine import Engine


def open_failures(config: Config) -> FailureDesk:
    """Connect the workflow.

    Raises:
        ConfigError: the deployment cannot work, or the table of reasons is broken.
        ServiceUnavailableError: the database cannot be reached.
    """
    # late: jobs of a subject are restarted without the store
    from fedora_openqa.wiring.store import open_store

    return failures_of(config, open_store(config))


def failures_of(config: Config, engine: "Engine") -> FailureDesk:
    """Connect the workflow with an open store.

    Raises:
        ConfigError: the table of reasons is broken.
    """
    from fedora_openqa.store.failures import Failures

    return FailureDesk(
        failures=Failures(engine),
        reason_rules=load_reason_rules(config.tables_directory),
        by=user_name(os.environ),
    )
