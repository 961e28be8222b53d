"""Commands in a container whose uid has neither a passwd entry nor a home folder."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from fedora_openqa.accounts import expand_home, home_folder, user_name
from tests.cli.conftest import CommandOnSandbox, Ended
from tests.support.jobs import BUILD

UID = "54321"
#: reads the interpreter, wherever it is installed, and is otherwise an account without rights
AS_NOBODY = (
    *("setpriv", "--reuid", UID, "--regid", UID, "--clear-groups"),
    *("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"),
)
other_account = pytest.mark.skipif(
    os.getuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv"
)


def run(*arguments: str, environ: dict[str, str]) -> Ended:
    ended = subprocess.run(
        [*AS_NOBODY, sys.executable, "-m", "fedora_openqa", *arguments],
        env={"PATH": os.environ["PATH"], **environ},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@other_account
@pytest.mark.parametrize("home", [{}, {"HOME": "/root"}])
def test_a_uid_without_name_and_home_can_do_everything(
    cli: CommandOnSandbox, tmp_path: Path, home: dict[str, str]
) -> None:
    tmp_path.chmod(0o777)
    environ = {**home, "FEDORA_OPENQA_CONFIG": str(cli.config)}
    key = {"OPENQA_API_KEY": cli.sandbox.key, "OPENQA_API_SECRET": cli.sandbox.secret}
    location = cli.sandbox.compose_location
    flavor = ("--flavors", "i3-live-iso")
    store = {"STATE_DIRECTORY": str(tmp_path)}
    checked = run("config", "check", environ=environ | store)
    assert checked.status == 0, checked.out
    assert "store.url is not set" in run("config", "check", environ=environ).out
    nokey = run("compose", location, *flavor, environ=environ)
    assert nokey.status == 2
    assert "no API key" in nokey.err
    scheduled = run("compose", location, *flavor, environ=environ | key)
    assert scheduled.status == 0, scheduled.err
    assert run("rerun", BUILD, "--failed", "--dry-run", environ=environ).status == 1
    paused = run("pause", "update:43", "--reason", "x", environ=environ | key | store)
    assert paused.status == 0, paused.err
    assert f"uid {UID}" in run("status", environ=environ | store).out
    unstored = run("status", environ=environ)
    assert unstored.status == 2
    assert "no home folder" in unstored.err


def test_without_a_home_folder_there_are_no_files_in_it(tmp_path: Path) -> None:
    assert home_folder({"HOME": str(tmp_path)}) == tmp_path
    assert home_folder({"HOME": str(tmp_path / "none")}) is None
    assert expand_home("~/a", {"HOME": str(tmp_path)}) == tmp_path / "a"
    assert expand_home("~/a", {"HOME": str(tmp_path / "none")}) is None
    assert expand_home("/a/~/b", {"HOME": str(tmp_path / "none")}) == Path("/a/~/b")


def test_the_user_is_named_by_the_environment_first() -> None:
    assert user_name({"LOGNAME": "", "USER": "ada"}) == "ada"
