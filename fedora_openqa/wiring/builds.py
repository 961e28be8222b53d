"""Connects the workflow that shows what is stored of builds."""

from fedora_openqa.config import Config
from fedora_openqa.store.builds import StoredBuilds
from fedora_openqa.store.stories import Stories
from fedora_openqa.wiring.store import open_store
from fedora_openqa.workflows.builds import BuildDesk


def open_builds(config: Config) -> BuildDesk:
    """Connect the workflow.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    engine = open_store(config)
    return BuildDesk(builds=StoredBuilds(engine), stories=Stories(engine))
