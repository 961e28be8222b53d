"""Connects the workflow that finds tests that fail now and then."""

from fedora_openqa.config import Config
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.store.courses import StoredCourses
from fedora_openqa.store.engine import Engine
from fedora_openqa.wiring.store import open_store
from fedora_openqa.workflows.flakes import Flakes


def open_flakes(config: Config, engine: Engine | None = None) -> Flakes:
    """Connect the workflow.

    :param engine: an open store; None: it is opened

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    return Flakes(
        stored=StoredCourses(engine or open_store(config)),
        rules=load_reason_rules(config.tables_directory),
    )
