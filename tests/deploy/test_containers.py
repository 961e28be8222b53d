"""The Containerfile and the Quadlets: what they run is understood."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.deploy.commands import DEPLOY, assert_understood

FOLDER = DEPLOY / "containers"
QUADLETS = sorted(FOLDER.glob("*.container"))

#: keys of Quadlet's [Container] that we use: podman-systemd.unit(5)
KEYS = {
    *("Image", "Exec", "Entrypoint", "User", "Group", "ReadOnly", "NoNewPrivileges"),
    *("DropCapability", "Tmpfs", "Volume", "PublishPort"),
}


def last(instruction: str) -> list[str]:
    (*_, found) = re.findall(rf"^{instruction} (.*)$", containerfile(), flags=re.MULTILINE)
    return [str(word) for word in re.findall(r'"([^"]*)"', found)]


def containerfile() -> str:
    return (FOLDER / "Containerfile").read_text()


def test_the_image_runs_a_worker_as_no_root() -> None:
    assert_understood([*last("ENTRYPOINT"), *last("CMD")])
    assert re.search(r"^USER [1-9][0-9]*:0$", containerfile(), flags=re.MULTILINE)


@pytest.mark.parametrize("path", QUADLETS, ids=lambda path: str(path.name))
def test_quadlets_run_what_the_image_has(path: Path) -> None:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read_string(path.read_text())
    container = unit["Container"]
    assert set(container) <= KEYS
    entry = [container["Entrypoint"]] if "Entrypoint" in container else last("ENTRYPOINT")
    assert_understood([*entry, *shlex.split(container["Exec"])])
    assert container["ReadOnly"] == "true"
    assert container["DropCapability"] == "all"
    assert unit["Service"]["RestartPreventExitStatus"] == "78"
