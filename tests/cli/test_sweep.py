"""``fedora-openqa sweep`` on the sandbox."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fedora_openqa.config import load_config, seconds_in
from fedora_openqa.data import load_flavor_tables
from fedora_openqa.model.deliveries import Delivered, Sink
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.finishing import Script
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.sweeps import Sweeps
from fedora_openqa.wiring.sweep import connect_sweep, open_sweeper
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.sweep import Sweeper
from tests.cli.conftest import CommandOnSandbox
from tests.support.fakes import NoDeliveries
from tests.support.web import Web, text

#: the day after the sandbox's compose
SANDBOX_DAY = datetime(2026, 11, 21, tzinfo=UTC)
#: the sandbox's updates are of one week in 2026
EVER = "9999d"
#: its Bodhi has those, on the critical path, pending or in testing, and of a tested release
UPDATES = 9
CANDIDATE = "Fedora-44-20261117.0"
UPDATE_TOPIC = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"
BODHI_ROW: dict[str, Any] = {
    "builds": [{"nvr": "kernel-6.19.8-200.fc43"}],
    "release": {"version": "43", "id_prefix": "FEDORA"},
    "critpath": True,
    "critpath_groups": "core",
}


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[CommandOnSandbox]:
    """A sandbox whose bus had a message about a candidate, which is on no list."""
    body = {
        "status": "FINISHED",
        "compose_id": CANDIDATE,
        "location": f"https://kojipkgs.fedoraproject.org/compose/44/{CANDIDATE}/compose",
        "compose_label": "RC-1.1",
        "release_short": "Fedora",
    }
    topic = "org.fedoraproject.prod.pungi.compose.status.change"
    with Sandbox(SandboxOptions(messages=({"topic": topic, "body": body, "id": "1"},))) as sandbox:
        environ = {
            **write_config_files(tmp_path, sandbox),
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        }
        yield CommandOnSandbox(sandbox, tmp_path, environ)


def stored(cli: CommandOnSandbox) -> set[str]:
    subjects = Subjects(open_engine(f"sqlite:///{cli.directory}/state/fedora-openqa/store.db"))
    return {subject.key for subject in subjects.all()}


def test_a_sweep_stores_what_it_finds_and_the_next_one_finds_it_known(
    cli: CommandOnSandbox,
) -> None:
    first = cli.run("sweep", "--since", EVER, "--format", "json")
    assert (first.status, first.err) == (0, "")
    wanted = first.json["wanted"]
    assert stored(cli) == set(wanted)
    assert sum(key.startswith("update:") for key in wanted) == UPDATES
    assert f"compose:{CANDIDATE}" in wanted
    assert "coreos:45.20261119.91.0:x86_64" in wanted
    second = cli.run("sweep", "--since", EVER)
    assert second.status == 0
    count = len(wanted)
    assert second.out == f"Found {count}: {count} known, 0 with jobs, 0 wanted; ignored 2\n"
    assert cli.run("status", "--format", "json").json["last_sweep"]


def test_of_what_happened_while_the_broker_was_down_exactly_that_is_wanted(
    cli: CommandOnSandbox, web: Web
) -> None:
    missed_updates = [f"FEDORA-2026-{number:010x}" for number in range(40)]
    today = f"{datetime.now(tz=UTC):%Y%m%d}"
    composes = [f"Fedora-eln-{today}.n.{respin}" for respin in range(6)]
    for compose in composes:
        web.answers[f"GET /eln/{compose}/STATUS"] = text("FINISHED_INCOMPLETE\n")
    # of three updates a message came before
    rows = [{**BODHI_ROW, "alias": alias} for alias in missed_updates]
    web.answers["GET /updates/"] = text(json.dumps({"updates": rows, "pages": 1}))
    config = cli.config.read_text()
    for there in ("bodhi", "compose", "coreos"):
        config = config.replace(f'"{cli.sandbox.url}/{there}"', f'"{web.url}"')
    cli.config.write_text(config)
    told = Intake(
        inbox=Subjects(open_engine(f"sqlite:///{cli.directory}/state/fedora-openqa/store.db")),
        deliveries=NoDeliveries(),
        table=load_flavor_tables().fedora,
    )
    for row in rows[:3]:
        assert told.take(UPDATE_TOPIC, {"update": row}, message_id=row["alias"])
    swept = cli.run("sweep", "--since", "24h", "--format", "json")
    assert swept.status == 0
    missed = {f"update:{alias}" for alias in missed_updates[3:]}
    missed |= {f"compose:{compose}" for compose in composes}
    assert set(swept.json["wanted"]) - {f"compose:{CANDIDATE}"} == missed
    assert swept.json["known"] == 3
    assert cli.run("sweep", "--format", "json").json["wanted"] == []


def test_a_dry_run_prints_what_would_be_wanted_and_stores_nothing(cli: CommandOnSandbox) -> None:
    dry = cli.run("sweep", "--since", EVER, "--dry-run")
    assert dry.status == 0
    assert f"Would want: compose:{CANDIDATE}\n" in dry.out
    assert not (cli.directory / "state").exists()
    cli.run("sweep", "--since", EVER)
    before = stored(cli)
    again = cli.run("sweep", "--since", EVER, "--dry-run")
    assert "Would want" not in again.out
    assert stored(cli) == before


def test_while_a_process_sweeps_the_command_names_it_and_changes_nothing(
    cli: CommandOnSandbox,
) -> None:
    assert cli.run("sweep", "--since", "1h").status == 0
    board = Sweeps(open_engine(f"sqlite:///{cli.directory}/state/fedora-openqa/store.db"))
    board.begin("qa01:4711", seconds=600.0)
    swept = cli.run("sweep", "--since", EVER)
    assert (swept.status, swept.out) == (1, "")
    assert swept.err.startswith("Error: qa01:4711 sweeps; its lease ends in ")
    assert cli.run("sweep", "--since", EVER, "--dry-run").status == 0
    board.end("qa01:4711")
    assert cli.run("sweep", "--since", EVER).status == 0


def test_what_openqa_has_jobs_of_is_remembered_and_not_wanted(cli: CommandOnSandbox) -> None:
    update = "FEDORA-2026-5d02b7e318"
    assert cli.run("update", update).status == 0
    swept = cli.run("sweep", "--since", EVER)
    assert f"Has jobs: update:{update}\n" in swept.out
    assert f"Wanted: update:{update}" not in swept.out
    assert f"update:{update}" in stored(cli)


def test_a_dead_source_is_named_and_the_rest_is_wanted(cli: CommandOnSandbox) -> None:
    cli.configure("\n[http]\nattempts = 1\n")
    cli.sandbox.faults.add(Rule(Kind.ANSWER, path="/bodhi/updates/"))
    swept = cli.run("sweep", "--since", EVER)
    assert swept.status == 3
    assert swept.err.startswith("Failed: Bodhi: GET http://127.0.0.1")
    assert f"Wanted: compose:{CANDIDATE}\n" in swept.out


def test_where_no_source_answers_the_sweep_has_failed(cli: CommandOnSandbox) -> None:
    cli.configure("\n[http]\nattempts = 1\n")
    for path in ("/bodhi/", "/datagrepper/", "/release.json", "/coreos/"):
        cli.sandbox.faults.add(Rule(Kind.ANSWER, path=path))
    swept = cli.run("sweep", "--since", EVER)
    assert swept.status == 1
    assert swept.err.count("Failed: ") == 4


def test_what_is_over_budget_is_said(cli: CommandOnSandbox) -> None:
    config = cli.config.read_text()
    cli.config.write_text(config.replace("every = 0\n", "every = 0\nbudget = 2\n"))
    swept = cli.run("sweep", "--since", EVER, "--format", "json")
    assert swept.status == 3
    assert len(swept.json["wanted"]) == 2
    lines = swept.err.splitlines()
    assert lines[0] == f"Left to the next sweep: {len(swept.json['left'])}"
    left = {sink: len(builds) for sink, builds in swept.json["reports_left"].items()}
    assert lines[1:] == [
        f"Left to the next sweep: {n} builds of {sink}" for sink, n in left.items()
    ]
    assert left["resultsdb"] > 2
    status = cli.run("status", "--format", "json").json
    assert {one["name"]: one["left"] for one in status["sweeps"] if one.get("left")} == {
        "sweep:scheduling": len(swept.json["left"]),
        **{f"sweep:{sink}": number for sink, number in left.items()},
    }


@pytest.mark.parametrize("time", ["", "0h", "24", "h", "1w", "-1h", "1.5h", "123456h"])
def test_what_is_no_time_is_wrong_usage(cli: CommandOnSandbox, time: str) -> None:
    ended = cli.run("sweep", f"--since={time}")
    assert ended.status == 2
    assert "is not a time like 90m, 24h or 3d" in ended.err


@pytest.mark.parametrize(
    ("time", "seconds"), [("90m", 5400.0), ("24h", 86400.0), ("24H", 86400.0), ("3d", 259_200.0)]
)
def test_times_have_a_unit(time: str, seconds: float) -> None:
    assert seconds_in(time) == seconds


def test_a_service_sweeps_as_often_as_it_is_configured(
    cli: CommandOnSandbox, tmp_path: Path
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/other.db")
    subjects, board = Subjects(engine), Sweeps(engine)
    awake = threading.Event()

    def sweeper(every: int) -> Sweeper | None:
        text = cli.config.read_text()
        path = tmp_path / "sweep.toml"
        path.write_text(text.replace("every = 0\n", f'every = {every}\nsince = "{EVER}"\n'))
        return open_sweeper(
            load_config(path),
            subjects,
            NoDeliveries(),
            board,
            schedules=True,
            sinks=(),
            found=awake.set,
        )

    assert sweeper(0) is None
    opened = sweeper(10)
    assert opened is not None
    assert opened.every == 600.0
    swept = opened.sweep()
    assert swept
    assert {subject.key for subject in subjects.all()} == set(swept.wanted)


def test_where_all_is_known_a_sweep_asks_openqa_once_however_many_builds_there_are(
    cli: CommandOnSandbox,
) -> None:
    updates = ("FEDORA-2026-5d02b7e318", "FEDORA-2026-1bd5f4a0c2")
    for update in updates:
        cli.run("update", update)
        cli.sandbox.finish(f"Update-{update}", Script())
    engine = open_engine(f"sqlite:///{cli.directory}/state/fedora-openqa/store.db")
    subjects, deliveries = Subjects(engine), Deliveries(engine)
    sinks = (Sink.RESULTSDB,)
    config = load_config(cli.config)
    connected = connect_sweep(
        config, subjects, deliveries, Sweeps(engine), schedules=True, sinks=sinks
    )
    # composes are looked for in two weeks
    sweep = replace(connected, clock=SANDBOX_DAY.timestamp)

    def requests_of_a_sweep() -> list[str]:
        cli.sandbox.requests.clear()
        assert not sweep.sweep(seconds_in(EVER)).failed
        while lease := subjects.lease("test", sinks, seconds=60.0):
            ledger = deliveries.ledger(lease)
            ledger.record([(one, Delivered("PASSED")) for one in ledger.due()])
            subjects.close_build(lease, reached=True)
        return [f"{one.path}?{one.query}" for one in cli.sandbox.requests.all()]

    first = requests_of_a_sweep()
    assert sum("build=Update-" in path for path in first) >= len(updates)
    requests_of_a_sweep()
    steady = requests_of_a_sweep()
    (openqa,) = [path for path in steady if path.startswith("/api/v1/")]
    assert "after=" in openqa
    assert not [path for path in steady if path.startswith("/resultsdb/")]
    finished = "Fedora-Rawhide-20261120.n.0/STATUS"
    assert any(finished in path for path in first)
    assert not any(finished in path for path in steady)
    # a restart without a message
    cli.post("jobs/1/restart?force=1")
    assert sum("build=Update-" in path for path in requests_of_a_sweep()) == 1


def test_an_update_that_has_only_jobs_of_other_builds_is_wanted(cli: CommandOnSandbox) -> None:
    alias = "FEDORA-2026-5d02b7e318"
    assert cli.run("update", alias, "--flavor", "workstation").status == 0
    cli.sandbox.updates.edit(alias, builds=("mutter-49.5-1.fc43",))
    swept = cli.run("sweep", "--since", EVER, "--format", "json").json
    assert f"update:{alias}" in swept["wanted"]
    assert f"update:{alias}" not in swept["has_jobs"]
