"""The servers under test: the embedded one always, the real one where it is installed."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedora_openqa.sandbox.openqa import OpenQAOptions
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.contract.signed import OpenQA
from tests.contract.templates import templates_for_loader, templates_for_sandbox
from tests.services.openqa_fixture import private_openqa, real_openqa

__all__ = ["private_openqa", "real_openqa"]


@pytest.fixture(
    scope="session", params=["embedded", pytest.param("real", marks=pytest.mark.service)]
)
def openqa(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OpenQA]:
    """An openQA with the contract's templates."""
    path = tmp_path_factory.mktemp("templates") / "templates.json"
    if request.param == "real":
        real = request.getfixturevalue("real_openqa")
        path.write_text(json.dumps(templates_for_loader()))
        real.load_templates(path)
        yield OpenQA(real.url, real.key, real.secret)
    else:
        path.write_text(json.dumps(templates_for_sandbox()))
        with Sandbox(embedded(path)) as sandbox:
            yield OpenQA(sandbox.url, sandbox.key, sandbox.secret)


@pytest.fixture
def build() -> str:
    """A BUILD of the test's own."""
    return f"Contract-{uuid.uuid4().hex[:12]}.n.0"


def embedded(templates: Path) -> SandboxOptions:
    """Return the options of a sandbox with these templates."""
    return SandboxOptions(openqa=OpenQAOptions(templates=templates))
