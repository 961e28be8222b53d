"""What holds for every command."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from fedora_openqa import __version__
from fedora_openqa.cli import main
from tests.support.stores import copy_store

COMMANDS = main.list_commands(click.Context(main))


@pytest.mark.parametrize("arguments", [[], *[[command] for command in COMMANDS]])
def test_help_is_there(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, [*arguments, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.output


def test_the_version_is_said() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


def test_each_command_has_a_whole_line_of_help_in_a_section() -> None:
    out = CliRunner().invoke(main, ["--help"]).output
    for name in COMMANDS:
        (line,) = [line for line in out.splitlines() if line.startswith(f"  {name} ")]
        text = line.removeprefix(f"  {name} ").strip()
        assert text
        assert len(text) <= 45
        assert "..." not in text
    sections = re.findall(r"^(\w+):$", out, flags=re.MULTILINE)
    assert sections == ["Options", "Schedule", "Report", "Look", "Decide", "Run", "Try"]


def loaded(code: str) -> set[str]:
    """Return the modules that are there after some code has run."""
    code = f"import atexit, sys; atexit.register(lambda: print(*sorted(sys.modules))); {code}"
    ended = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, check=False
    )
    return set(ended.stdout.splitlines()[-1].split())


def test_help_loads_nothing_that_is_slow() -> None:
    slow = {"requests", "fedfind", "productmd", "aiohttp", "msgspec", "openqa_client", "asyncio"}
    slow |= {"sqlalchemy", "rich"}
    modules = loaded("import fedora_openqa.cli; fedora_openqa.cli.main(['--help'])")
    assert "fedora_openqa.cli" in modules
    assert slow & modules == set()


def test_scheduling_by_hand_does_not_load_the_store() -> None:
    modules = loaded("import fedora_openqa.cli.compose")
    assert "fedora_openqa.workflows.schedule" in modules
    assert not {"sqlalchemy", "alembic", "fedora_messaging", "aiohttp"} & modules


@pytest.mark.parametrize(
    "command",
    [
        ["status"],
        ["explain", "--offline", "FEDORA-2026-1bd5f4a0c2"],
        ["parked", "list"],
        ["pause", "compose", "--reason", "look"],
        ["resume", "compose"],
    ],
)
def test_looking_into_the_store_loads_neither_migrations_nor_services(
    command: list[str], tmp_path: Path
) -> None:
    copy_store(tmp_path / "store.db")
    config = tmp_path / "config.toml"
    config.write_text(f'[store]\nurl = "sqlite:///{tmp_path}/store.db"\n')
    arguments = ["--config", str(config), *command]
    modules = loaded(f"import fedora_openqa.cli; fedora_openqa.cli.main({arguments})")
    assert "fedora_openqa.store.engine" in modules
    slow = {"alembic", "psycopg", "requests", "urllib3", "fedfind", "productmd", "openqa_client"}
    slow |= {"yaml", "jinja2", "fedora_messaging", "sqlalchemy.dialects.postgresql"}
    assert slow & modules == set()


@pytest.mark.slow
def test_the_demo_shows_the_whole_way_from_a_compose_to_its_report(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "fedora_openqa", "sandbox", "--demo"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(r"Scheduled jobs: \d+-\d+", ended.stdout)
    assert re.search(r"\d+ scheduled +\S+@\S+  after \S+@", ended.stdout)
    # what is there already is not scheduled, and gating is not satisfied
    assert ended.stdout.count("(exit status 1)") == 2
    assert "(exit status 2)" not in ended.stdout
    results = re.search(r"ResultsDB has (\d+) results: (\d+) PASSED, ", ended.stdout)
    assert results
    assert int(results[1]) > int(results[2]) > 200
    assert "FAILED   compose.base_selinux " in ended.stdout
    assert re.search(r"update\.desktop_browser \S+: failed, job \d+ failed", ended.stdout)
    assert re.search(r"Test: x86_64 Server-dvd-iso base_selinux \*\*GATING\*\*\n", ended.stdout)
    for heading in (
        "Images in this compose but not Fedora-Rawhide-20261119.n.1:",
        "Old failures (same test failed in Fedora-Rawhide-20261119.n.1):",
        "New passes (same test not passed in Fedora-Rawhide-20261119.n.1):",
        "Installed system changes in test x86_64 Server-dvd-iso install_default_upload:",
    ):
        assert f"\n{heading}\n" in ended.stdout
    compose = r"Fedora-Rawhide-20261120\.n\.0"
    assert re.search(rf"  http://\S+/b/{compose}: {compose}\n", ended.stdout)
    # links of the mail and of a result
    linked = re.findall(rf"  (http://\S+/j/\d+): compose:{compose}\n", ended.stdout)
    assert len(linked) == 2
    assert f"Runs: {linked[0]}\n" in ended.stdout
    # all else was temporary
    [report] = tmp_path.rglob("*.html")
    assert report.as_uri() in ended.stdout
    assert [*tmp_path.iterdir()] == [report.parent]
    assert "Compose FAILS proposed Rawhide gating check!" in report.read_text()


def test_the_documents_name_every_command() -> None:
    root = Path(__file__).parent.parent.parent
    documents = (root / "README.md", *(root / "docs").glob("*.md"))
    text = "\n".join(path.read_text() for path in documents)
    assert [name for name in COMMANDS if f"fedora-openqa {name}" not in text] == []


@pytest.mark.parametrize("name", ["client.conf", "config.toml", "waiverdb-token"])
def test_the_sandbox_overwrites_no_file_that_it_did_not_write(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("ours\n")
    result = CliRunner().invoke(main, ["sandbox", "--directory", str(tmp_path)])
    assert result.exit_code == 2
    assert str(tmp_path / name) in result.output
    assert (tmp_path / name).read_text() == "ours\n"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_full_disk_is_said_without_a_traceback() -> None:
    code = "from fedora_openqa.cli import main; main(['config', 'check'])"
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", code],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert "No space left on device" in ended.stderr
    assert "Traceback" not in ended.stderr
