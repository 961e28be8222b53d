"""The real command on the sandbox."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from click.testing import CliRunner
from openqa_client.client import OpenQA_Client

from fedora_openqa.cli import main
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import LoggedRequest
from fedora_openqa.sandbox.running import Sandbox

#: a read that fails is repeated once
TWO_TRIES = "[http]\nattempts = 2\n"


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - it is
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandOnSandbox:
    """A sandbox, and a command that knows where it is."""

    sandbox: Sandbox
    directory: Path
    environ: Mapping[str, str]

    @property
    def config(self) -> Path:
        return self.directory / "config.toml"

    @property
    def whole_environ(self) -> Mapping[str, str]:
        """What a process of its own needs."""
        return {**os.environ, **self.environ}

    @property
    def posts(self) -> tuple[LoggedRequest, ...]:
        return self.sandbox.requests.all(method="POST", path="/api/v1/isos$")

    def configure(self, text: str) -> None:
        """Add to the configuration; a table that is there already must be replaced."""
        self.config.write_text(self.config.read_text() + text)

    def run(self, *arguments: str, environ: Mapping[str, str] = MappingProxyType({})) -> Ended:
        result = CliRunner().invoke(main, arguments, env={**self.environ, **environ})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(result.exit_code, result.stdout, result.stderr)

    def compose(self, *options: str, location: str | None = None) -> Ended:
        return self.run("compose", location or self.sandbox.compose_location, *options)

    def get(self, path: str, **params: str) -> Any:  # noqa: ANN401 - JSON
        return self._client.openqa_request("GET", path, params=params)

    def read(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return self._client.openqa_request("GET", f"/{path}")

    def post(self, path: str) -> Any:  # noqa: ANN401 - JSON
        return self._client.openqa_request("POST", path)

    @property
    def _client(self) -> OpenQA_Client:
        client = OpenQA_Client(server=self.sandbox.url, retries=0)
        client.session.headers["X-API-Key"] = self.sandbox.key
        client.apisecret = self.sandbox.secret
        return client


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[CommandOnSandbox]:
    with Sandbox() as sandbox:
        environ = {**write_config_files(tmp_path, sandbox), "HOME": str(tmp_path)}
        yield CommandOnSandbox(sandbox, tmp_path, environ)
