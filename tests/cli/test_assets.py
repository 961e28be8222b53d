"""``fedora-openqa assets check``, as cron runs it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fedora_openqa.cli import main
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.openqa.options import Disk, OpenQAOptions
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions

HDDS = {
    "guestfs": [{"name": "full", "parts": []}],
    "virtinstall": [
        {"name": "server", "releases": {"stable": ["x86_64"]}, "size": "20", "imgver": "3"},
        {"name": "arm", "releases": {"-1": ["aarch64"]}, "size": "20"},
    ],
}
FULL, F42, F43 = (
    "disk_full.img",
    "disk_f42_server_3_x86_64.qcow2",
    "disk_f43_server_3_x86_64.qcow2",
)


def days_ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")


@pytest.fixture
def hdds(tmp_path: Path) -> Path:
    path = tmp_path / "hdds.json"
    path.write_text(json.dumps(HDDS))
    return path


@pytest.fixture
def sandbox(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """A sandbox whose openQA has these disks: file to days since it changed."""
    disks = tuple(Disk(name, days_ago(days)) for name, days in request.param.items())
    with Sandbox(SandboxOptions(openqa=OpenQAOptions(disks=disks))) as running:
        for name, value in write_config_files(tmp_path, running).items():
            monkeypatch.setenv(name, value)
        yield running


def check(hdds: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["assets", "check", "--hdds", str(hdds), *arguments])


@pytest.mark.parametrize("sandbox", [{FULL: 900, F42: 1, F43: 2}], indirect=True)
def test_all_images_are_there(sandbox: Sandbox, hdds: Path) -> None:
    result = check(hdds, "--arches", "x86_64")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        ["Needed images: 3; 0 missing, 0 too old, 0 of an ended release"],
    )
    assert len(sandbox.requests.all(path="/api/v1/assets")) == 1


@pytest.mark.parametrize(
    "sandbox", [{FULL: 1, F42: 8, "disk_f39_server_3_x86_64.qcow2": 400}], indirect=True
)
def test_what_is_wrong_is_listed(sandbox: Sandbox, hdds: Path) -> None:
    del sandbox
    result = check(hdds)
    assert (result.exit_code, result.stdout.splitlines()) == (
        1,
        [
            f"{F42}: too old, unchanged for 8.0 days (limit: 7)",
            f"{F43}: missing",
            "disk_f43_arm_aarch64.qcow2: missing",
            "disk_f39_server_3_x86_64.qcow2: of an ended release",
            "Needed images: 4; 2 missing, 1 too old, 1 of an ended release",
        ],
    )
    as_json = json.loads(check(hdds, "--format", "json").stdout)
    assert as_json["findings"][:2] == [
        {"file": F42, "state": "old", "age_days": 8.0},
        {"file": F43, "state": "missing", "age_days": None},
    ]


@pytest.mark.parametrize("sandbox", [{}], indirect=True)
def test_without_a_table_nothing_is_compared(sandbox: Sandbox, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["assets", "check"])
    assert (result.exit_code, "[assets] hdds" in result.stderr) == (2, True)
    assert check(tmp_path / "none.json").exit_code == 2
    assert sandbox.requests.all(path="/api/v1/assets") == ()


def test_an_openqa_that_is_away_is_a_problem(
    hdds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox() as running:
        for name, value in write_config_files(tmp_path, running).items():
            monkeypatch.setenv(name, value)
        result = check(hdds, "--openqa-hostname", "127.0.0.1:9")
    assert (result.exit_code, result.stdout) == (1, "")
