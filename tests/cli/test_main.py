"""What holds for every command."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from fedora_openqa import __version__
from fedora_openqa.cli import main

COMMANDS = sorted(main.commands)


@pytest.mark.parametrize("arguments", [[], *[[command] for command in COMMANDS]])
def test_help_is_there(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, [*arguments, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.output


def test_the_version_is_said() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


def test_help_loads_nothing_that_is_slow() -> None:
    code = "import sys; import fedora_openqa.cli; print(*sorted(sys.modules))"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    slow = {"requests", "fedfind", "productmd", "aiohttp", "msgspec", "openqa_client", "asyncio"}
    assert not slow & set(modules)


def test_scheduling_by_hand_does_not_load_the_store() -> None:
    code = "import sys; import fedora_openqa.cli.scheduling; print(*sorted(sys.modules))"
    modules = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert "fedora_openqa.scheduling" in modules
    assert not {"sqlalchemy", "alembic", "fedora_messaging", "aiohttp"} & set(modules)


def test_the_demo_ends_cleanly_and_shows_jobs() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "fedora_openqa", "sandbox", "--demo"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(r"Scheduled jobs: \d+, ", ended.stdout)
    assert re.search(r"\d+ scheduled +\S+@\S+  after \S+@", ended.stdout)
    assert "(exit status 1)" in ended.stdout


def test_readme_names_every_command() -> None:
    readme = (Path(__file__).parent.parent.parent / "README.md").read_text()
    for command in COMMANDS:
        assert f"fedora-openqa {command}" in readme
