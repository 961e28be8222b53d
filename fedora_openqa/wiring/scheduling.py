"""Connects the scheduling workflow; must not load the store, which its commands do not use."""

from dataclasses import dataclass
from pathlib import Path

from fedora_openqa.config import Config
from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.gateways.bodhi.updates import RestBodhi
from fedora_openqa.gateways.composes.pungi import PungiComposes
from fedora_openqa.gateways.coreos.builds import CoreOSBuilds
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.model.products import ScheduleResult
from fedora_openqa.model.requests import Request
from fedora_openqa.policy.holds import Holds
from fedora_openqa.policy.packages import Repositories
from fedora_openqa.ports import ProductLedger
from fedora_openqa.wiring.http import open_compose_reader, open_reader
from fedora_openqa.wiring.openqa import open_openqa
from fedora_openqa.workflows.post import Forgetful, Progress
from fedora_openqa.workflows.schedule import SchedulingPorts, Site, schedule


@dataclass(frozen=True, slots=True)
class Scheduler:
    """The scheduling workflow, with everything it needs in place."""

    world: SchedulingPorts
    site: Site

    def schedule(self, request: Request, progress: Progress) -> ScheduleResult:
        """Schedule the tests of a subject; raises as the workflow of that name."""
        return self.schedule_remembered(request, Forgetful(), progress)

    def schedule_remembered(
        self,
        request: Request,
        ledger: ProductLedger,
        progress: Progress = lambda _result, _total: None,
    ) -> ScheduleResult:
        """Do the same, going on with what a ledger says was begun."""
        return schedule(request, world=self.world, ledger=ledger, site=self.site, progress=progress)


def open_scheduler(config: Config, *, dry_run: bool) -> Scheduler:
    """Connect the scheduling workflow.

    Raises:
        ConfigError: the deployment cannot work: hostnames, tables, keys.
    """
    reader = open_reader(config)
    hosts = config.scheduling.allowed_hosts
    return Scheduler(
        world=SchedulingPorts(
            composes=PungiComposes(open_compose_reader(config), allowed_hosts=hosts),
            releases=MetadataReleases(reader, config.fedora.release_metadata_url),
            bodhi=RestBodhi(reader, config.bodhi.url),
            coreos=CoreOSBuilds(open_compose_reader(config), allowed_hosts=hosts),
            openqa=open_openqa(config, dry_run=dry_run),
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
