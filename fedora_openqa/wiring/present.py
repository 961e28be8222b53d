"""Connects what shows what is tested or waits at present."""

from typing import TYPE_CHECKING

from fedora_openqa.config import Config
from fedora_openqa.workflows.look_around import LookAround

if TYPE_CHECKING:
    from fedora_openqa.store.engine import Engine


def open_look_around(config: Config) -> LookAround:
    """Connect the workflow with a store of its own.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    from fedora_openqa.wiring.store import open_store

    return look_around_of(config, open_store(config))


def look_around_of(config: Config, engine: "Engine") -> LookAround:
    """Connect the workflow with an open store."""
    from fedora_openqa.store.forecasts import Forecasts
    from fedora_openqa.store.pauses import Pauses
    from fedora_openqa.store.snapshots import Snapshots
    from fedora_openqa.store.stories import Stories

    return LookAround(
        snapshots=Snapshots(engine),
        forecasts=Forecasts(engine),
        stories=Stories(engine),
        pauses=Pauses(engine),
        paused=config.paused,
    )
