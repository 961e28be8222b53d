"""Connects the replay of recorded messages: into the store, or into a plan."""

from dataclasses import replace

from fedora_openqa.config import Config
from fedora_openqa.wiring.deliver import delays_of, enabled_sinks
from fedora_openqa.wiring.scheduling import open_schedule, open_site
from fedora_openqa.wiring.store import open_inbox
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.replay import Planner


def open_intake(config: Config, *, dry_run: bool) -> Intake:
    """Connect the intake with the store, or with one that cannot be written to.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    inbox, deliveries, _sweeps = open_inbox(config, dry_run=dry_run)
    return Intake(
        inbox=inbox,
        deliveries=deliveries,
        table=open_site(config).flavor_tables.fedora,
        delays=delays_of(config, enabled_sinks(config)),
    )


def open_planner(config: Config) -> Planner:
    """Connect the workflow with an openQA that has no jobs and accepts none.

    Raises:
        ConfigError: the deployment cannot work.
    """
    from fedora_openqa.gateways.openqa.dry_run import PlanningOpenQA

    schedule = replace(open_schedule(config, dry_run=True), openqa=PlanningOpenQA())
    return Planner(schedule=schedule, arches=config.scheduling.arches)
