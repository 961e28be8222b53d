"""Connects the workflows of an operator: explain, status, parked items, pauses."""

import os
import time

from fedora_openqa.accounts import user_name
from fedora_openqa.config import Config
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.policy.holds import Holds
from fedora_openqa.store.engine import Engine
from fedora_openqa.store.health import Health
from fedora_openqa.store.parking import DryRunParking, Parking
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.stories import Stories
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.present import look_around_of
from fedora_openqa.wiring.store import open_store
from fedora_openqa.workflows.drain import Drain
from fedora_openqa.workflows.explain import Explainer
from fedora_openqa.workflows.lanes import Lanes
from fedora_openqa.workflows.release import Releaser
from fedora_openqa.workflows.worker import MINUTE


def open_explainer(config: Config, *, offline: bool = True) -> Explainer:
    """Connect the workflow that explains subjects and shows the state of the store.

    :param offline: do not ask openQA for the present states of jobs

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    return explainer_of(config, open_store(config), offline=offline)


def explainer_of(config: Config, engine: Engine, *, offline: bool = True) -> Explainer:
    """Connect the workflow with an open store; parameters as of `open_explainer`."""
    gateways = Gateways(config)

    def compose_in(location: str) -> ComposeName | None:
        # late: fedfind is slow to load
        return gateways.composes.name_in(location)

    return Explainer(
        stories=Stories(engine),
        health=Health(engine),
        pauses=Pauses(engine),
        compose_in=compose_in,
        holds=Holds(blocked=config.blocklist, paused=config.paused),
        sweep_every=config.sweep.every * MINUTE,
        forecasts=look_around_of(config, engine).builds,
        openqa=None if offline else gateways.openqa,
    )


def open_releaser(config: Config, *, dry_run: bool) -> Releaser:
    """Connect the workflow that lists, releases and drops parked items; raises as `open_explainer`.

    :param dry_run: parked items stay parked
    """
    from fedora_openqa.wiring.replay import open_intake

    engine = open_store(config)
    return Releaser(
        stories=Stories(engine),
        parking=DryRunParking() if dry_run else Parking(engine),
        intake=open_intake(config, dry_run=dry_run),
        by=user_name(os.environ),
    )


def open_drain(config: Config) -> Drain:
    """Connect the workflow that waits until openQA is idle; raises as `open_explainer`."""
    return Drain(
        openqa=Gateways(config).openqa,
        stories=Stories(open_store(config)),
        clock=time.monotonic,
        sleep=time.sleep,
    )


def open_lanes(config: Config) -> Lanes:
    """Connect the workflow that pauses and resumes lanes; raises as `open_explainer`."""
    engine = open_store(config)
    return Lanes(pauses=Pauses(engine), stories=Stories(engine), by=user_name(os.environ))
