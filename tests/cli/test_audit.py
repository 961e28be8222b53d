"""What commands leave in the audit, on the sandbox."""

import signal
import subprocess
import sys
from typing import Any

import pytest

from fedora_openqa.sandbox.faults import Kind, Rule
from tests.cli.conftest import CommandOnSandbox
from tests.support.jobs import BUILD
from tests.support.waiting import wait_for

FLAVOR = "i3-live-iso"


@pytest.fixture
def tried(cli: CommandOnSandbox) -> CommandOnSandbox:
    """A job that has failed."""
    cli.compose("--flavors", FLAVOR)
    cli.post("jobs/1/set_done?result=failed")
    return cli


def acts(cli: CommandOnSandbox, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cli.run("audit", "--format", "json", *options).json
    return found


def test_a_restart_is_in_the_audit_with_its_jobs(tried: CommandOnSandbox) -> None:
    ended = tried.run("rerun", BUILD, "--failed", "--yes", "--force", environ={"LOGNAME": "ada"})
    assert ended.status == 0
    (act,) = acts(tried)
    assert {name: act[name] for name in ("who", "role", "what", "target", "ending", "look")} == {
        "who": "ada",
        "role": "command",
        "what": "rerun",
        "target": BUILD,
        "ending": "done",
        "look": None,
    }
    assert 1 in act["preview"]["jobs"]
    assert act["outcome"].startswith("restarted: 1 as ")
    assert acts(tried, "--who", "bob") == []
    assert f"ada (command) rerun {BUILD}\n  done: restarted: 1 as " in tried.run("audit").out


def test_what_openqa_refuses_is_in_the_audit(tried: CommandOnSandbox) -> None:
    assert tried.run("rerun", BUILD, "--failed", "--yes").status == 1
    (act,) = acts(tried)
    assert act["ending"] == "nothing"
    assert "misses the following mandatory assets" in act["outcome"]


def test_pauses_are_in_the_audit(cli: CommandOnSandbox) -> None:
    cli.run("pause", "update:43", "--reason", "disk images", "--for", "90m")
    cli.run("resume", "update:43")
    cli.run("resume", "update:43")
    cli.run("drain", "--no-wait")
    shown = [(act["what"], act["target"], act["reason"], act["ending"]) for act in acts(cli)]
    assert shown == [
        ("drain", "all", "openQA is restarted", "done"),
        ("resume", "update:43", None, "nothing"),
        ("resume", "update:43", None, "done"),
        ("pause", "update:43", "disk images", "done"),
    ]


def test_a_waiver_is_in_the_audit_with_its_comment(cli: CommandOnSandbox) -> None:
    waive = ("waive", "FEDORA-2026-5d02b7e318", "podman", "--comment", "known fault", "--yes")
    assert cli.run(*waive).status == 0
    (act,) = acts(cli)
    assert (act["what"], act["reason"], act["ending"]) == ("waive", "known fault", "done")
    assert act["outcome"].startswith("waived update.podman: waiver ")


def test_dry_runs_and_scheduling_by_hand_leave_nothing(tried: CommandOnSandbox) -> None:
    for command in (
        ("rerun", BUILD, "--failed", "--yes", "--dry-run"),
        ("pause", "update", "--reason", "x", "--dry-run"),
        ("resume", "update", "--dry-run"),
        ("drain", "--dry-run"),
        ("waive", "FEDORA-2026-5d02b7e318", "podman", "--comment", "x", "--yes", "--dry-run"),
    ):
        tried.run(*command)
    assert acts(tried) == []


def test_an_act_whose_process_is_killed_is_not_known(tried: CommandOnSandbox) -> None:
    tried.sandbox.faults.add(Rule(Kind.HANG, method="POST", path="/restart$"))
    command = [sys.executable, "-m", "fedora_openqa", "rerun", BUILD, "--failed", "--yes"]
    process = subprocess.Popen([*command, "--force"], env=tried.whole_environ)
    try:
        wait_for(lambda: acts(tried))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    (act,) = acts(tried)
    assert (act["ending"], act["settled"]) == (None, None)
    assert act["outcome"].startswith("not known whether it was done")
    assert act["look"] == f"fedora-openqa explain {BUILD}"
    assert f"  look with: fedora-openqa explain {BUILD}\n" in tried.run("audit").out


def test_without_a_store_nothing_is_restarted(tried: CommandOnSandbox) -> None:
    away = 'url = "postgresql+psycopg://127.0.0.1:9/none"\n'
    text = tried.config.read_text()
    config = tried.directory / "away.toml"
    table = "[store]\n" if "[store]" not in text else ""
    config.write_text(
        text + table + away if table else text.replace("[store]\n", "[store]\n" + away)
    )
    ended = tried.run("--config", str(config), "rerun", BUILD, "--failed", "--yes", "--force")
    assert (ended.status, ended.out) == (1, "")
    assert tried.sandbox.requests.all(method="POST", path="/restart$") == ()
