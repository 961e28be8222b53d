"""Every connection is opened by our transport, whatever libraries take part."""

import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import CommandOnSandbox


def run(shop: CommandOnSandbox, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.cli.watched", *arguments],
        env={**shop.whole_environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_no_library_opens_a_connection_of_its_own(shop: CommandOnSandbox) -> None:
    build = shop.sandbox.compose_location.split("/")[-2]
    (update, *_) = shop.read("bodhi/updates/?rows_per_page=1")["updates"]
    commands = [
        ["compose", shop.sandbox.compose_location, "--flavors", "Server-dvd-iso"],
        ["update", update["alias"]],
        ["report", build, "--resultsdb"],
        ["gating", update["alias"]],
        ["check-compose", build],
        ["sweep", "--dry-run"],
        ["config", "check", "--openqa", "--greenwave"],
    ]
    for command in commands:
        said = run(shop, *command)
        assert "OURS socket.connect" in said, command
        assert "STRANGE" not in said, command
