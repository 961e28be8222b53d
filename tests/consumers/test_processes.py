"""Consumers as processes: how they end at start, and what SIGHUP does to them."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fedora_openqa.errors import MAY_PASS, WRONG_DEPLOYMENT
from fedora_openqa.logs import HANGUP
from tests.support.waiting import wait_for

FILES = Path(__file__).parent.parent.parent / "fedmsg.d"
CALLBACKS = (
    "scheduler:Scheduler",
    "resultsdb_reporter:ResultsDBReporter",
    "wiki_reporter:WikiReporter",
    "autocloud_reporter:AutocloudReporter",
    "compose_checker:ComposeChecker",
)


@contextmanager
def consumer(
    directory: Path, callback: str = CALLBACKS[0], *, port: int = 9, tls: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a consumer whose broker is away; its log is the file ``log``.

    :param port: of the broker
    :param tls: its table; empty: the connection is not encrypted
    """
    text = (FILES / "scheduler.private.toml").read_text()
    text = text.replace("consumers.scheduler:Scheduler", f"consumers.{callback}")
    if tls:
        text = f"{text.replace('amqp://', 'amqps://')}\n{tls}"
    (directory / "consumer.toml").write_text(text.replace("127.0.0.1:5672", f"127.0.0.1:{port}"))
    (directory / "config.toml").touch()
    program = Path(sys.executable).with_name("fedora-messaging")
    command = [str(program), "--conf", str(directory / "consumer.toml"), "consume"]
    ours = {
        "HOME": str(directory),
        "FEDORA_OPENQA_CONFIG": str(directory / "config.toml"),
        "OPENQA_API_KEY": "K",
        "OPENQA_API_SECRET": "S",
    }
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | ours, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def end_of(directory: Path, callback: str) -> tuple[int, list[str]]:
    """Start a consumer that cannot start; return its exit status and what it wrote."""
    with consumer(directory, callback) as process:
        status = process.wait(120)
    return status, (directory / "log").read_text().splitlines()


@pytest.mark.parametrize("callback", CALLBACKS)
def test_a_wrong_deployment_is_78_and_one_sentence(tmp_path: Path, callback: str) -> None:
    (tmp_path / "config.toml").write_text("[openqa]\nhost = 1\n")
    status, lines = end_of(tmp_path, callback)
    assert status == WRONG_DEPLOYMENT
    assert len(lines) == 2, lines
    assert "Starting consumer" in lines[0]
    assert "this consumer cannot start" in lines[1]
    assert f"{tmp_path}/config.toml: Object contains unknown field `host`" in lines[1]


def test_a_missing_file_of_tls_is_78_and_one_sentence(tmp_path: Path) -> None:
    with consumer(tmp_path, tls='[tls]\nca_cert = "/none"\n') as process:
        status = process.wait(120)
    (line,) = (tmp_path / "log").read_text().splitlines()[1:]
    assert status == WRONG_DEPLOYMENT
    assert "this consumer cannot start: [tls] ca_cert /none: No such file or directory" in line


@pytest.mark.parametrize("callback", [CALLBACKS[0], CALLBACKS[-1]])
def test_a_database_that_is_away_is_75_and_one_sentence(tmp_path: Path, callback: str) -> None:
    (tmp_path / "config.toml").write_text(
        '[store]\nurl = "postgresql+psycopg://openqa:hidden@127.0.0.1:9/openqa"\n'
    )
    status, lines = end_of(tmp_path, callback)
    assert status == MAY_PASS
    assert len(lines) == 2, lines
    assert "this consumer cannot start: database: " in lines[1]
    assert "hidden" not in lines[1]


@pytest.mark.slow  # it waits for the time limit of a handshake
def test_a_broker_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with consumer(tmp_path, port=port) as process:
            assert process.wait(120) == 14
    assert "the TLS or AMQP handshake with the broker failed" in (tmp_path / "log").read_text()


def test_a_hangup_is_ignored_and_logged(tmp_path: Path) -> None:
    with consumer(tmp_path) as process:
        log = tmp_path / "log"
        wait_for(lambda: "waits for the broker" in log.read_text())
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: HANGUP in log.read_text())
        process.terminate()
        assert process.wait(120) == 0
