"""What a person sees of the store, and decides: the real commands on the sandbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fedora_messaging.config import conf
from fedora_messaging.message import Message

from consumers.scheduler import Scheduler
from fedora_openqa.cli.explain import describe
from fedora_openqa.cli.parked import LIMIT
from fedora_openqa.model.deliveries import Delivery, DeliveryState
from fedora_openqa.model.stories import Explained, Story
from fedora_openqa.model.work import StoredSubject, SubjectState
from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import CommandOnSandbox, Ended
from tests.support.jobs import job
from tests.support.store import subjects_of

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
class ConsumerAndCommand:
    """A command with the store's consumer in it."""

    cli: CommandOnSandbox
    consumer: Scheduler

    def run(self, *arguments: str) -> Ended:
        return self.cli.run(*arguments)

    def send(self, body: Mapping[str, Any] = BODY, *, message_id: str = "m-1") -> None:
        message = Message(topic=BODHI, body=body)
        message.id = message_id
        self.consumer(message)

    def state(self, key: str = UPDATE) -> SubjectState | None:
        found = subjects_of(self.consumer.service).find(key)
        return found.state if found else None

    def reason(self, key: str) -> str | None:
        found = subjects_of(self.consumer.service).find(key)
        return found.reason if found else None

    def work(self) -> bool:
        """Let a worker do what is due, as `fedora-openqa worker` would."""
        *_, worker = self.consumer.service.workers
        return worker.work()


@pytest.fixture
def setup(
    cli: CommandOnSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ConsumerAndCommand:
    for name, value in cli.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOGNAME", "ada")
    monkeypatch.setitem(conf, "consumer_config", {"openqa": {"look_again_after": 0.05}})
    # its worker runs when a test calls it
    monkeypatch.setattr("fedora_openqa.workflows.service.Service.start", lambda _self, _failed: ())
    return ConsumerAndCommand(cli, Scheduler())


def test_the_status_of_an_empty_store(setup: ConsumerAndCommand) -> None:
    ended = setup.run("status")
    assert (ended.status, ended.out.splitlines()[1:]) == (
        0,
        ["Last message: none", "Last sweep: none"],
    )
    found = setup.run("status", "--format", "json").json
    assert (found["lanes"], found["paused"], found["last_message"]) == ([], [], None)


def test_the_status_counts_lanes_and_names_pauses(setup: ConsumerAndCommand) -> None:
    setup.cli.configure('[paused]\n"compose:Rawhide" = "mass rebuild"\n')
    setup.send()
    ended = setup.run("pause", "Update:F43", "--reason", "disk images")
    assert ended.out == "Paused: update:43: disk images\n"
    (lane,) = setup.run("status", "--format", "json").json["lanes"]
    assert lane["oldest"]
    assert {name: lane[name] for name in ("kind", "due", "waiting", "scheduled")} == {
        "kind": "update",
        "due": 1,
        "waiting": 0,
        "scheduled": 0,
    }
    out = setup.run("status").out
    assert "Paused by the configuration: compose:Rawhide: mass rebuild" in out
    assert "update:43: disk images" in out
    assert "Last message: none" not in out


@pytest.mark.parametrize(
    "subject", [ALIAS, f"https://bodhi.fedoraproject.org/updates/{ALIAS}", "m-1", UPDATE]
)
def test_the_story_of_an_update(setup: ConsumerAndCommand, subject: str) -> None:
    setup.send()
    setup.work()
    found = setup.run("explain", subject, "--format", "json").json
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
    text = setup.run("explain", subject)
    assert text.status == 0
    assert f"{UPDATE}: scheduled" in text.out
    assert "  message m-1 (" in text.out
    assert f"Jobs of Update-{ALIAS} at present: " in text.out


def test_a_story_asks_openqa_once_for_each_build_or_not_at_all(setup: ConsumerAndCommand) -> None:
    setup.send()
    setup.work()
    asked = setup.cli.sandbox.requests
    before = len(asked.all(path="/api/"))
    setup.run("explain", ALIAS, "--offline")
    assert len(asked.all(path="/api/")) == before
    setup.run("explain", ALIAS)
    assert len(asked.all(path="/api/")) == before + 1


def test_offline_a_story_needs_no_openqa(setup: ConsumerAndCommand) -> None:
    setup.send()
    setup.work()
    setup.cli.sandbox.faults.add(Rule(Kind.ANSWER, path="/api/", status=503))
    ended = setup.run("explain", ALIAS)
    assert ended.status == 0
    assert f"Jobs of Update-{ALIAS} at present: openQA cannot be asked: " in ended.out


def test_a_story_tells_of_a_block_list_that_knows_a_url(setup: ConsumerAndCommand) -> None:
    setup.cli.configure('[blocklist]\n"http://*/x86_64" = "the mirror lies"\n')
    build, topic = "45.20261119.91.0", "org.fedoraproject.prod.coreos.build.state.change"
    body = {"build_id": build, "basearch": "x86_64", "state": "FINISHED", "result": "SUCCESS"}
    setup.consumer(Message(topic=topic, body=body | {"build_dir": f"http://x/{build}/x86_64"}))
    for subject in (build, f"coreos:{build}:x86_64"):
        out = setup.run("explain", subject).out
        assert f"coreos:{build}:x86_64: wanted" in out
        assert f"Rule block list: http://x/{build}/x86_64 is blocked by" in out


def test_the_reason_why_a_subject_waits_is_shown(setup: ConsumerAndCommand) -> None:
    setup.send()
    setup.cli.sandbox.faults.add(Rule(Kind.ANSWER, path="/bodhi/", status=503))
    setup.work()
    out = setup.run("explain", ALIAS).out
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
def test_an_unknown_subject_is_explained_by_its_name(
    setup: ConsumerAndCommand, subject: str, said: str
) -> None:
    setup.cli.configure(
        '[blocklist]\n"*-43-*.N.9" = "broken"\n[paused]\n"compose:rawhide" = "rebuild"\n'
    )
    ended = setup.run("explain", subject)
    assert ended.status == 1
    assert ended.out.startswith(f"{subject}: the store does not know it\n")
    assert said in ended.out


def test_a_paused_lane_is_not_worked_on_until_it_goes_on(setup: ConsumerAndCommand) -> None:
    setup.send()
    assert setup.run("pause", "update", "--reason", " openQA\nmoves ").out == (
        "Paused: update: openQA moves\n"
    )
    assert not setup.work()
    assert "lane update is paused: openQA moves (ada)" in setup.run("explain", ALIAS).out
    assert setup.run("resume", "update").out == "Resumed: update\n"
    assert setup.work()
    assert setup.state() is SubjectState.SCHEDULED


def test_a_pause_may_end_by_itself(setup: ConsumerAndCommand) -> None:
    setup.run("pause", "wiki", "--for", "90m", "--reason", "pages are renamed")
    pause = setup.run("status", "--format", "json").json["paused"][-1]
    since, until = map(datetime.fromisoformat, (pause["since"], pause["until"]))
    assert (until - since).total_seconds() == pytest.approx(5400, abs=1)
    assert f" until {pause['until']}: wiki: pages are renamed" in setup.run("status").out
    assert setup.run("pause", "wiki", "--for", "soon", "--reason", "x").status == 2


def test_a_release_is_paused_as_well_and_goes_on_at_once(setup: ConsumerAndCommand) -> None:
    setup.send()
    setup.run("pause", "update:43", "--reason", "disk images")
    assert setup.work()
    assert (setup.state(), setup.cli.posts) == (SubjectState.WANTED, ())
    assert not setup.work()
    setup.run("resume", "update:f43")
    assert setup.work()
    assert len(setup.cli.posts) == 4


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
    cli: CommandOnSandbox, held: str, reason: str
) -> None:
    cli.configure(held)
    location = cli.sandbox.compose_location.replace("/compose/", "//compose//", 1)
    ended = cli.compose(location=location)
    assert ended.status == 1
    assert reason in ended.err
    assert not cli.posts


def test_what_the_configuration_pauses_is_not_resumed_by_hand(setup: ConsumerAndCommand) -> None:
    setup.cli.configure('[paused]\n"update" = "openQA moves"\n')
    ended = setup.run("resume", "update")
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
    cli: CommandOnSandbox, arguments: list[str]
) -> None:
    assert cli.run(*arguments).status == 2


def park(setup: ConsumerAndCommand) -> None:
    setup.cli.sandbox.faults.add(Rule(Kind.ANSWER, path="/bodhi/", status=403, times=1))
    setup.send()
    setup.work()
    assert setup.state() is SubjectState.PARKED


def test_one_worker_of_a_process_prunes_the_store(setup: ConsumerAndCommand) -> None:
    workers = setup.consumer.service.workers
    assert [worker.keep_seconds for worker in workers] == [None, 90 * 86_400.0]


def test_parked_items_are_listed_in_pages(setup: ConsumerAndCommand) -> None:
    for number in range(5):
        setup.send({"update": {"alias": number}}, message_id=f"m-{number}")
    listed = setup.run("parked", "list", "--limit", "2", "--page", "2")
    assert [line.split()[1] for line in listed.out.splitlines()] == ["message:m-2:", "message:m-1:"]
    assert listed.err == "3 to 4 of 5 parked items; next: --page 3\n"
    last = setup.run("parked", "list", "--limit", "2", "--page", "3", "--format", "json")
    assert ([one["key"] for one in last.json], last.err) == (["message:m-0"], "")
    beyond = setup.run("parked", "list", "--page", "2")
    assert (beyond.status, beyond.out, beyond.err) == (0, "", "")


def test_a_list_without_options_says_what_it_leaves_out(setup: ConsumerAndCommand) -> None:
    for number in range(LIMIT + 1):
        setup.send({"update": {"alias": number}}, message_id=f"m-{number}")
    for output in ("text", "json"):
        assert setup.run("parked", "list", "--format", output).err == (
            f"1 to {LIMIT} of {LIMIT + 1} parked items; next: --page 2\n"
        )


def test_what_is_parked_is_listed_and_shown(setup: ConsumerAndCommand) -> None:
    park(setup)
    setup.send({"update": {"alias": 7}}, message_id="m-2")
    message, update = setup.run("parked", "list", "--format", "json").json
    assert (message["key"], update["key"]) == ("message:m-2", UPDATE)
    assert len(setup.run("parked", "list").out.splitlines()) == 2
    shown = setup.run("parked", "show", "message:m-2", "--format", "json").json
    assert shown["content"] == {"topic": BODHI, "body": '{"update": {"alias": 7}}'}
    assert 'body: {"update": {"alias": 7}}' in setup.run("parked", "show", "m-2").out


def test_what_is_released_is_scheduled(setup: ConsumerAndCommand) -> None:
    park(setup)
    dry = setup.run("parked", "release", UPDATE, "--dry-run")
    assert dry.out == f"{UPDATE}: would be released: wanted again\n"
    assert setup.state() is SubjectState.PARKED
    assert setup.run("parked", "release", UPDATE).out == f"{UPDATE}: released: wanted again\n"
    setup.work()
    assert setup.state() is SubjectState.SCHEDULED
    again = setup.run("parked", "release", UPDATE)
    assert (again.status, again.err) == (1, f"Error: {UPDATE} is not parked: scheduled\n")


def test_what_is_dropped_is_skipped(setup: ConsumerAndCommand) -> None:
    park(setup)
    dry = setup.run("parked", "drop", UPDATE, "--dry-run")
    assert dry.out == f"{UPDATE}: would be dropped\n"
    assert setup.state() is SubjectState.PARKED
    assert setup.run("parked", "drop", UPDATE).status == 0
    assert (setup.state(), setup.reason(UPDATE)) == (SubjectState.SKIPPED, "dropped by ada")
    assert setup.run("parked", "list").out == ""


@pytest.mark.parametrize("command", ["show", "release", "drop"])
def test_what_is_unknown_is_said(setup: ConsumerAndCommand, command: str) -> None:
    ended = setup.run("parked", command, "update:x")
    assert (ended.status, ended.err) == (1, "Error: update:x is not known\n")


def broken(setup: ConsumerAndCommand, body: Mapping[str, Any]) -> None:
    """Park a message for a fault that is mended since."""
    setup.consumer.service.intake.park(BODHI, body, message_id="m-9", reason="KeyError: 'x'")


def test_a_released_message_is_taken_again(setup: ConsumerAndCommand) -> None:
    broken(setup, BODY)
    dry = setup.run("parked", "release", "message:m-9", "--dry-run")
    assert dry.out == f"message:m-9: would be released: asks for {UPDATE}\n"
    assert setup.state() is None
    setup.run("parked", "release", "message:m-9")
    assert setup.state() is SubjectState.WANTED
    assert setup.reason("message:m-9") == f"released by ada: asks for {UPDATE}"
    keys = [
        story["key"] for story in setup.run("explain", "m-9", "--format", "json").json["stories"]
    ]
    assert keys == ["message:m-9", UPDATE]


def test_a_message_from_which_nothing_follows_is_done_with(setup: ConsumerAndCommand) -> None:
    update = {**BODY["update"], "release": {"version": "eln", "id_prefix": "FEDORA"}}
    broken(setup, {"update": update})
    ended = setup.run("parked", "release", "message:m-9")
    assert "released: ignored: " in ended.out
    assert setup.state("message:m-9") is SubjectState.SKIPPED
    assert setup.state() is None


def test_a_message_that_is_still_not_understood_stays(setup: ConsumerAndCommand) -> None:
    broken(setup, {"update": {"alias": 7}})
    ended = setup.run("parked", "release", "message:m-9")
    assert ended.status == 1
    assert "Expected `str`, got `int`" in ended.err
    assert setup.state("message:m-9") is SubjectState.PARKED


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({**BODY, "comment": "x" * 200_000}, "only its first 100000 characters were kept"),
        ({**BODY, "comment": {1, 2}}, "its body could not be kept"),
    ],
)
def test_a_message_that_was_cut_cannot_be_taken_again(
    setup: ConsumerAndCommand, body: Mapping[str, Any], said: str
) -> None:
    broken(setup, body)
    ended = setup.run("parked", "release", "message:m-9")
    assert (ended.status, ended.err) == (
        1,
        f"Error: message:m-9 cannot be taken again: {said}\n",
    )
    assert setup.state("message:m-9") is SubjectState.PARKED


def test_a_pause_can_be_tried(cli: CommandOnSandbox) -> None:
    tried = cli.run("pause", "update", "--reason", "disk images", "--dry-run")
    assert (tried.status, tried.out) == (0, "Would pause: update: disk images\n")
    assert cli.run("resume", "update", "--dry-run").status == 1
    cli.run("pause", "update", "--reason", "disk images")
    tried = cli.run("resume", "update", "--dry-run")
    assert (tried.status, tried.out) == (0, "Would resume: update\n")
    assert cli.run("resume", "update").status == 0


def test_what_was_delivered_is_counted_and_the_rest_is_listed() -> None:
    rows = [
        Delivery(item="1", number=1, state=DeliveryState.DELIVERED, told="PASSED"),
        Delivery(item="2", number=1, state=DeliveryState.PARKED, reason="400: no"),
    ]
    subject = StoredSubject(
        key="resultsdb:B",
        lane="resultsdb",
        request={},
        number=1,
        state=SubjectState.PARKED,
        reason=None,
        due=0.0,
        attempts=0,
        last_error=None,
        message_id=None,
        created=0.0,
        updated=0.0,
    )
    story = Story(subject, 0.0, None, (), (), tuple(rows))
    jobs = {2: job(2, "base", flavor="F", arch="aarch64")}
    found = Explained("B", (story,), (), known=jobs)
    lines = [line.partition(" (1970")[0] for line in describe(found)]
    assert lines[2:] == [
        "  resultsdb: 1 delivered, 1 parked",
        "  2 base F aarch64: parked: 400: no",
    ]
    assert len([*describe(found, whole=True)]) == len(lines) + 1


def test_jobs_that_a_person_scheduled_are_counted(setup: ConsumerAndCommand) -> None:
    setup.run("update", ALIAS, "--flavor", "workstation")
    out = setup.run("explain", ALIAS).out
    assert f"Jobs of Update-{ALIAS} at present: " in out
    assert "at present" not in setup.run("explain", ALIAS, "--offline").out
