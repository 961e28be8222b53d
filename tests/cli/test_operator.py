"""What a person sees of the store, and decides: the real commands on the sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fedora_messaging.config import conf
from fedora_messaging.message import Message

from consumers.scheduler import Scheduler
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import CommandOnSandbox, Ended

BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"
#: the sandbox's Bodhi has it: critical-path-gnome, so four flavors
ALIAS = "FEDORA-2026-5d02b7e318"
UPDATE = f"update:{ALIAS}"
BODY = {
    "update": {
        "alias": ALIAS,
        "builds": [{"nvr": "mutter-49.4-1.fc43"}, {"nvr": "gnome-shell-49.4-1.fc43"}],
        "release": {"version": "43", "id_prefix": "FEDORA", "create_automatic_updates": False},
        "critpath": True,
        "critpath_groups": "critical-path-gnome",
    }
}


@dataclass
class Office:
    """A shop with the store's consumer in it."""

    shop: CommandOnSandbox
    consumer: Scheduler

    def run(self, *arguments: str) -> Ended:
        return self.shop.run(*arguments)

    def send(self, body: Mapping[str, Any] = BODY, *, message_id: str = "m-1") -> None:
        message = Message(topic=BODHI, body=body)
        message.id = message_id
        self.consumer(message)

    def state(self, key: str = UPDATE) -> SubjectState | None:
        found = self.consumer.service.subjects.find(key)
        return found.state if found else None

    def reason(self, key: str) -> str | None:
        found = self.consumer.service.subjects.find(key)
        return found.reason if found else None

    def work(self) -> bool:
        """Have a worker do what is due, as `fedora-openqa worker` would."""
        (worker,) = self.consumer.service.workers
        return worker.work()


@pytest.fixture
def office(shop: CommandOnSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    for name, value in shop.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setitem(conf, "consumer_config", {"openqa": {"look_again_after": 0.05}})
    # it works when told to
    monkeypatch.setattr("fedora_openqa.wiring.service.Service.start", lambda _self, _failed: ())
    return Office(shop, Scheduler())


def test_the_status_of_an_empty_store(office: Office) -> None:
    ended = office.run("status")
    assert (ended.status, ended.out.splitlines()[1:]) == (
        0,
        ["Last message: none", "Last sweep: none"],
    )
    found = office.run("status", "--format", "json").json
    assert (found["lanes"], found["paused"], found["last_message"]) == ([], [], None)


def test_the_status_counts_lanes_and_names_pauses(office: Office) -> None:
    office.shop.configure('[paused]\n"compose:Rawhide" = "mass rebuild"\n')
    office.send()
    ended = office.run("pause", "Update:F43", "--reason", "disk images")
    assert ended.out == "Paused: update:43: disk images\n"
    (lane,) = office.run("status", "--format", "json").json["lanes"]
    assert lane["oldest"]
    assert {name: lane[name] for name in ("kind", "due", "waiting", "scheduled")} == {
        "kind": "update",
        "due": 1,
        "waiting": 0,
        "scheduled": 0,
    }
    out = office.run("status").out
    assert "Paused by the configuration: compose:Rawhide: mass rebuild" in out
    assert "update:43: disk images" in out
    assert "Last message: none" not in out


@pytest.mark.parametrize(
    "subject", [ALIAS, f"https://bodhi.fedoraproject.org/updates/{ALIAS}", "m-1", UPDATE]
)
def test_the_story_of_an_update(office: Office, subject: str) -> None:
    office.send()
    office.work()
    found = office.run("explain", subject, "--format", "json").json
    (story,) = found["stories"]
    assert (story["key"], story["state"], story["request"], story["attempts"]) == (
        UPDATE,
        "scheduled",
        1,
        1,
    )
    assert [message["id"] for message in story["messages"]] == ["m-1"]
    assert {product["state"] for product in story["products"]} == {"posted"}
    assert len(story["products"]) == 4
    (jobs,) = found["jobs"]
    assert jobs["build"] == f"Update-{ALIAS}"
    assert sum(jobs["counts"].values()) == sum(len(p["jobs"]) for p in story["products"])
    assert [rule["rule"] for rule in found["rules"]] == ["kind", "block list", "pauses"]
    text = office.run("explain", subject)
    assert text.status == 0
    assert f"{UPDATE}: scheduled" in text.out
    assert "  message m-1 (" in text.out
    assert f"Jobs of Update-{ALIAS} at present: " in text.out


def test_a_story_asks_openqa_once_for_each_build_or_not_at_all(office: Office) -> None:
    office.send()
    office.work()
    asked = office.shop.sandbox.requests
    before = len(asked.all(path="/api/"))
    office.run("explain", ALIAS, "--offline")
    assert len(asked.all(path="/api/")) == before
    office.run("explain", ALIAS)
    assert len(asked.all(path="/api/")) == before + 1


def test_a_story_is_told_without_openqa(office: Office) -> None:
    office.send()
    office.work()
    office.shop.sandbox.faults.add(Rule(Kind.ANSWER, path="/api/", status=503))
    ended = office.run("explain", ALIAS)
    assert ended.status == 0
    assert f"Jobs of Update-{ALIAS} at present: openQA cannot be asked: " in ended.out


def test_a_story_tells_of_a_block_list_that_knows_a_url(office: Office) -> None:
    office.shop.configure('[blocklist]\n"http://*/x86_64" = "the mirror lies"\n')
    build, topic = "45.20261119.91.0", "org.fedoraproject.prod.coreos.build.state.change"
    body = {"build_id": build, "basearch": "x86_64", "state": "FINISHED", "result": "SUCCESS"}
    office.consumer(Message(topic=topic, body=body | {"build_dir": f"http://x/{build}/x86_64"}))
    for subject in (build, f"coreos:{build}:x86_64"):
        out = office.run("explain", subject).out
        assert f"coreos:{build}:x86_64: wanted" in out
        assert f"Rule block list: http://x/{build}/x86_64 is blocked by" in out


def test_why_a_subject_waits_is_told(office: Office) -> None:
    office.send()
    office.shop.sandbox.faults.add(Rule(Kind.ANSWER, path="/bodhi/", status=503))
    office.work()
    out = office.run("explain", ALIAS).out
    assert "  last error: " in out
    assert "  due " in out


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("Fedora-Rawhide-20261120.n.9", "Rule pauses: lane compose:Rawhide is paused: rebuild"),
        ("Fedora-43-20261120.n.9", "Rule block list: Fedora-43-20261120.n.9 is blocked by"),
        ("Fedora-43-updates-20261121.0", "Rule kind: Fedora-43-updates-20261121.0 is a compose of"),
        ("FEDORA-EPEL-2026-1bd5f4a0c2", "Rule kind: FEDORA-EPEL-2026-1bd5f4a0c2 is an update of"),
        ("FEDORA-2026-1bd5f4a0c2", "Rule block list: does not hold it back"),
        ("no-such-message", "the store does not know it"),
    ],
)
def test_of_an_unknown_subject_its_name_is_told(office: Office, subject: str, said: str) -> None:
    office.shop.configure(
        '[blocklist]\n"*-43-*.N.9" = "broken"\n[paused]\n"compose:rawhide" = "rebuild"\n'
    )
    ended = office.run("explain", subject)
    assert ended.status == 1
    assert ended.out.startswith(f"{subject}: the store does not know it\n")
    assert said in ended.out


def test_a_paused_lane_is_not_worked_on_until_it_goes_on(office: Office) -> None:
    office.send()
    assert office.run("pause", "update", "--reason", " openQA\nmoves ").out == (
        "Paused: update: openQA moves\n"
    )
    assert not office.work()
    assert "lane update is paused: openQA moves (ada)" in office.run("explain", ALIAS).out
    assert office.run("resume", "update").out == "Resumed: update\n"
    assert office.work()
    assert office.state() is SubjectState.SCHEDULED


def test_a_release_is_paused_as_well_and_goes_on_at_once(office: Office) -> None:
    office.send()
    office.run("pause", "update:43", "--reason", "disk images")
    assert office.work()
    assert (office.state(), office.shop.posts) == (SubjectState.WANTED, ())
    assert not office.work()
    office.run("resume", "update:f43")
    assert office.work()
    assert len(office.shop.posts) == 4


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ('[paused]\n"compose:rawhide" = "rebuild"\n', "lane compose:Rawhide is paused: rebuild"),
        (
            '[blocklist]\n"fedora-RAWHIDE-*" = "broken"\n',
            "is blocked by 'fedora-RAWHIDE-*': broken",
        ),
        ('[blocklist]\n"http://*/compose/rawhide/*" = "broken"\n', "/compose is blocked by 'http"),
    ],
)
def test_names_in_any_case_hold_a_compose_back(
    shop: CommandOnSandbox, held: str, reason: str
) -> None:
    shop.configure(held)
    location = shop.sandbox.compose_location.replace("/compose/", "//compose//", 1)
    ended = shop.compose(location=location)
    assert ended.status == 1
    assert reason in ended.err
    assert not shop.posts


def test_what_the_configuration_pauses_is_not_resumed_by_hand(office: Office) -> None:
    office.shop.configure('[paused]\n"update" = "openQA moves"\n')
    ended = office.run("resume", "update")
    assert ended.status == 1
    assert ended.err.splitlines() == [
        "update was not paused",
        "The configuration still pauses update: openQA moves",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["pause", "updates", "--reason", "x"],
        ["pause", "update:", "--reason", "x"],
        ["pause", "update:rawhide", "--reason", "x"],
        ["pause", "compose:x", "--reason", "x"],
        ["pause", "wiki:43", "--reason", "x"],
        ["pause", "update", "--reason", " "],
        ["pause", "update"],
        ["resume", "message"],
    ],
)
def test_what_is_no_lane_or_has_no_reason_is_wrong_usage(
    shop: CommandOnSandbox, arguments: list[str]
) -> None:
    assert shop.run(*arguments).status == 2


def park(office: Office) -> None:
    office.shop.sandbox.faults.add(Rule(Kind.ANSWER, path="/bodhi/", status=403, times=1))
    office.send()
    office.work()
    assert office.state() is SubjectState.PARKED


def test_what_is_parked_is_listed_and_shown(office: Office) -> None:
    park(office)
    office.send({"update": {"alias": 7}}, message_id="m-2")
    message, update = office.run("parked", "list", "--format", "json").json
    assert (message["key"], update["key"]) == ("message:m-2", UPDATE)
    assert len(office.run("parked", "list").out.splitlines()) == 2
    shown = office.run("parked", "show", "message:m-2", "--format", "json").json
    assert shown["content"] == {"topic": BODHI, "body": '{"update": {"alias": 7}}'}
    assert 'body: {"update": {"alias": 7}}' in office.run("parked", "show", "m-2").out


def test_what_is_released_is_scheduled(office: Office) -> None:
    park(office)
    dry = office.run("parked", "release", UPDATE, "--dry-run")
    assert dry.out == f"{UPDATE}: would be released: wanted again\n"
    assert office.state() is SubjectState.PARKED
    assert office.run("parked", "release", UPDATE).out == f"{UPDATE}: released: wanted again\n"
    office.work()
    assert office.state() is SubjectState.SCHEDULED
    again = office.run("parked", "release", UPDATE)
    assert (again.status, again.err) == (1, f"Error: {UPDATE} is not parked: scheduled\n")


def test_what_is_dropped_is_skipped(office: Office) -> None:
    park(office)
    dry = office.run("parked", "drop", UPDATE, "--dry-run")
    assert dry.out == f"{UPDATE}: would be dropped\n"
    assert office.state() is SubjectState.PARKED
    assert office.run("parked", "drop", UPDATE).status == 0
    assert (office.state(), office.reason(UPDATE)) == (SubjectState.SKIPPED, "dropped by ada")
    assert office.run("parked", "list").out == ""


@pytest.mark.parametrize("command", ["show", "release", "drop"])
def test_what_is_unknown_is_said(office: Office, command: str) -> None:
    ended = office.run("parked", command, "update:x")
    assert (ended.status, ended.err) == (1, "Error: update:x is not known\n")


def broken(office: Office, body: Mapping[str, Any]) -> None:
    """Park a message for a fault that is mended since."""
    office.consumer.service.park(BODHI, body, message_id="m-9", reason="KeyError: 'x'")


def test_a_released_message_is_taken_again(office: Office) -> None:
    broken(office, BODY)
    dry = office.run("parked", "release", "message:m-9", "--dry-run")
    assert dry.out == f"message:m-9: would be released: asks for {UPDATE}\n"
    assert office.state() is None
    office.run("parked", "release", "message:m-9")
    assert office.state() is SubjectState.WANTED
    assert office.reason("message:m-9") == f"released by ada: asks for {UPDATE}"
    keys = [
        story["key"] for story in office.run("explain", "m-9", "--format", "json").json["stories"]
    ]
    assert keys == ["message:m-9", UPDATE]


def test_a_message_from_which_nothing_follows_is_done_with(office: Office) -> None:
    update = {**BODY["update"], "release": {"version": "eln", "id_prefix": "FEDORA"}}
    broken(office, {"update": update})
    ended = office.run("parked", "release", "message:m-9")
    assert "released: ignored: " in ended.out
    assert office.state("message:m-9") is SubjectState.SKIPPED
    assert office.state() is None


def test_a_message_that_is_still_not_understood_stays(office: Office) -> None:
    broken(office, {"update": {"alias": 7}})
    ended = office.run("parked", "release", "message:m-9")
    assert ended.status == 1
    assert "Expected `str`, got `int`" in ended.err
    assert office.state("message:m-9") is SubjectState.PARKED


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**BODY, "comment": "x" * 200_000}, "only its first 100000 characters were kept"),
        ({**BODY, "comment": {1, 2}}, "its body could not be kept"),
    ],
)
def test_a_message_that_was_cut_cannot_be_taken_again(
    office: Office, body: Mapping[str, Any], said: str
) -> None:
    broken(office, body)
    ended = office.run("parked", "release", "message:m-9")
    assert (ended.status, ended.err) == (
        1,
        f"Error: message:m-9 cannot be taken again: {said}\n",
    )
    assert office.state("message:m-9") is SubjectState.PARKED


def test_a_pause_can_be_tried(shop: CommandOnSandbox) -> None:
    tried = shop.run("pause", "update", "--reason", "disk images", "--dry-run")
    assert (tried.status, tried.out) == (0, "Would pause: update: disk images\n")
    assert shop.run("resume", "update", "--dry-run").status == 1
    shop.run("pause", "update", "--reason", "disk images")
    tried = shop.run("resume", "update", "--dry-run")
    assert (tried.status, tried.out) == (0, "Would resume: update\n")
    assert shop.run("resume", "update").status == 0
