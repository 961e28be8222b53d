"""Messages into the real consumer, jobs out of the sandbox's openQA."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from fedora_messaging.config import conf
from fedora_messaging.message import Message

from consumers.scheduler import Scheduler
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.running import Sandbox
from tests.support.limits import limits_with
from tests.support.messages import BODHI, PUNGI, UPDATE
from tests.support.store import subjects_of

MESSAGES = Path(__file__).parent.parent / "data/messages"
COREOS = "org.fedoraproject.prod.coreos.build.state.change"


EDITED = "mutter-49.5-1.fc43"

BODY = {
    "update": {
        "alias": UPDATE,
        "builds": [{"nvr": "mutter-49.4-1.fc43"}, {"nvr": "gnome-shell-49.4-1.fc43"}],
        "release": {"version": "43", "id_prefix": "FEDORA", "create_automatic_updates": False},
        "critpath": True,
        "critpath_groups": "critical-path-gnome",
    }
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def make(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Scheduler]]:
    """Make consumers on one store, as restarts of a service do."""
    for name, value in write_config_files(tmp_path, sandbox).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setitem(conf, "consumer_config", {"openqa": {"look_again_after": 0.05}})
    made: list[Scheduler] = []

    def start() -> Scheduler:
        made.append(Scheduler())
        return made[-1]

    yield start
    for consumer in made:
        consumer.service.end()


def compose(sandbox: Sandbox) -> Message:
    body = {
        "status": "FINISHED_INCOMPLETE",
        "compose_id": sandbox.compose_location.split("/")[-2],
        "location": sandbox.compose_location,
        "release_short": "Fedora",
        "release_version": "Rawhide",
        "release_type": "ga",
    }
    return Message(topic=PUNGI, body=body)


def update(sandbox: Sandbox, *nvrs: str, again: bool = False) -> Message:
    with urlopen(f"{sandbox.url}/bodhi/updates/{UPDATE}") as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)["update"]
    if nvrs:
        found["builds"] = [{"nvr": nvr} for nvr in nvrs]
    return Message(topic=BODHI, body={"update": found, "re-trigger": again, "agent": "x"})


def state(consumer: Scheduler, key: str) -> tuple[SubjectState, int] | None:
    found = subjects_of(consumer.service).find(key)
    return None if found is None else (found.state, found.number)


def wait_for(consumer: Scheduler, key: str, number: int = 1) -> None:
    """Wait until a request is done; the test's own time limit ends this."""
    while state(consumer, key) != (SubjectState.SCHEDULED, number):
        time.sleep(0.02)


def posts(sandbox: Sandbox) -> int:
    return len(sandbox.requests.all(method="POST", path="/isos$"))


def test_messages_become_jobs(make: Callable[[], Scheduler], sandbox: Sandbox) -> None:
    consumer = make()
    consumer(compose(sandbox))
    consumer(update(sandbox))
    url = f"{sandbox.url}{sandbox.coreos_path}"
    body = {"build_id": "45.20261119.91.0", "basearch": "x86_64", "state": "FINISHED"}
    consumer(Message(topic=COREOS, body=body | {"result": "SUCCESS", "build_dir": url}))
    wait_for(consumer, f"compose:{sandbox.compose_location.split('/')[-2]}")
    wait_for(consumer, f"update:{UPDATE}")
    wait_for(consumer, "coreos:45.20261119.91.0:x86_64")
    assert posts(sandbox) == 10 + 4 + 1


def test_the_same_message_again_changes_nothing(
    make: Callable[[], Scheduler], sandbox: Sandbox
) -> None:
    consumer, message = make(), update(sandbox)
    consumer(message)
    wait_for(consumer, f"update:{UPDATE}")
    consumer(message)
    consumer(update(sandbox))
    assert state(consumer, f"update:{UPDATE}") == (SubjectState.SCHEDULED, 1)
    assert posts(sandbox) == 4


def test_other_builds_and_a_persons_wish_schedule_again(
    make: Callable[[], Scheduler], sandbox: Sandbox
) -> None:
    consumer = make()
    consumer(update(sandbox))
    wait_for(consumer, f"update:{UPDATE}")
    sandbox.updates.edit(UPDATE, builds=(EDITED,))
    consumer(update(sandbox))
    wait_for(consumer, f"update:{UPDATE}", 2)
    again = update(sandbox, again=True)
    consumer(again)
    wait_for(consumer, f"update:{UPDATE}", 3)
    consumer(again)
    assert state(consumer, f"update:{UPDATE}") == (SubjectState.SCHEDULED, 3)
    assert posts(sandbox) == 3 * 4


def nvrs_posted(sandbox: Sandbox) -> list[str]:
    openqa = RestOpenQA(sandbox.url, limits=limits_with(), post_timeout=60, environ={})
    jobs = openqa.jobs_for_build(f"Update-{UPDATE}")
    return sorted({job.settings["ADVISORY_NVRS_1"] for job in jobs})


def test_the_builds_before_an_edit_are_not_tested_while_bodhi_still_shows_them(
    make: Callable[[], Scheduler], sandbox: Sandbox
) -> None:
    consumer = make()
    consumer(update(sandbox, EDITED))
    while (
        not (found := subjects_of(consumer.service).find(f"update:{UPDATE}"))
        or not found.last_error
    ):
        time.sleep(0.02)
    assert "does not show the announced builds" in found.last_error
    assert posts(sandbox) == 0
    sandbox.updates.edit(UPDATE, builds=(EDITED,))
    # another message makes it due
    consumer(update(sandbox, EDITED))
    wait_for(consumer, f"update:{UPDATE}")
    assert nvrs_posted(sandbox) == [EDITED]


def test_an_update_that_bodhi_does_not_show_yet_is_waited_for(
    make: Callable[[], Scheduler], sandbox: Sandbox
) -> None:
    message = update(sandbox)
    sandbox.faults.add(Rule(Kind.ANSWER, path=f"/bodhi/updates/{UPDATE}", status=404, times=1))
    consumer = make()
    consumer(message)
    while (
        not (found := subjects_of(consumer.service).find(f"update:{UPDATE}"))
        or not found.last_error
    ):
        time.sleep(0.02)
    assert (found.state, found.last_error) == (
        SubjectState.WANTED,
        f"Bodhi has no update {UPDATE}",
    )
    consumer(update(sandbox))
    wait_for(consumer, f"update:{UPDATE}")
    assert posts(sandbox) == 4


@pytest.mark.parametrize("status", ["obsolete", "unpushed"])
def test_an_update_that_was_withdrawn_meanwhile_is_skipped_until_it_is_submitted_again(
    make: Callable[[], Scheduler], sandbox: Sandbox, status: str
) -> None:
    message = update(sandbox)
    sandbox.updates.edit(UPDATE, status=status)
    consumer = make()
    consumer(message)
    while state(consumer, f"update:{UPDATE}") != (SubjectState.SKIPPED, 1):
        time.sleep(0.02)
    assert posts(sandbox) == 0
    sandbox.updates.edit(UPDATE, status="pending")
    consumer(update(sandbox))
    wait_for(consumer, f"update:{UPDATE}", 2)
    assert posts(sandbox) == 4


def test_another_location_replaces_one_that_fails(
    make: Callable[[], Scheduler], sandbox: Sandbox
) -> None:
    right = compose(sandbox)
    wrong = Message(
        topic=PUNGI,
        body={**right.body, "location": right.body["location"].replace("/rawhide/", "/43/")},
    )
    key = f"compose:{right.body['compose_id']}"
    consumer = make()
    consumer(wrong)
    while not (found := subjects_of(consumer.service).find(key)) or not (
        found.last_error or found.reason
    ):
        time.sleep(0.02)
    assert posts(sandbox) == 0
    consumer(right)
    wait_for(consumer, key, 2)
    assert posts(sandbox) == 10


@pytest.mark.parametrize(
    "name",
    [
        "pungi.compose.status.change.started",
        "pungi.compose.status.change.doomed",
        "pungi.compose.status.change.updates_testing",
        "coreos.build.state.change.finished_failure",
        "bodhi.update.ready.v3.eln",
        "bodhi.update.comment",
        "openqa.job.done.passed",
    ],
)
def test_what_is_not_ours_writes_nothing(make: Callable[[], Scheduler], name: str) -> None:
    consumer = make()
    message = json.loads((MESSAGES / f"{name}.json").read_text())
    consumer(Message(topic=message["topic"], body=message["body"]))
    assert subjects_of(consumer.service).all() == ()


def test_a_broken_message_is_parked_with_its_reason(make: Callable[[], Scheduler]) -> None:
    consumer = make()
    message = Message(topic=BODHI, body={"update": {"alias": 7}})
    consumer(message)
    consumer(message)
    (parked,) = subjects_of(consumer.service).all()
    assert (parked.key, parked.state) == (f"message:{message.id}", SubjectState.PARKED)
    assert "Expected `str`, got `int`" in (parked.reason or "")


@pytest.mark.parametrize(
    ("topic", "body", "reason"),
    [
        (PUNGI, {"topic": "x", "msg": {"status": "FINISHED"}}, "wrapped in 'msg'"),
        (PUNGI, {}, "missing required field `status`"),
        (PUNGI, [{"status": "FINISHED"}], "the body is no object, but list"),
        (
            COREOS,
            {"build_id": "45.20261120.91.0", "basearch": "x86_64", "result": "SUCCESS"},
            "missing required field `state`",
        ),
        (BODHI, {"\ud800": 1}, "surrogates not allowed"),
    ],
)
def test_a_message_in_another_form_is_parked(
    make: Callable[[], Scheduler],
    topic: str,
    body: Any,  # noqa: ANN401 - whatever is sent
    reason: str,
) -> None:
    consumer = make()
    message = Message(topic=topic, body=body)
    consumer(message)
    (parked,) = subjects_of(consumer.service).all()
    assert (parked.key, parked.state) == (f"message:{message.id}", SubjectState.PARKED)
    assert reason in (parked.reason or "")


def test_a_service_that_is_away_costs_time_only(
    make: Callable[[], Scheduler], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fedora_openqa.policy.retries.FIRST_DELAY", 0.05)
    conf["consumer_config"]["http"] = {"attempts": 1}
    sandbox.faults.add(Rule(Kind.ANSWER, path="/bodhi/", status=503, times=2))
    sandbox.faults.add(Rule(Kind.ANSWER_AFTER, method="POST", status=502, times=1))
    consumer = make()
    consumer(Message(topic=BODHI, body=BODY))
    wait_for(consumer, f"update:{UPDATE}")
    assert posts(sandbox) == 4


def test_what_a_stopped_service_had_stored_is_done_by_the_next(
    make: Callable[[], Scheduler], sandbox: Sandbox
) -> None:
    conf["consumer_config"]["worker"] = {"threads": 0}
    make()(update(sandbox))
    assert posts(sandbox) == 0
    conf["consumer_config"]["worker"] = {"threads": 1}
    wait_for(make(), f"update:{UPDATE}")
    assert posts(sandbox) == 4


PAGE = "<!doctype html><title>Sign in</title>"


@pytest.mark.parametrize(
    "rule",
    [
        *(
            Rule(Kind.ANSWER, path=path, status=200, body=PAGE, times=1)
            for path in ("/STATUS$", "composeinfo.json$", "images.json$")
        ),
        Rule(Kind.ANSWER, path="images.json$", status=404, times=1),
        Rule(Kind.ANSWER, path="composeinfo.json$", status=404, times=1),
        Rule(Kind.ANSWER, path="/STATUS$", status=200, body="STARTED\n", times=1),
    ],
    ids=lambda rule: f"{rule.path} {rule.status}",
)
def test_a_compose_whose_files_are_not_there_for_a_moment_waits(
    make: Callable[[], Scheduler], sandbox: Sandbox, rule: Rule
) -> None:
    consumer = make()
    sandbox.faults.add(rule)
    consumer(compose(sandbox))
    key = f"compose:{sandbox.compose_location.split('/')[-2]}"
    # the test's own time limit ends this
    while not (found := subjects_of(consumer.service).find(key)) or not found.last_error:
        assert state(consumer, key) != (SubjectState.PARKED, 1)
        time.sleep(0.02)
    assert (found.state, found.reason) == (SubjectState.WANTED, None)
    assert posts(sandbox) == 0
