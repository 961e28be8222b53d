import configparser
import os
import signal
import socket
import threading
from pathlib import Path

import pytest
import requests
from openqa_client.client import OpenQA_Client

from fedora_openqa.errors import ConfigError
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions, serve, write_client_files

EMPTY = SandboxOptions(openqa=OpenQAOptions(templates=Templates()))


def test_the_default_sandbox_has_templates_and_a_compose() -> None:
    with Sandbox() as sandbox:
        assert requests.get(f"{sandbox.url}/api/v1/job_groups", timeout=30).json()
        metadata = f"{sandbox.compose_location}/metadata/composeinfo.json"
        assert requests.get(metadata, timeout=30).ok
    with pytest.raises(requests.ConnectionError):
        requests.get(sandbox.url, timeout=5)


def test_openqas_own_client_finds_the_sandbox_by_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(EMPTY) as sandbox:
        [path] = write_client_files(tmp_path / ".config/openqa", sandbox).values()
        sections = configparser.ConfigParser()
        sections.read(path)
        assert sections.sections() == [sandbox.url.removeprefix("http://")]
        monkeypatch.setenv("HOME", str(tmp_path))
        client = OpenQA_Client(sandbox.url, retries=0)
        assert client.openqa_request("POST", "jobs/restart")["errors"] == ["No job IDs specified"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        Sandbox(EMPTY) as sandbox,
        pytest.raises(ConfigError, match="file/folder: Not a directory"),
    ):
        write_client_files(tmp_path / "file/folder", sandbox)


def test_files_of_others_are_not_overwritten(tmp_path: Path) -> None:
    production = {"client.conf": "[openqa.example]\nkey = K\n", "config.toml": "[openqa]\n"}
    for name, content in production.items():
        (tmp_path / name).write_text(content)
    with Sandbox(EMPTY) as sandbox:
        with pytest.raises(ConfigError) as refusal:
            write_config_files(tmp_path, sandbox)
        for name, content in production.items():
            assert str(tmp_path / name) in str(refusal.value)
            assert (tmp_path / name).read_text() == content
        assert {path.name for path in tmp_path.iterdir()} == {*production}


def test_files_of_the_sandbox_are_overwritten_and_private(tmp_path: Path) -> None:
    for _ in range(2):
        with Sandbox(EMPTY) as sandbox:
            write_config_files(tmp_path, sandbox)
            assert sandbox.url in (tmp_path / "config.toml").read_text()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_taken_port_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = SandboxOptions(port=port, openqa=EMPTY.openqa)
        with pytest.raises(ConfigError) as problem, Sandbox(options):
            pytest.fail("it listens on a taken port")
    assert str(problem.value) == (f"sandbox: cannot listen on 127.0.0.1:{port}: {os.strerror(98)}")


def test_a_wrong_file_of_templates_ends_the_start(tmp_path: Path) -> None:
    openqa = OpenQAOptions(templates=tmp_path / "none.json")
    before = threading.active_count()
    with pytest.raises(ConfigError, match=r"none\.json"), Sandbox(SandboxOptions(openqa=openqa)):
        pytest.fail("it runs without templates")
    assert threading.active_count() <= before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_with_a_signal(number: signal.Signals) -> None:
    seen: list[int] = []

    def started(sandbox: Sandbox) -> None:
        seen.append(requests.get(f"{sandbox.url}/api/v1/jobs", timeout=30).status_code)
        os.kill(os.getpid(), number)

    before = signal.getsignal(number)
    serve(EMPTY, started=started)
    assert seen == [200]
    assert signal.getsignal(number) is before
