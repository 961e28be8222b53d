"""The systemd units: what they run is understood, and systemd accepts them."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.deploy.commands import DEPLOY, assert_understood
from tests.services.installed import need_program

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))

#: the exposure that `systemd-analyze security` may find, in tenths of 0 to 10
EXPOSURE = 30


def command(unit: Path) -> Sequence[str]:
    (line,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), flags=re.MULTILINE)
    return shlex.split(line)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: str(path.name))
def test_commands_are_understood(unit: Path) -> None:
    assert_understood(command(unit))


def test_timers_start_units_that_exist() -> None:
    assert {timer.with_suffix(".service") for timer in TIMERS} <= set(UNITS)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: str(path.name))
def test_services_that_stay_are_not_restarted_after_a_wrong_configuration(unit: Path) -> None:
    text = unit.read_text()
    if "Restart=" in text:
        assert "RestartPreventExitStatus=78" in text


@pytest.mark.service
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    analyze = need_program("systemd-analyze")
    for unit in UNITS:
        program = tmp_path / command(unit)[0].lstrip("/")
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    folder = tmp_path / "etc/systemd/system"
    folder.mkdir(parents=True)
    # systemd's own units, which ours name
    shutil.copytree("/lib/systemd/system", tmp_path / "lib/systemd/system", symlinks=True)
    names = []
    for unit in (*UNITS, *TIMERS):
        names.append(unit.name.replace("@.", "@one."))
        (folder / unit.name).write_text(unit.read_text())
    asked = subprocess.run(
        [analyze, "verify", "--man=no", f"--root={tmp_path}", *names],
        capture_output=True,
        check=False,
        text=True,
    )
    # what Debian's units run is not in this root
    ours = [line for line in asked.stderr.splitlines() if "fedora-openqa" in line]
    assert ours == []


@pytest.mark.service
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: str(path.name))
def test_a_service_is_exposed_to_little(unit: Path) -> None:
    analyze = need_program("systemd-analyze")
    asked = subprocess.run(
        [analyze, "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", unit],
        capture_output=True,
        check=False,
        text=True,
    )
    assert asked.returncode == 0, asked.stdout[-200:]
