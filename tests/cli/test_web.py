"""``fedora-openqa web`` as a process: it serves pages, is monitored, and ends on a signal."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.request import urlopen

import pytest

from tests.cli.conftest import CommandOnSandbox
from tests.support.served import ServedPages, token_in
from tests.support.waiting import wait_for


@dataclass
class Server:
    cli: CommandOnSandbox
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.cli.directory / "web.log").read_text()

    def address(self, what: str) -> str:
        wait_for(lambda: f"{what} on http" in self.log)
        found = re.search(rf"{what} on (http://\S+)", self.log)
        assert found
        return found[1]

    def get(self, url: str) -> str:
        with urlopen(url, timeout=30) as answer:  # noqa: S310 - ours
            text: str = answer.read().decode()
            return text


@pytest.fixture
def server(cli: CommandOnSandbox) -> Iterator[Server]:
    cli.configure(f'\n[store]\nurl = "sqlite:///{cli.directory}/store.db"\n')
    options = ("--listen", ":0", "--monitor", ":0")
    with (cli.directory / "web.log").open("wb") as log, (cli.directory / "out").open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "fedora_openqa", "web", *options],
            env=cli.whole_environ,
            stdout=out,
            stderr=log,
        )
    yield Server(cli, process)
    process.kill()
    process.wait()


def test_the_process_serves_pages_and_is_monitored_until_a_signal(server: Server) -> None:
    address = server.address("pages")
    assert "What needs a person" in server.get(address)
    port = server.address("monitoring")
    assert server.get(f"{port}/live") == "alive\n"
    wait_for(lambda: server.cli.run("status", "--format", "json").json["processes"])
    assert server.get(f"{port}/ready") == "ready\n"
    assert "fedora_openqa_info" in server.get(f"{port}/metrics")
    (reported,) = server.cli.run("status", "--format", "json").json["processes"]
    assert (reported["role"], reported["lanes"]) == ("web", {})
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(60) == 0
    assert "Traceback" not in server.log
    assert ", web: serves pages" in server.log


def test_a_port_that_is_taken_is_a_wrong_configuration(cli: CommandOnSandbox) -> None:
    cli.configure(f'\n[store]\nurl = "sqlite:///{cli.directory}/store.db"\n')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "fedora_openqa", "web", "--listen", f":{number}"],
            env=cli.whole_environ,
            capture_output=True,
            text=True,
            check=False,
        )
    assert ended.returncode == 78
    assert f"Error: web.listen: 127.0.0.1:{number}: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_who_has_the_token_that_is_printed_once_acts(server: Server) -> None:
    pages = ServedPages(server.address("pages"))
    printed = (server.cli.directory / "out").read_text()
    assert printed.count("Token") == 1
    assert token_in(printed)
    assert token_in(printed) not in server.log
    assert "Log out" in pages.send("/login", token=token_in(printed)).text
    pause = pages.send("/act/pause?target=update", reason="openQA moves")
    assert pause.url.endswith("/audit/1")
    assert "openQA moves" in server.cli.run("status").out
    (act,) = server.cli.run("audit", "--format", "json").json
    assert (act["what"], act["role"], act["outcome"]) == ("pause", "admin", "paused")
    assert "is not paused" not in pages.get("/act/resume?target=update")


def test_beyond_the_loopback_interface_it_does_not_start_without_a_login(
    cli: CommandOnSandbox,
) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "fedora_openqa", "web", "--listen", "0.0.0.0:0"],
        env=cli.whole_environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (78, "")
    assert "beyond the loopback interface people can act only with web.openid" in ended.stderr
    assert "Traceback" not in ended.stderr
