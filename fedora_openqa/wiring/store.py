"""Opens the store: for those who write to it, and for dry runs, which only look."""

import os

from fedora_openqa import ports
from fedora_openqa.config import Config, default_store_url
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.dry_run import look_into
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects


def store_url(config: Config) -> str:
    """Say where the store is."""
    return config.store.url or default_store_url(os.environ)


def open_register(config: Config, *, dry_run: bool) -> tuple[ports.Register, ports.Deliveries]:
    """Open where it is stored what should be scheduled, and what sinks should be told.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    if dry_run:
        return look_into(store_url(config))
    engine = open_engine(store_url(config))
    return Subjects(engine), Deliveries(engine)
