"""The command lines that files of `deploy/` run."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"


def assert_understood(command: Sequence[str]) -> None:
    """Assert that a program of ours, or fedora-messaging, understands its arguments."""
    program, *arguments = command
    script = Path(sys.executable).with_name(Path(program).name)
    if script.name == "fedora-messaging":
        # the file of a consumer, as we ship it; an instance of a unit is named after it
        name = Path(arguments[1]).name.replace("%i", "scheduler")
        arguments[1] = str(ROOT / "fedmsg.d" / name)
    asked = subprocess.run(
        [script, *arguments, "--help"], capture_output=True, check=False, text=True
    )
    assert asked.returncode == 0, (command, asked.stderr)
