"""The HTTP port of a worker: alive, ready, and the metrics of a day."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from fedora_openqa.model.work import Wanted
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from tests.cli.conftest import CommandOnSandbox
from tests.support.messages import UPDATE
from tests.support.waiting import wait_for


@dataclass
class Port:
    """A worker that is monitored."""

    cli: CommandOnSandbox
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.cli.directory / "worker.log").read_text()

    @property
    def address(self) -> str:
        wait_for(lambda: "monitoring on " in self.log)
        found = re.search(r"monitoring on (http://\S+)", self.log)
        assert found
        return found.group(1)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urlopen(f"{self.address}{path}", timeout=30) as answer:  # noqa: S310 - ours
                return answer.status, answer.read().decode()
        except HTTPError as exc:
            return exc.code, exc.read().decode()

    def has(self, line: str) -> bool:
        return f"\n{line}\n" in self.get("/metrics")[1]


@pytest.fixture
def port(cli: CommandOnSandbox) -> Iterator[Port]:
    cli.configure(f'\n[store]\nurl = "sqlite:///{cli.directory}/store.db"\n')
    with (cli.directory / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "fedora_openqa", "worker", "--listen", ":0"],
            env=cli.whole_environ,
            stderr=log,
        )
    yield Port(cli, process)
    process.terminate()
    assert process.wait(60) == 0


def test_a_worker_is_alive_and_ready_while_a_sink_is_away(port: Port) -> None:
    assert port.get("/live") == (200, "alive\n")
    wait_for(lambda: port.get("/ready") == (200, "ready\n"))
    assert port.get("/other")[0] == 404
    port.cli.sandbox.faults.add(Rule(Kind.ANSWER, path="/resultsdb/", status=502))
    engine = open_engine(f"sqlite:///{port.cli.directory}/store.db")
    Subjects(engine).want(
        Wanted(f"update:{UPDATE}", "update", {"update": UPDATE, "everything": True}),
        message_id=None,
    )
    scheduled = 'fedora_openqa_plan_seconds_count{kind="update"} 1.0'
    wait_for(lambda: port.has(scheduled))
    for line in (
        'fedora_openqa_lane_paused{lane="update"} 0.0',
        'fedora_openqa_parked{kind="update"} 0.0',
        'fedora_openqa_oldest_due_seconds{lane="resultsdb"} 0.0',
        'fedora_openqa_sweep_found_total{kind="compose"} 0.0',
    ):
        assert port.has(line), line
    wait_for(lambda: "# TYPE fedora_openqa_openqa_jobs gauge" in port.get("/metrics")[1])
    text = port.get("/metrics")[1]
    assert 'fedora_openqa_last_progress_timestamp_seconds{lane="update"}' in text
    assert 'fedora_openqa_request_seconds_count{service="bodhi"}' in text
    assert 'fedora_openqa_request_seconds_count{service="other"}' not in text
    assert UPDATE not in text
    assert port.get("/ready")[0] == 200


def test_a_worker_whose_port_is_taken_works_all_the_same(cli: CommandOnSandbox) -> None:
    cli.configure(f'\n[store]\nurl = "sqlite:///{cli.directory}/store.db"\n')
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "fedora_openqa", "worker", "--listen", f"127.0.0.1:{number}"],
            env=cli.whole_environ,
            stderr=subprocess.PIPE,
        )
        assert process.stderr
        for line in process.stderr:
            if b"no monitoring on 127.0.0.1:" in line:
                break
        else:
            pytest.fail("the worker ended")
        process.terminate()
        process.stderr.close()
        assert process.wait(60) == 0


def test_a_port_that_is_none_is_an_error(cli: CommandOnSandbox) -> None:
    cli.configure('\n[monitoring]\nlisten = "here"\n')
    checked = cli.run("config", "check")
    assert checked.status != 0
    assert "monitoring.listen" in checked.out + checked.err
