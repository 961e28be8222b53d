"""Connects the workflows that schedule and restart jobs; must not load the store."""

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.policy.holds import Holds
from fedora_openqa.policy.packages import Repositories
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.workflows.rerun import Reruns
from fedora_openqa.workflows.schedule import Schedule, Site


def open_schedule(
    config: Config, *, dry_run: bool, history: ports.JobHistory | None = None
) -> Schedule:
    """Connect the workflow that schedules.

    :param history: where jobs that are read of openQA are remembered

    Raises:
        ConfigError: a hostname, a table or the API key is wrong or missing.
    """
    gateways = Gateways(config, history=history)
    return Schedule(
        composes=gateways.composes,
        releases=gateways.releases,
        bodhi=gateways.bodhi,
        coreos=gateways.coreos,
        openqa=gateways.openqa_to_write(dry_run=dry_run),
        site=open_site(config),
    )


def open_reruns(config: Config, *, dry_run: bool) -> Reruns:
    """Connect the workflow that restarts jobs; raises as `Gateways.openqa_to_write`."""
    return Reruns(
        openqa=Gateways(config).openqa_to_write(dry_run=dry_run, needs_jobs=True),
        look_again_after=config.openqa.look_again_after,
    )


def open_site(config: Config) -> Site:
    """Load the tables and collect the choices that workflows need.

    Raises:
        ConfigError: a table is broken; names file, line and what was expected.
    """
    directory = config.tables_directory
    return Site(
        compose_tables=load_compose_tables(directory),
        flavor_tables=load_flavor_tables(directory),
        job_settings=config.site_settings,
        repositories=Repositories(
            update=config.repositories.update,
            side_tag=config.repositories.side_tag,
            copr=config.repositories.copr,
        ),
        holds=Holds(blocked=config.blocklist, paused=config.paused),
        candidate_group=config.scheduling.candidate_group,
        update_arches=config.scheduling.update_arches,
        posts_at_once=config.openqa.posts_at_once,
        look_again_after=config.openqa.look_again_after,
    )
