"""Opens the store, to write to it or for a dry run."""

import logging
import os

from fedora_openqa import ports
from fedora_openqa.config import Config, default_store_url
from fedora_openqa.config.secrets import warn_if_readable
from fedora_openqa.store.engine import Engine, open_engine, store_file
from fedora_openqa.store.limits import Limits

log = logging.getLogger(__name__)

#: seconds that the clocks of hosts may differ without a warning
CLOCK_TOLERANCE = 5.0


def store_url(config: Config) -> str:
    """Return the URL of the store."""
    return config.store.url or default_store_url(os.environ)


def open_store(config: Config) -> Engine:
    """Open the store; raises as `open_engine`."""
    return open_engine(store_url(config), limits=limits_of(config))


def limits_of(config: Config) -> Limits:
    """Return how long the database may take."""
    return Limits(connect=config.store.connect_timeout, statement=config.store.statement_timeout)


def warn_of_store(url: str, *, clock_ahead: float) -> None:
    """Log a warning if other accounts can read the store, or if its clock differs.

    :param clock_ahead: seconds that the database's clock is ahead of this host
    """
    if file := store_file(url):
        warn_if_readable(file)
    if abs(clock_ahead) > CLOCK_TOLERANCE:
        log.warning(
            "the database's clock is %+.0f s from this host's: leases and due times go by the"
            " database's",
            clock_ahead,
        )


def open_inbox(
    config: Config, *, dry_run: bool
) -> tuple[ports.Inbox, ports.Deliveries, ports.Sweeps]:
    """Open the tables of wanted subjects, of deliveries and of sweeps.

    :param dry_run: nothing can be written

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    # late: commands that only read need none of these
    from fedora_openqa.store.deliveries import Deliveries
    from fedora_openqa.store.dry_run import look_into
    from fedora_openqa.store.subjects import Subjects
    from fedora_openqa.store.sweeps import Sweeps

    if dry_run:
        return look_into(store_url(config), limits=limits_of(config))
    engine = open_store(config)
    return Subjects(engine), Deliveries(engine), Sweeps(engine)
