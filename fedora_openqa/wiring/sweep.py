"""Connects the sweep with its sources."""

import os
import socket
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial

from fedora_openqa import ports
from fedora_openqa.config import Config, seconds_in
from fedora_openqa.data import load_flavor_tables
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.wiring.deliver import enabled_sinks, open_catch_up
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.store import open_inbox
from fedora_openqa.workflows.evidence import Evidence
from fedora_openqa.workflows.sweep import Sweep, Sweeper
from fedora_openqa.workflows.worker import MINUTE


def open_sweep(config: Config, *, dry_run: bool) -> Sweep:
    """Connect the sweep with a store of its own.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    inbox, deliveries, board = open_inbox(config, dry_run=dry_run)
    sinks = enabled_sinks(config)
    return connect_sweep(config, inbox, deliveries, board, schedules=True, sinks=sinks)


def open_sweeper(
    config: Config,
    inbox: ports.Inbox,
    deliveries: ports.Deliveries,
    board: ports.Sweeps,
    *,
    schedules: bool,
    sinks: Collection[Sink],
    found: Callable[[], None],
    history: ports.JobHistory | None = None,
    evidence: Evidence | None = None,
) -> Sweeper | None:
    """Connect the periodic sweep. None: it is disabled.

    :param schedules: look for subjects that should have jobs
    :param sinks: look for jobs that these sinks do not have
    :param found: called after a sweep that found something to work on
    :param history: where jobs that are read of openQA are remembered
    :param evidence: lets openQA keep jobs. None: it is switched off

    Raises:
        ConfigError: the deployment cannot work.
    """
    every = config.sweep.every * MINUTE
    if not every:
        return None
    sweep = connect_sweep(
        config, inbox, deliveries, board, schedules=schedules, sinks=sinks, history=history
    )
    sweep = replace(sweep, evidence=evidence)
    return Sweeper(
        sweep=partial(sweep.sweep_in_turn, seconds_in(config.sweep.since), every=every),
        every=every,
        found=found,
    )


def connect_sweep(
    config: Config,
    inbox: ports.Inbox,
    deliveries: ports.Deliveries,
    board: ports.Sweeps,
    *,
    schedules: bool,
    sinks: Collection[Sink],
    history: ports.JobHistory | None = None,
) -> Sweep:
    """Connect the sweep with tables of the store.

    :param schedules: look for subjects that should have jobs
    :param sinks: look for jobs that these sinks do not have

    Raises:
        ConfigError: the deployment cannot work.
    """
    gateways = Gateways(config, history)
    return Sweep(
        sources=gateways.sources,
        board=board,
        inbox=inbox,
        # read only: a sweep needs no key
        openqa=gateways.openqa,
        new_jobs=gateways.openqa,
        table=load_flavor_tables(config.tables_directory).fedora,
        budget=config.sweep.budget,
        clock=time.time,
        owner=f"{socket.gethostname()}:{os.getpid()}",
        lease_seconds=config.worker.lease,
        schedules=schedules,
        catch_up=open_catch_up(config, sinks, deliveries, board, history=history)
        if sinks
        else None,
    )
