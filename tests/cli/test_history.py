"""``fedora-openqa history`` on the sandbox: what messages and reads brought."""

import json

from fedora_openqa.sandbox.finishing import Script
from tests.cli.conftest import CommandOnSandbox

BUILD = "Fedora-Rawhide-20261120.n.0"


def test_the_runs_of_a_test_come_from_messages_alone(cli: CommandOnSandbox) -> None:
    assert cli.run("history", "base_selinux").status == 1
    assert cli.compose().status == 0
    messages = cli.sandbox.finish(BUILD, Script())
    recorded = cli.directory / "messages.json"
    recorded.write_text(json.dumps(list(messages)))
    assert cli.run("replay", str(recorded)).status in (0, 1)
    asked = len(cli.sandbox.requests.all())
    shown = cli.run("history", "base_selinux", "--flavor", "Server-dvd-iso")
    assert shown.status == 0
    assert "base_selinux Server-dvd-iso x86_64 64bit" in shown.out
    assert f" in {BUILD}, job " in shown.out
    (scenario,) = cli.run(
        "history", "base_selinux", "--flavor", "Server-dvd-iso", "--format", "json"
    ).json
    (one,) = scenario["runs"]
    assert (one["build"], one["state"], scenario["telling"]) == (BUILD, "done", 1)
    assert len(cli.sandbox.requests.all()) == asked
