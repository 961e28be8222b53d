"""All consumers in shadow, with all sinks enabled: everything is recorded, nothing is written."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from fedora_messaging.config import conf
from fedora_messaging.message import Message

from consumers.autocloud_reporter import AutocloudReporter
from consumers.compose_checker import ComposeChecker
from consumers.reporters import Reporter
from consumers.resultsdb_reporter import ResultsDBReporter
from consumers.scheduler import Scheduler
from consumers.wiki_reporter import WikiReporter
from fedora_openqa.config import load_config
from fedora_openqa.model.deliveries import DeliveryState
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.stories import Stories
from fedora_openqa.wiring.sweep import open_sweep
from tests.support.messages import BODHI, PUNGI, UPDATE
from tests.support.shadow import COMPOSE, ShadowSite, shadow_site
from tests.support.waiting import wait_for
from tests.support.web import Web

DONE = "org.fedoraproject.prod.openqa.job.done"
COREOS = "org.fedoraproject.prod.coreos.build.state.change"
AUTOCLOUD = "org.fedoraproject.prod.autocloud.image.success"

Consume = Callable[[type[Scheduler] | type[Reporter], str, dict[str, object]], None]


@pytest.fixture
def site(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShadowSite]:
    with Sandbox() as sandbox:
        site = shadow_site(sandbox, web, tmp_path)
        for name, value in site.environ.items():
            monkeypatch.setenv(name, value)
        yield site


@pytest.fixture
def consume(site: ShadowSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[Consume]:
    """Give a message to a consumer, which is made for the first one."""
    assert site.directory.exists()
    monkeypatch.setitem(conf, "consumer_config", {})
    made: dict[type, Scheduler | Reporter] = {}

    def give(kind: type[Scheduler] | type[Reporter], topic: str, body: dict[str, object]) -> None:
        if kind not in made:
            made[kind] = kind()
        made[kind](Message(topic=topic, body=body))

    yield give
    for consumer in made.values():
        if consumer.service:
            consumer.service.end()


def old_jobs(site: ShadowSite) -> dict[str, int]:
    """Let the old system schedule a DVD, and its jobs end; return their ids by test."""
    settings = {
        "DISTRI": "fedora",
        "VERSION": "Rawhide",
        "FLAVOR": "Server-dvd-iso",
        "ARCH": "x86_64",
        "BUILD": COMPOSE,
        "SUBVARIANT": "Server",
        "IMAGETYPE": "dvd",
        "TEST_TARGET": "ISO",
        "ISO": f"Fedora-Server-dvd-x86_64-{COMPOSE.removeprefix('Fedora-')}.iso",
        "LOCATION": site.sandbox.compose_location,
    }
    site.post("isos", **settings)
    jobs = site.jobs(COMPOSE)
    for job in jobs:
        site.post(f"jobs/{job['id']}/set_done", result="passed")
    return {job["test"]: job["id"] for job in jobs}


def cloud_image(site: ShadowSite) -> str:
    """Return the path of an image that Autocloud would test."""
    url = f"{site.sandbox.compose_location}/metadata/images.json"
    images = requests.get(url, timeout=10).json()["payload"]["images"]["Cloud"]["x86_64"]
    return next(str(image["path"]) for image in images if image["type"] == "qcow2")


def test_nothing_is_written_and_everything_is_recorded(site: ShadowSite, consume: Consume) -> None:
    jobs = old_jobs(site)
    before = len(site.writes)
    consume(
        Scheduler,
        PUNGI,
        {"status": "FINISHED", "compose_id": COMPOSE, "location": site.sandbox.compose_location},
    )
    builds = ("mutter-49.4-1.fc43", "gnome-shell-49.4-1.fc43")
    update = {
        "alias": UPDATE,
        "builds": [{"nvr": nvr} for nvr in builds],
        "release": {"version": "43", "id_prefix": "FEDORA"},
        "critpath": True,
        "critpath_groups": "critical-path-gnome",
    }
    consume(Scheduler, BODHI, {"update": update})
    coreos = f"{site.sandbox.url}{site.sandbox.coreos_path}"
    build = {"build_id": coreos.split("/")[-2], "basearch": "x86_64", "stream": "rawhide"}
    consume(
        Scheduler,
        COREOS,
        {**build, "state": "FINISHED", "result": "SUCCESS", "build_dir": coreos},
    )
    stories = Stories(open_engine(load_config().store.url))

    def is_done(lanes: int) -> bool:
        known = stories.lanes(now=stories.now())
        return len(known) == lanes and not any(it.due + it.waiting + it.leased for it in known)

    # the report waits for what is still to be scheduled
    wait_for(lambda: is_done(3))
    for kind in (ResultsDBReporter, WikiReporter, ComposeChecker):
        done = {"id": jobs["base_selinux"], "BUILD": COMPOSE, "remaining": 0}
        consume(kind, DONE, done)
    image = f"{site.sandbox.compose_location}/{cloud_image(site)}"
    cloud = {"compose_id": COMPOSE, "compose_url": image, "job_id": 7, "status": "success"}
    consume(AutocloudReporter, AUTOCLOUD, cloud)

    wait_for(lambda: is_done(6))
    # the sweep looks at every build again, and wants what is missing
    swept = open_sweep(load_config(), dry_run=False).sweep(10 * 365 * 86400)
    assert swept.failed == ()
    wait_for(lambda: is_done(6), 240)
    assert site.writes[before:] == []
    assert site.sandbox.mail.messages() == ()
    assert not site.sandbox.results.all()

    (compose,) = stories.find(f"compose:{COMPOSE}")
    assert compose.subject.state == "scheduled"
    # what the old system has is not posted again, but its settings are recorded, too
    assert {one.state for one in compose.products} == {"posted", "existing"}
    (mutter,) = stories.find(f"update:{UPDATE}")
    assert {one.flavor for one in mutter.products} >= {"updates-workstation"}
    deliveries = Deliveries(open_engine(load_config().store.url))
    for sink in ("resultsdb", "wiki", "mail"):
        rows = {one.item: one for one in deliveries.all(f"{sink}:{COMPOSE}")}
        recorded = rows["report" if sink == "mail" else str(jobs["base_selinux"])]
        assert recorded.state is DeliveryState.DELIVERED, (sink, recorded)
        assert recorded.told
    assert json.loads(rows["report"].told or "")
