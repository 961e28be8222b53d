"""The scheduler consumer on a real RabbitMQ: killed, cut off, and still complete."""

import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from openqa_client.client import OpenQA_Client
from openqa_client.exceptions import RequestError

from fedora_openqa.errors import MAY_PASS, MessageError
from fedora_openqa.events import parse
from fedora_openqa.model.work import SubjectState, Wanted
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.running import TEMPLATES
from fedora_openqa.sandbox.updates import load_updates
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.product_ledger import REQUEST_KEY
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from tests.services.consuming import Consuming, consuming
from tests.services.openqa import RealOpenQA
from tests.services.postgresql import PostgreSQL
from tests.services.rabbitmq import RabbitMQ
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

#: seconds that a broker is away
OUTAGE = 40

#: how often the consumer is killed in one test
KILLS = 40

#: how often the consumer is told to end in one test
ENDS = 30

#: broken messages sent in one test
HOSTILE = 10_000

BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"
PUNGI = "org.fedoraproject.prod.pungi.compose.status.change"

#: updates of the sandbox's Bodhi, and how many flavors each has
UPDATES = {
    "FEDORA-2026-3c1e7a90d2": ("core critical-path-base", 11),
    "FEDORA-2026-5d02b7e318": ("critical-path-gnome", 4),
    "FEDORA-2026-8630fa1d2b": ("critical-path-anaconda", 0),
    "FEDORA-2026-2ea4091b7c": ("core critical-path-base", 9),
}

#: what Bodhi shows of them
BUILDS = {update.alias: update.nvrs for update in load_updates().updates}


def update(alias: str) -> dict[str, Any]:
    groups, _ = UPDATES[alias]
    return {
        "agent": "bodhi",
        "re-trigger": False,
        "update": {
            "alias": alias,
            "builds": [{"nvr": nvr} for nvr in BUILDS[alias]],
            "release": {"version": "43", "id_prefix": "FEDORA"},
            "critpath": True,
            "critpath_groups": groups,
        },
    }


def compose(running: Consuming) -> dict[str, Any]:
    location = running.sandbox.compose_location
    return {"status": "FINISHED", "compose_id": location.split("/")[-2], "location": location}


@pytest.fixture
def running(real_rabbitmq: RabbitMQ, tmp_path: Path) -> Iterator[Consuming]:
    with consuming(real_rabbitmq, tmp_path) as running:
        yield running


def store(running: Consuming) -> Subjects:
    return Subjects(open_engine(running.store_url))


def subjects(running: Consuming) -> dict[str, SubjectState]:
    return {found.key: found.state for found in store(running).all()}


def wait_until_scheduled(running: Consuming, count: int) -> None:
    """Wait for that many subjects; the test's time limit ends this."""
    while list(subjects(running).values()).count(SubjectState.SCHEDULED) < count:
        assert running.process is None or running.process.poll() is None, running.log
        time.sleep(0.1)


def products(running: Consuming) -> Counter[tuple[str, str, str]]:
    """Count how often openQA scheduled each product."""
    with urlopen(f"{running.sandbox.url}/api/v1/jobs") as answer:  # noqa: S310
        jobs = json.load(answer)["jobs"]
    scenarios = Counter(job["name"] for job in jobs)
    assert set(scenarios.values()) <= {1}, "a product was posted twice"
    return Counter(
        (job["settings"]["BUILD"], job["settings"]["FLAVOR"], job["settings"]["ARCH"])
        for job in jobs
    )


def test_messages_from_the_broker_become_jobs(running: Consuming) -> None:
    running.start()
    running.publish(BODHI, *[update(alias) for alias in UPDATES])
    running.publish(PUNGI, compose(running))
    running.publish(PUNGI, {"status": "STARTED", "compose_id": "x", "location": "y"})
    wait_until_scheduled(running, 5)
    builds = Counter(build for build, _, _ in products(running))
    for alias, (_, flavors) in UPDATES.items():
        assert not flavors or builds[f"Update-{alias}"] == flavors
    assert builds["Fedora-Rawhide-20261120.n.0"] == 10


def test_what_is_published_while_nobody_listens_waits(running: Consuming) -> None:
    running.start()
    running.kill()
    running.publish(BODHI, *[update(alias) for alias in UPDATES])
    running.start()
    wait_until_scheduled(running, 4)


@pytest.mark.timeout(1200)
def test_a_consumer_that_is_killed_again_and_again_loses_nothing_and_posts_nothing_twice(
    running: Consuming,
) -> None:
    running.sandbox.faults.add(Rule(Kind.DELAY, path="/api/v1/jobs$", seconds=0.03))
    kill_again_and_again(running, KILLS, faults=True)


@pytest.mark.timeout(1200)
def test_the_same_holds_on_a_real_openqa(
    real_rabbitmq: RabbitMQ, private_openqa: RealOpenQA, tmp_path: Path
) -> None:
    # one that has no jobs of the same builds from other tests
    private_openqa.load_templates(TEMPLATES)
    with consuming(real_rabbitmq, tmp_path, openqa=private_openqa) as running:
        kill_again_and_again(running, KILLS // 4, faults=False)


@pytest.mark.timeout(1200)
def test_the_same_holds_on_postgresql_which_goes_away_for_a_moment(
    real_rabbitmq: RabbitMQ, private_postgresql: PostgreSQL, tmp_path: Path
) -> None:
    url = private_postgresql.create()
    with consuming(real_rabbitmq, tmp_path, store_url=url) as running:
        running.start()
        private_postgresql.stop()
        running.publish(BODHI, update("FEDORA-2026-5d02b7e318") | {"number": -1})
        time.sleep(2)
        assert running.process
        assert running.process.poll() is None, running.log
        private_postgresql.start()
        wait_until_scheduled(running, 1)
        running.kill()
        kill_again_and_again(running, KILLS // 4, faults=True)


@pytest.mark.timeout(1200)
def test_a_consumer_that_is_told_to_end_parks_nothing_loses_nothing_and_keeps_no_lease(
    running: Consuming,
) -> None:
    chance = random.Random(20261126)
    running.sandbox.faults.add(Rule(Kind.DELAY, path="/api/v1/isos", seconds=0.05))
    requests = Counter(dict.fromkeys(UPDATES, 0))
    # the queue is there once somebody has listened
    running.start()
    assert running.stop() == 0
    for number in range(ENDS):
        for alias in UPDATES:
            # each time all of them are asked for again: there is always a backlog
            body = update(alias) | {"re-trigger": number > 0, "number": number}
            running.publish(BODHI, body)
            requests[alias] += 1
        running.start()
        time.sleep(chance.uniform(0.0, 0.5))
        assert running.stop() == 0, running.log[-3000:]
        assert set(subjects(running).values()) <= {SubjectState.WANTED, SubjectState.SCHEDULED}
        assert leases(running) == 0
    running.start()
    keys = {f"update:{alias}": number for alias, number in requests.items()}
    while {key: request_number(running, key) for key in keys} != keys:
        assert running.process
        assert running.process.poll() is None, running.log[-3000:]
        time.sleep(0.1)
    wait_until_scheduled(running, len(UPDATES))
    assert set(posts_by_request(running).values()) == {1}


def test_a_consumer_that_holds_a_message_ends_and_gives_it_back(
    real_rabbitmq: RabbitMQ, private_postgresql: PostgreSQL, tmp_path: Path
) -> None:
    url = private_postgresql.create()
    with consuming(real_rabbitmq, tmp_path, store_url=url) as running:
        running.start()
        private_postgresql.stop()
        running.publish(BODHI, update("FEDORA-2026-5d02b7e318"))
        while "held for" not in running.log:
            time.sleep(0.1)
        assert running.stop() == 0, running.log[-3000:]
        private_postgresql.start()
        running.start()
        while request_number(running, "update:FEDORA-2026-5d02b7e318") == 0:
            time.sleep(0.1)


def test_a_consumer_behind_a_frozen_openqa_ends_and_gives_its_subject_back(
    running: Consuming,
) -> None:
    file = running.directory / "scheduler.toml"
    text = file.read_text()
    file.write_text(text.replace("lease = 1.0", "lease = 600.0\nstop = 1.0"))
    running.sandbox.faults.add(Rule(Kind.HANG, path="/api/v1/jobs"))
    running.start()
    running.publish(BODHI, update("FEDORA-2026-5d02b7e318"))
    while leases(running) == 0:
        time.sleep(0.1)
    assert running.stop() == 0, running.log[-3000:]
    assert "is not finished, and given back" in running.log
    assert leases(running) == 0
    running.sandbox.faults.clear()
    running.start()
    wait_until_scheduled(running, 1)


def leases(running: Consuming) -> int:
    """Count the subjects that a process has kept for itself."""
    engine = open_engine(running.store_url)
    return sum(lane.leased for lane in Stories(engine).lanes(now=time.time()))


def test_a_worker_that_ends_ends_the_consumer_with_a_status(running: Consuming) -> None:
    running.start()
    engine = open_engine(running.store_url)
    wanted = Wanted("update:x", "update", {"update": "x"})
    store(running).want(wanted, message_id=None)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subject SET request = 'no json'")
    # any message wakes the worker, which then reads what no version of ours has stored
    running.publish(BODHI, update("FEDORA-2026-5d02b7e318"))
    assert running.process
    assert running.process.wait(90) == MAY_PASS
    assert "ended" in running.log


def kill_again_and_again(running: Consuming, kills: int, *, faults: bool) -> None:
    """Kill the consumer at random moments; in the end everything is scheduled, and once."""
    chance = random.Random(20261120)
    requests = Counter(dict.fromkeys(UPDATES, 1))
    running.start()
    running.publish(BODHI, *[update(alias) for alias in UPDATES])
    running.publish(PUNGI, compose(running))
    for number in range(kills):
        time.sleep(chance.uniform(0.02, 0.4))
        running.kill()
        # somebody asks again for one of them, so that there is always work to interrupt
        alias = chance.choice(sorted(UPDATES))
        running.publish(BODHI, update(alias) | {"re-trigger": True, "number": number})
        requests[alias] += 1
        if faults:
            kind = chance.choice([Kind.ANSWER_AFTER, Kind.DROP_AFTER, Kind.ANSWER, Kind.DROP])
            running.sandbox.faults.add(Rule(kind, method="POST", status=502, times=1))
        running.start()
    keys = {f"update:{alias}": number for alias, number in requests.items()}
    while {key: request_number(running, key) for key in keys} != keys:
        assert running.process
        assert running.process.poll() is None, running.log
        time.sleep(0.1)
    wait_until_scheduled(running, 5)
    posted = posts_by_request(running)
    assert set(posted.values()) == {1}, "a product was posted twice for one request"
    for alias, (_, flavors) in UPDATES.items():
        last = [key for key in posted if key[0] == f"update:{alias}#{requests[alias]}"]
        assert not flavors or len(last) == flavors
    assert len([key for key in posted if key[0].startswith("compose:")]) == 10


def request_number(running: Consuming, key: str) -> int:
    """Tell how often a subject was asked for."""
    found = store(running).find(key)
    return found.number if found else 0


def posts_by_request(running: Consuming) -> Counter[tuple[str, str, str]]:
    """Count how often openQA was sent each product of each request, and made jobs of it."""
    client = OpenQA_Client(server=running.openqa.url, retries=0)
    client.session.headers["X-API-Key"] = running.openqa.key
    client.apisecret = running.openqa.secret
    posts: Counter[tuple[str, str, str]] = Counter()
    for iso in itertools.count(1):
        try:
            found = client.openqa_request("GET", f"isos/{iso}")
        except RequestError:
            return posts
        settings = found["settings"]
        if found["results"]["successful_job_ids"]:
            posts[settings[REQUEST_KEY], settings["FLAVOR"], settings["ARCH"]] += 1
    return posts


def test_a_broker_that_goes_away_costs_time_only(
    private_rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    with consuming(private_rabbitmq, tmp_path) as running:
        running.start()
        running.publish(BODHI, update("FEDORA-2026-5d02b7e318"))
        wait_until_scheduled(running, 1)
        private_rabbitmq.stop()
        private_rabbitmq.start()
        running.publish(BODHI, update("FEDORA-2026-3c1e7a90d2"))
        wait_until_scheduled(running, 2)
        assert running.process
        assert running.process.poll() is None


@pytest.mark.timeout(1200)
def test_a_consumer_is_back_within_half_a_minute_of_its_broker(
    private_rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    with consuming(private_rabbitmq, tmp_path) as running:
        running.start()
        private_rabbitmq.stop()
        wait_for(lambda: "connection to the broker is lost" in running.log)
        # Twisted's own delay is nearly a minute by now
        time.sleep(OUTAGE)
        private_rabbitmq.start()
        wait_for(lambda: running.log.count(" connected to the broker") > 1, 30)
        running.publish(BODHI, update("FEDORA-2026-3c1e7a90d2"))
        wait_until_scheduled(running, 1)


@pytest.mark.timeout(1200)
def test_a_broker_that_freezes_is_noticed_and_waited_for(
    private_rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    with consuming(private_rabbitmq, tmp_path) as running:
        config = tmp_path / "scheduler.toml"
        config.write_text(config.read_text().replace('/%2F"', '/%2F?heartbeat=2"'))
        running.start()
        with private_rabbitmq.frozen():
            wait_for(lambda: "the connection to the broker is lost" in running.log, 240)
            # handshakes that get no answer
            wait_for(lambda: running.log.count("no connection: ") > 1, 240)
            assert running.log.count(" connected to the broker") == 1
        wait_for(lambda: running.log.count(" connected to the broker") > 1, 60)
        running.publish(BODHI, update("FEDORA-2026-3c1e7a90d2"))
        wait_until_scheduled(running, 1)


@pytest.mark.timeout(1200)
def test_hostile_bodies_stop_nothing(running: Consuming) -> None:
    running.start()
    chance = random.Random(20261121)
    junk: list[Any] = [None, 7, "x" * 5_000, "\x00", [], {"a": []}, -1.5, True, "FINISHED"]
    bodies = []
    for number in range(HOSTILE):
        body = update("FEDORA-2026-5d02b7e318")
        inner = body["update"]
        del inner[chance.choice(sorted(inner))]
        inner[chance.choice(["alias", "builds", "release", "x"])] = chance.choice(junk)
        bodies.append(body | {"number": number})
    running.publish(BODHI, *bodies)
    running.publish(BODHI, update("FEDORA-2026-3c1e7a90d2"))
    # the last message is taken after all others
    while subjects(running).get("update:FEDORA-2026-3c1e7a90d2") != SubjectState.SCHEDULED:
        time.sleep(0.1)
    parked = [state for key, state in subjects(running).items() if key.startswith("message:")]
    assert set(parked) == {SubjectState.PARKED}
    assert len(parked) == sum(is_broken(body) for body in bodies) > 100


def is_broken(body: dict[str, Any]) -> bool:
    try:
        parse(BODHI, body)
    except MessageError:
        return True
    return False
