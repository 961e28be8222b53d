"""Connects workflows with gateways: the only place that knows configuration and gateways."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fedora_openqa.checking import Checked, check
from fedora_openqa.config import Config, default_store_url
from fedora_openqa.data import load_compose_tables, load_flavor_tables
from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.bodhi import RestBodhi
from fedora_openqa.gateways.composes import PungiComposes
from fedora_openqa.gateways.coreos import CoreOSBuilds
from fedora_openqa.gateways.dry_run import DryRunOpenQA
from fedora_openqa.gateways.greenwave import GreenwaveServer, PolicyFile
from fedora_openqa.gateways.http import Reader
from fedora_openqa.gateways.openqa import RestOpenQA
from fedora_openqa.gateways.openqa_templates import RestTemplates
from fedora_openqa.gateways.releases import MetadataReleases
from fedora_openqa.intake import Intake
from fedora_openqa.model.products import Scheduled
from fedora_openqa.model.requests import Request
from fedora_openqa.model.reruns import Estimate, Rerun, RerunRequest, Selection
from fedora_openqa.policy.holds import Holds, with_pauses
from fedora_openqa.policy.packages import Repositories
from fedora_openqa.ports import Ledger, OpenQA
from fedora_openqa.posting import Forgetful, Progress
from fedora_openqa.rerunning import estimate, restart, select
from fedora_openqa.scheduling import Site, World, schedule
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.sweep import Sweeper
from fedora_openqa.wiring.sweep import open_sweeper
from fedora_openqa.worker import DAY, Schedule, Worker


@dataclass(frozen=True, slots=True)
class Scheduler:
    """The scheduling workflow, with everything it needs in place."""

    world: World
    site: Site

    def schedule(self, request: Request, progress: Progress) -> Scheduled:
        """Schedule the tests of a subject; raises as the workflow of that name."""
        return self.schedule_remembered(request, Forgetful(), progress)

    def schedule_remembered(
        self,
        request: Request,
        ledger: Ledger,
        progress: Progress = lambda _result, _total: None,
    ) -> Scheduled:
        """Do the same, going on with what a ledger says was begun."""
        return schedule(request, world=self.world, ledger=ledger, site=self.site, progress=progress)


def open_scheduler(config: Config, *, dry_run: bool) -> Scheduler:
    """Connect the scheduling workflow.

    Raises:
        ConfigError: the deployment cannot work: hostnames, tables, keys.
    """
    reader = Reader(config.http)
    hosts = config.scheduling.allowed_hosts
    return Scheduler(
        world=World(
            composes=PungiComposes(reader, allowed_hosts=hosts),
            releases=MetadataReleases(reader, config.fedora.release_metadata_url),
            bodhi=RestBodhi(reader, config.bodhi.url),
            coreos=CoreOSBuilds(reader, allowed_hosts=hosts),
            openqa=open_openqa(config, dry_run=dry_run),
        ),
        site=open_site(config),
    )


@dataclass(frozen=True, slots=True)
class Rerunner:
    """The rerunning workflow, with everything it needs in place; raises as that does."""

    openqa: OpenQA
    #: seconds between two looks after a restart without an answer
    look_again_after: float

    def select(self, request: RerunRequest) -> Selection:
        """Find the jobs that a request is about."""
        return select(request, openqa=self.openqa)

    def estimate(self, selection: Selection) -> Estimate:
        """Say how long the jobs usually run."""
        return estimate(selection, openqa=self.openqa)

    def restart(self, selection: Selection, *, force: bool) -> Rerun:
        """Restart the jobs."""
        return restart(
            selection, openqa=self.openqa, force=force, look_again_after=self.look_again_after
        )


def open_rerunner(config: Config, *, dry_run: bool) -> Rerunner:
    """Connect the rerunning workflow; raises as `open_openqa`."""
    return Rerunner(
        openqa=open_openqa(config, dry_run=dry_run, needs_jobs=True),
        look_again_after=config.openqa.look_again_after,
    )


def open_openqa(config: Config, *, dry_run: bool, needs_jobs: bool = False) -> OpenQA:
    """Connect openQA, or one that cannot be written to.

    :param needs_jobs: not even a dry run makes sense without the jobs it already has

    Raises:
        ConfigError: the hostname is none, or there is no key to the server.
    """
    openqa = _open_openqa(config)
    if dry_run:
        return DryRunOpenQA(openqa, needs_jobs=needs_jobs)
    openqa.require_key()
    return openqa


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


def check_config(config: Config, *, openqa: bool, greenwave: str | None) -> Checked:
    """Compare the tables with what the configured servers have.

    :param openqa: with the templates of the openQA server
    :param greenwave: with the gating policies of this file or server; empty: of the
        configured server

    Raises:
        ConfigError: the tables or the file cannot be read.
        PermanentError, TemporaryError: a server does not say.
    """
    site = open_site(config)
    reader = Reader(config.http)
    templates = RestTemplates(reader, _open_openqa(config).url) if openqa else None
    policies: PolicyFile | GreenwaveServer | None = None
    if greenwave is not None:
        source = greenwave or config.greenwave.url
        is_url = source.startswith(("http://", "https://"))
        policies = GreenwaveServer(reader, source) if is_url else PolicyFile(Path(source))
    return check(site, compose_arches=config.scheduling.arches, openqa=templates, gating=policies)


def _open_openqa(config: Config) -> RestOpenQA:
    return RestOpenQA(
        config.openqa.hostname, limits=config.http, post_timeout=config.openqa.post_timeout
    )


@dataclass(frozen=True, slots=True)
class Service:
    """A process that takes messages in, works on subjects, or both."""

    intake: Intake
    #: the store, for whoever wants to look
    subjects: Subjects
    #: none: another process works
    workers: tuple[Worker, ...]
    _awake: threading.Event
    _stopped: threading.Event
    #: none: nobody sweeps in this process
    sweeper: Sweeper | None = None

    def take(self, topic: str, body: Mapping[str, Any], *, message_id: str | None) -> None:
        """Store what a message asks for; raises as `Intake.take`."""
        if self.intake.take(topic, body, message_id=message_id):
            self._awake.set()

    def park(
        self, topic: str, body: Mapping[str, Any], *, message_id: str | None, reason: str
    ) -> None:
        """Keep a message for a person to look at; raises as `Intake.park`."""
        self.intake.park(topic, body, message_id=message_id, reason=reason)

    def start(self, failed: Callable[[ConfigError], None]) -> tuple[threading.Thread, ...]:
        """Let the workers work, each in a thread; tells of a deployment that is wrong.

        Gives the workers' threads; whoever sweeps may be left in the middle of it.
        """

        def work(worker: Worker | Sweeper) -> None:
            try:
                worker.run(self._stopped)
            except ConfigError as exc:
                failed(exc)

        threads = tuple(
            threading.Thread(target=work, args=(worker,), name=worker.owner, daemon=True)
            for worker in self.workers
        )
        for thread in threads:
            thread.start()
        if self.sweeper:
            name = "sweeper"
            threading.Thread(target=work, args=(self.sweeper,), name=name, daemon=True).start()
        return threads

    def stop(self) -> None:
        """Let the workers end after the subject they are at."""
        self._stopped.set()
        self._awake.set()


def _unless_paused(scheduler: Scheduler, pauses: Pauses) -> Schedule:
    """Let each attempt see what a person has stopped by then."""

    def attempt(request: Request, ledger: Ledger) -> Scheduled:
        holds = with_pauses(scheduler.site.holds, pauses.all())
        today = replace(scheduler, site=replace(scheduler.site, holds=holds))
        return today.schedule_remembered(request, ledger)

    return attempt


def open_service(config: Config, *, threads: int) -> Service:
    """Connect intake and workers with the store.

    :param threads: subjects worked on at once; 0: only take messages in

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    scheduler = open_scheduler(config, dry_run=False) if threads else None
    engine = open_engine(config.store.url or default_store_url(os.environ))
    subjects = Subjects(engine, per_minute=config.limits)
    site = scheduler.site if scheduler else open_site(config)
    awake = threading.Event()
    workers = []
    for number in range(threads):
        assert scheduler is not None  # noqa: S101 - for the type checker; see above
        workers.append(
            Worker(
                backlog=subjects,
                schedule=_unless_paused(scheduler, Pauses(engine)),
                arches=config.scheduling.arches,
                owner=f"{socket.gethostname()}:{os.getpid()}:{number}",
                clock=time.time,
                lease_seconds=config.worker.lease,
                keep_seconds=config.store.keep_days * DAY,
                awake=awake,
            )
        )
    return Service(
        intake=Intake(inbox=subjects, table=site.flavor_tables.fedora, clock=time.time),
        subjects=subjects,
        workers=tuple(workers),
        _awake=awake,
        _stopped=threading.Event(),
        sweeper=open_sweeper(config, subjects, found=awake.set) if threads else None,
    )
