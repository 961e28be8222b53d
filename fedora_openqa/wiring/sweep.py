"""Connects the sweep with its sources."""

import time
from collections.abc import Callable, Collection
from pathlib import Path

from fedora_openqa import ports
from fedora_openqa.config import Config, seconds_in
from fedora_openqa.data import load_flavor_tables
from fedora_openqa.gateways.bodhi.source import UpdateLists
from fedora_openqa.gateways.composes.status_files import StatusFiles
from fedora_openqa.gateways.coreos.source import StreamLists
from fedora_openqa.gateways.datagrepper import History
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.policy.compose_families import series_of
from fedora_openqa.wiring.http import open_reader
from fedora_openqa.wiring.openqa import open_rest_openqa
from fedora_openqa.wiring.sinks import enabled_sinks
from fedora_openqa.wiring.store import open_inbox
from fedora_openqa.workflows.sweep import Sweep, Sweeper

#: seconds in a minute
MINUTE = 60.0


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
    """Connect what sweeps now and then; nothing if it never should.

    :param schedules: look for subjects that should have jobs
    :param sinks: look for jobs that these were not told of
    :param found: told after a sweep that found something to work on

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
    reader = open_reader(config)
    directory = Path(config.tables.directory) if config.tables.directory else None
    releases = MetadataReleases(reader, config.fedora.release_metadata_url)
    catch_up = None
    if sinks:
        # late: scheduling needs none of what sinks are made of
        from fedora_openqa.wiring.reporting import open_catch_up

        catch_up = open_catch_up(config, sinks, deliveries).catch_up
    return Sweep(
        sources=(
            StatusFiles(reader, config.sweep.composes_url, lambda: series_of(releases.load())),
            UpdateLists(reader, config.bodhi.url),
            StreamLists(reader, config.sweep.coreos_url, config.sweep.coreos_streams),
            History(reader, config.datagrepper.url),
        ),
        inbox=inbox,
        # it only reads: a sweep needs no key
        openqa=open_rest_openqa(config),
        table=load_flavor_tables(directory).fedora,
        budget=config.sweep.budget,
        clock=time.time,
        schedules=schedules,
        catch_up=catch_up,
    )
