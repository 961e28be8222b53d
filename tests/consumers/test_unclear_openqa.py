"""Messages into the real consumer, while openQA sends unreadable answers."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner
from fedora_messaging.config import conf
from fedora_messaging.message import Message

from consumers.scheduler import Scheduler
from fedora_openqa.cli import main
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.work import StoredSubject, SubjectState
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.sandbox.unreadable import answer_unreadably
from tests.support.limits import limits_with
from tests.support.messages import BODHI, PUNGI, UPDATE
from tests.support.store import subjects_of

COMPOSE = "Fedora-Rawhide-20261120.n.0"
UPDATES = ("FEDORA-2026-3c1e7a90d2", "FEDORA-2026-5d02b7e318", "FEDORA-2026-2ea4091b7c")
SUBJECTS = (f"compose:{COMPOSE}", *(f"update:{alias}" for alias in UPDATES))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def start(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Scheduler]]:
    for name, value in write_config_files(tmp_path, sandbox).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("fedora_openqa.policy.retries.FIRST_DELAY", 0.05)
    settings = {"openqa": {"look_again_after": 0.02}, "http": {"attempts": 1}}
    monkeypatch.setitem(conf, "consumer_config", settings)
    made: list[Scheduler] = []

    def make() -> Scheduler:
        made.append(Scheduler())
        return made[-1]

    yield make
    for consumer in made:
        consumer.service.end()


def stored(consumer: Scheduler, key: str) -> StoredSubject:
    found = subjects_of(consumer.service).find(key)
    assert found
    return found


def jobs_in(sandbox: Sandbox) -> list[Job]:
    openqa = RestOpenQA(sandbox.url, limits=limits_with(), post_timeout=60, environ={})
    builds = [COMPOSE, *(f"Update-{alias}" for alias in UPDATES)]
    return [job for build in builds for job in openqa.jobs_for_build(build)]


def update(sandbox: Sandbox, alias: str) -> Message:
    with urlopen(f"{sandbox.url}/bodhi/updates/{alias}") as answer:  # noqa: S310
        body = {"update": json.load(answer)["update"], "agent": "x"}
    return Message(topic=BODHI, body=body)


def send_all(consumer: Scheduler, sandbox: Sandbox) -> None:
    body: dict[str, Any] = {"status": "FINISHED", "compose_id": COMPOSE}
    body |= {"location": sandbox.compose_location}
    consumer(Message(topic=PUNGI, body=body))
    for alias in UPDATES:
        consumer(update(sandbox, alias))


def test_with_a_third_of_unreadable_answers_all_is_scheduled_once(
    start: Callable[[], Scheduler], sandbox: Sandbox
) -> None:
    answer_unreadably(sandbox.faults, "/api/v1/(isos|jobs)", share=0.3)
    consumer = start()
    send_all(consumer, sandbox)
    while {stored(consumer, key).state for key in SUBJECTS} == {SubjectState.WANTED}:
        time.sleep(0.05)
    while SubjectState.WANTED in {stored(consumer, key).state for key in SUBJECTS}:
        time.sleep(0.05)
    assert {stored(consumer, key).state for key in SUBJECTS} == {SubjectState.SCHEDULED}
    sandbox.faults.clear()
    found = jobs_in(sandbox)
    assert [name for name, times in Counter(job.name for job in found).items() if times > 1] == []
    assert {job.state for job in found} == {"scheduled"}
    for arguments in (["compose", sandbox.compose_location], *(["update", it] for it in UPDATES)):
        again = CliRunner().invoke(main, arguments)
        assert "already has jobs of all" in again.stderr


def test_openqa_that_asks_to_wait_is_left_alone(
    start: Callable[[], Scheduler], sandbox: Sandbox
) -> None:
    sandbox.faults.add(Rule(Kind.ANSWER, path="isos$", status=429, headers={"Retry-After": "900"}))
    consumer = start()
    sent = time.time()
    consumer(update(sandbox, UPDATE))
    while not stored(consumer, f"update:{UPDATE}").last_error:
        time.sleep(0.02)
    found = stored(consumer, f"update:{UPDATE}")
    assert found.state is SubjectState.WANTED
    assert found.due >= sent + 890
    posts = sandbox.requests.all(method="POST", path="/isos$")
    # a few are sent at once; none is sent again
    assert len(posts) <= 4
    assert "429" in (found.last_error or "")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_to_a_maintenance_page_costs_time_only(
    start: Callable[[], Scheduler], sandbox: Sandbox, method: str
) -> None:
    sandbox.faults.add(
        Rule(
            Kind.ANSWER,
            method=method,
            path="/api/v1/",
            status=302,
            headers={"Location": "https://maintenance.example/"},
            times=3,
        )
    )
    consumer = start()
    consumer(update(sandbox, UPDATE))
    while stored(consumer, f"update:{UPDATE}").state is SubjectState.WANTED:
        time.sleep(0.02)
    assert stored(consumer, f"update:{UPDATE}").state is SubjectState.SCHEDULED
    answered = sandbox.requests.all(method="POST", path="/isos$")
    assert sum(request.status == 200 for request in answered) == 4
