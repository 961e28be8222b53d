"""Connects workflows with gateways: the only place that knows configuration and gateways."""

from dataclasses import dataclass
from pathlib import Path

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.data import load_compose_tables
from fedora_openqa.gateways.composes import PungiComposes
from fedora_openqa.gateways.dry_run import DryRunOpenQA
from fedora_openqa.gateways.http import open_session
from fedora_openqa.gateways.openqa import RestOpenQA
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.model.products import Scheduled
from fedora_openqa.model.requests import ComposeRequest
from fedora_openqa.posting import Progress
from fedora_openqa.scheduling import Site, schedule_compose


@dataclass(frozen=True, slots=True)
class Scheduler:
    """The scheduling workflows, with everything they need in place."""

    composes: ports.Composes
    releases: ports.Releases
    openqa: ports.OpenQA
    site: Site

    def schedule_compose(self, request: ComposeRequest, progress: Progress) -> Scheduled:
        """Schedule the tests of a compose; raises as the workflow of that name."""
        return schedule_compose(
            request,
            composes=self.composes,
            releases=self.releases,
            openqa=self.openqa,
            site=self.site,
            progress=progress,
        )


def open_scheduler(config: Config, *, dry_run: bool) -> Scheduler:
    """Connect the scheduling workflows.

    Raises:
        ConfigError: the deployment cannot work: hostnames, tables, keys.
    """
    session = open_session(config.http)
    openqa = RestOpenQA(
        config.openqa.hostname,
        limits=config.http,
        post_timeout=config.openqa.post_timeout,
    )
    if not dry_run:
        openqa.require_key()
    directory = Path(config.tables.directory) if config.tables.directory else None
    return Scheduler(
        composes=PungiComposes(
            session, allowed_hosts=config.scheduling.allowed_hosts, limits=config.http
        ),
        releases=MetadataReleases(session, config.fedora.release_metadata_url, limits=config.http),
        openqa=DryRunOpenQA(openqa) if dry_run else openqa,
        site=Site(
            tables=load_compose_tables(directory),
            job_settings=config.site_settings,
            candidate_group=config.scheduling.candidate_group,
            posts_at_once=config.openqa.posts_at_once,
            look_again_after=config.openqa.look_again_after,
        ),
    )
