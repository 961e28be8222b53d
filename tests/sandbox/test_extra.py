"""The libraries of the sandbox are an extra: a deployment does not have them."""

import configparser
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_imports import MODULES, imports, within

ROOT = Path(__file__).parent.parent.parent
RUN = """
import sys
for library in {missing!r}:
    sys.modules[library] = None  # import raises ModuleNotFoundError
from fedora_openqa.cli import main
main({args!r})
"""


def requirements(section: str, key: str) -> set[str]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lines = setup[section][key].splitlines()
    return {line.split()[0].lower() for line in lines if line and not line.startswith("#")}


#: without those of another extra, which a deployment may have
EXTRA = {
    library
    for library in requirements("options.extras_require", "sandbox")
    if not library.startswith("fedora-openqa[")
}


def run(*args: str) -> subprocess.CompletedProcess[str]:
    code = RUN.format(missing=sorted(EXTRA), args=list(args))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("args", [("sandbox",), ("sandbox", "--demo")])
def test_without_the_extra_one_sentence_names_what_to_install(args: tuple[str, ...]) -> None:
    ended = run(*args)
    assert ended.returncode == 2
    assert ended.stderr == (
        "Error: the sandbox needs aiohttp: pip install 'fedora-openqa[sandbox]'\n"
    )
    assert not ended.stdout


def test_a_deployment_does_not_install_what_only_the_sandbox_imports() -> None:
    used = {
        imported.split(".")[0]
        for module, tree in MODULES.items()
        if not within(module, ("fedora_openqa.sandbox",))
        for imported in imports(tree)
    }
    assert {"aiohttp", "aiosmtpd", "productmd"} == EXTRA
    assert not EXTRA & used
    assert not EXTRA & requirements("options", "install_requires")
