"""Connects workflows with gateways: the only place that knows configuration and gateways."""

from dataclasses import dataclass
from pathlib import Path

from fedora_openqa.config import Config
from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.gateways.bodhi import RestBodhi
from fedora_openqa.gateways.composes import PungiComposes
from fedora_openqa.gateways.coreos import CoreOSBuilds
from fedora_openqa.gateways.dry_run import DryRunOpenQA
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.openqa import RestOpenQA
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.model.products import Scheduled
from fedora_openqa.model.requests import Request
from fedora_openqa.policy.holds import Holds
from fedora_openqa.policy.packages import Repositories
from fedora_openqa.posting import Progress
from fedora_openqa.scheduling import Site, World, schedule


@dataclass(frozen=True, slots=True)
class Scheduler:
    """The scheduling workflow, with everything it needs in place."""

    world: World
    site: Site

    def schedule(self, request: Request, progress: Progress) -> Scheduled:
        """Schedule the tests of a subject; raises as the workflow of that name."""
        return schedule(request, world=self.world, site=self.site, progress=progress)


def open_scheduler(config: Config, *, dry_run: bool) -> Scheduler:
    """Connect the scheduling workflow.

    Raises:
        ConfigError: the deployment cannot work: hostnames, tables, keys.
    """
    openqa = RestOpenQA(
        config.openqa.hostname, limits=config.http, post_timeout=config.openqa.post_timeout
    )
    if not dry_run:
        openqa.require_key()
    reader = Reader(config.http)
    hosts = config.scheduling.allowed_hosts
    return Scheduler(
        world=World(
            composes=PungiComposes(reader, allowed_hosts=hosts),
            releases=MetadataReleases(reader, config.fedora.release_metadata_url),
            bodhi=RestBodhi(reader, config.bodhi.url),
            coreos=CoreOSBuilds(reader, allowed_hosts=hosts),
            openqa=DryRunOpenQA(openqa) if dry_run else openqa,
        ),
        site=open_site(config),
    )


def open_site(config: Config) -> Site:
    """Read the tables and collect what workflows need of the configuration.

    Raises:
        ConfigError: a table is broken; names file, line and what was expected.
    """
    directory = Path(config.tables.directory) if config.tables.directory else None
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
