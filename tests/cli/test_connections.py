"""Every connection is opened by our transport, whatever libraries take part."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import CommandOnSandbox


def run(cli: CommandOnSandbox, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.cli.watched", *arguments],
        env={**cli.whole_environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended.stderr


@pytest.mark.slow
def test_no_library_opens_a_connection_of_its_own(cli: CommandOnSandbox) -> None:
    build = cli.sandbox.compose_location.split("/")[-2]
    (update, *_) = cli.read("bodhi/updates/?rows_per_page=1")["updates"]
    commands = [
        ["compose", cli.sandbox.compose_location, "--flavors", "Server-dvd-iso"],
        ["update", update["alias"]],
        ["report", build, "--resultsdb"],
        ["gating", update["alias"]],
        ["check-compose", build],
        ["sweep", "--dry-run"],
        ["config", "check", "--openqa", "--greenwave"],
    ]
    for command in commands:
        said = run(cli, *command)
        assert "OURS socket.connect" in said, command
        assert "STRANGE" not in said, command
