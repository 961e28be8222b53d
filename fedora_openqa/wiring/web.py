"""Connects the process that serves the pages."""

import os
import socket
from collections.abc import Callable
from dataclasses import replace

from fedora_openqa import __version__
from fedora_openqa.config import Config
from fedora_openqa.data import load_flavor_tables
from fedora_openqa.model.health import Process as Reported
from fedora_openqa.store.audit import Audit
from fedora_openqa.store.builds import StoredBuilds
from fedora_openqa.store.engine import Engine
from fedora_openqa.store.health import Health
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.lists import SubjectLists
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.sightings import Sightings
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.store.statistics import Statistics
from fedora_openqa.store.stories import Stories
from fedora_openqa.web.app import create_app
from fedora_openqa.web.asking import Cached
from fedora_openqa.web.keeping import Kept
from fedora_openqa.web.readers import Readers, Site
from fedora_openqa.web.server import open_server
from fedora_openqa.wiring.acts import open_acts
from fedora_openqa.wiring.failures import failures_of
from fedora_openqa.wiring.flakes import courses_in, flakes_of
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.gating import open_update_gating
from fedora_openqa.wiring.monitoring import LOOPBACK, open_monitor
from fedora_openqa.wiring.operator import explainer_of
from fedora_openqa.wiring.present import look_around_of
from fedora_openqa.wiring.store import open_store
from fedora_openqa.workflows.builds import BuildDesk
from fedora_openqa.workflows.heartbeat import Heartbeat, Pulse
from fedora_openqa.workflows.service import Process
from fedora_openqa.workflows.why import UpdateRule

#: seconds that the state of all lanes is kept, for all visitors
KEPT_SECONDS = 15.0

#: seconds that failures are kept which flaky tests are found by
FLAKES_KEPT_SECONDS = 300.0


def open_web(config: Config, *, announce: Callable[[str], object]) -> Process:
    """Connect the pages, and open their port.

    :param announce: called once with a token that was made

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    engine = open_store(config)
    acts = open_acts(config, engine, announce=announce)
    app = create_app(open_readers(config, engine), site_of(config), acts)
    host, _, port = config.web.listen.rpartition(":")
    heartbeat = Heartbeat(
        health=Health(engine),
        pulse=Pulse(),
        process=Reported(
            host=socket.gethostname(),
            pid=os.getpid(),
            role="web",
            version=__version__,
            lanes={},
            topics={},
            started=0.0,
            seen=0.0,
            has_metrics=bool(config.monitoring.listen),
        ),
        paused=config.paused,
    )
    monitor = (
        open_monitor(config, heartbeat, connected=lambda: True, snapshots=Snapshots(engine))
        if config.monitoring.listen
        else None
    )
    return Process(
        role="web",
        pages=open_server(app, host=host or LOOPBACK, port=int(port), threads=config.web.threads),
        heartbeat=heartbeat,
        monitor=monitor,
        stop_seconds=config.worker.stop,
    )


def open_readers(config: Config, engine: Engine, *, keep: float = KEPT_SECONDS) -> Readers:
    """Connect what the pages ask with an open store.

    :param keep: seconds that the state of all lanes and the failures are kept
    """
    explainer = explainer_of(config, engine)
    look_around = look_around_of(config, engine)
    forecasts = Kept(look_around.builds, keep).get
    desk = BuildDesk(builds=StoredBuilds(engine), stories=Stories(engine), forecasts=forecasts)
    flakes = flakes_of(config, Kept(courses_in(engine), FLAKES_KEPT_SECONDS).get)
    status = Kept(explainer.status, keep)
    causes = failures_of(config, engine)
    gating = Cached(open_update_gating(config).look, "Greenwave")
    failures = Kept(causes.look, keep)

    def forget() -> None:
        status.forget()
        failures.forget()
        gating.forget()

    teller = replace(explainer, forecasts=forecasts)
    return Readers(
        stories=Stories(engine),
        pauses=Pauses(engine),
        history=JobHistory(engine),
        flakes=lambda release, arch: flakes.worst(release=release, arch=arch),
        audit=Audit(engine),
        status=status.get,
        forget=forget,
        failures=failures.get,
        cluster=causes.find,
        hints=causes.hints,
        now=Kept(lambda: look_around.now(status.get()), keep).get,
        capacity=Kept(look_around.capacity, keep).get,
        age=Kept(look_around.age, keep).get,
        builds=StoredBuilds(engine),
        lists=SubjectLists(engine),
        explain=lambda subject: teller.explain(subject, status.get()),
        look=desk.look,
        compare=desk.compare,
        gating=gating.get,
        update_rule=Cached(_update_rule(config).reason, "Bodhi").get,
        sightings=Sightings(engine),
        statistics=Statistics(engine),
    )


def _update_rule(config: Config) -> UpdateRule:
    """Connect the workflow that applies the rules for updates."""
    table = load_flavor_tables(config.tables_directory).fedora
    return UpdateRule(bodhi=Gateways(config).bodhi, table=table)


def site_of(config: Config) -> Site:
    """Return what the pages know of the deployment."""
    return Site(
        openqa_url=Gateways(config).public_url,
        url=config.web.url.rstrip("/"),
        bug_hosts=frozenset(host.lower() for host in config.web.bug_hosts),
    )
