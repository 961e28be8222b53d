"""Connects the sweep with its sources."""

import time
from collections.abc import Callable, Collection

from fedora_openqa import ports
from fedora_openqa.config import Config, seconds_in
from fedora_openqa.data import load_flavor_tables
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.wiring.deliver import enabled_sinks, open_catch_up
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.store import open_inbox
from fedora_openqa.workflows.sweep import Sweep, Sweeper
from fedora_openqa.workflows.worker import MINUTE


def open_sweep(config: Config, *, dry_run: bool) -> Sweep:
    """Connect the sweep with a store of its own.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    inbox, deliveries = open_inbox(config, dry_run=dry_run)
    return _connect(config, inbox, deliveries, schedules=True, sinks=enabled_sinks(config))


def open_sweeper(
    config: Config,
    inbox: ports.Inbox,
    deliveries: ports.Deliveries,
    *,
    schedules: bool,
    sinks: Collection[Sink],
    found: Callable[[], None],
) -> Sweeper | None:
    """Connect the periodic sweep. None: it is disabled.

    :param schedules: look for subjects that should have jobs
    :param sinks: look for jobs that these sinks do not have
    :param found: called after a sweep that found something to work on

    Raises:
        ConfigError: the deployment cannot work.
    """
    if not config.sweep.every:
        return None
    return Sweeper(
        sweep=_connect(config, inbox, deliveries, schedules=schedules, sinks=sinks).sweep,
        every=config.sweep.every * MINUTE,
        since=seconds_in(config.sweep.since),
        found=found,
    )


def _connect(
    config: Config,
    inbox: ports.Inbox,
    deliveries: ports.Deliveries,
    *,
    schedules: bool,
    sinks: Collection[Sink],
) -> Sweep:
    gateways = Gateways(config)
    return Sweep(
        sources=gateways.sources,
        inbox=inbox,
        # read only: a sweep needs no key
        openqa=gateways.openqa,
        table=load_flavor_tables(config.tables_directory).fedora,
        budget=config.sweep.budget,
        clock=time.time,
        schedules=schedules,
        catch_up=open_catch_up(config, sinks, deliveries).catch_up if sinks else None,
    )
