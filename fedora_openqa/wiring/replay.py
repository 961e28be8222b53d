"""Connects the replay of recorded messages: into the store, or only into a plan."""

from collections.abc import Callable
from dataclasses import replace

from fedora_openqa.config import Config
from fedora_openqa.gateways.openqa.dry_run import PlanningOpenQA
from fedora_openqa.model.products import ScheduleResult
from fedora_openqa.model.recordings import PlannedSubject, Recording
from fedora_openqa.model.requests import Request
from fedora_openqa.wiring.scheduling import open_scheduler, open_site
from fedora_openqa.wiring.sinks import delays_of, enabled_sinks
from fedora_openqa.wiring.store import open_inbox
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.replay import plan


def open_intake(config: Config, *, dry_run: bool) -> Intake:
    """Connect the intake with the store, or with one that only looks.

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    inbox, deliveries = open_inbox(config, dry_run=dry_run)
    return Intake(
        inbox=inbox,
        deliveries=deliveries,
        table=open_site(config).flavor_tables.fedora,
        delays=delays_of(config, enabled_sinks(config)),
    )


def open_planner(config: Config) -> Callable[[Recording], PlannedSubject]:
    """Connect the workflow with an openQA that has nothing and takes nothing.

    Raises:
        ConfigError: the deployment cannot work.
    """
    scheduler = open_scheduler(config, dry_run=True)
    scheduler = replace(scheduler, world=replace(scheduler.world, openqa=PlanningOpenQA()))

    def schedule(request: Request) -> ScheduleResult:
        return scheduler.schedule(request, lambda _result, _total: None)

    return lambda recording: plan(
        recording,
        table=scheduler.site.flavor_tables.fedora,
        arches=config.scheduling.arches,
        schedule=schedule,
    )
