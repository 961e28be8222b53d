"""``fedora-openqa status``: live processes and problems, also as a check for monitoring."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection

from fedora_openqa import __version__
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.health import Heard, Process
from fedora_openqa.store.clock import database_time
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.health import Health
from fedora_openqa.store.subjects import Subjects
from tests.cli.conftest import CommandOnSandbox
from tests.support.waiting import wait_for

HOUR = 3600.0
PUNGI = "pungi.compose.status.change"


@dataclass
class Place:
    cli: CommandOnSandbox

    def __post_init__(self) -> None:
        url = f"sqlite:///{self.cli.directory}/store.db"
        self.cli.configure(f'\n[store]\nurl = "{url}"\n')
        self.engine = open_engine(url)

    def want_an_hour_ago(self, sink: Sink) -> None:
        def earlier(connection: Connection) -> float:
            return database_time(connection) - HOUR

        wanted = WantedDelivery(sink=sink, build="B", item="1")
        Deliveries(self.engine, clock=earlier).want([wanted])

    def hear(self, last: float) -> None:
        """Store a live scheduler that usually hears of a compose every minute."""
        Health(self.engine).report(
            Process(
                host="qa01",
                pid=1,
                role="scheduler",
                version=__version__,
                lanes={},
                topics={PUNGI: Heard(last, 60.0)},
                started=last - HOUR,
                seen=time.time(),
            )
        )

    def check(self) -> tuple[int, str]:
        ended = self.cli.run("status", "--check")
        assert ended.out.count("\n") == 1
        return ended.status, ended.out


@pytest.fixture
def place(cli: CommandOnSandbox) -> Place:
    return Place(cli)


@pytest.mark.parametrize(
    "command", [["status"], ["parked", "list"], ["explain", "--offline", "wiki:B"]]
)
def test_a_store_that_is_written_to_is_read_at_once(place: Place, command: list[str]) -> None:
    place.want_an_hour_ago(Sink.WIKI)
    other = sqlite3.connect(f"{place.cli.directory}/store.db", isolation_level=None)
    # until the end of the test: a command that waited for it would fail
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM subject")
    ended = place.cli.run(*command)
    other.close()
    assert (ended.status, ended.err) == (0, "")


@pytest.fixture
def worker(place: Place) -> Iterator[Path]:
    """Start a worker of the lane of mails alone; give its log."""
    log = place.cli.directory / "worker.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "fedora_openqa", "worker", "--only", "mail"],
            env=place.cli.whole_environ,
            stderr=file,
        )
    yield log
    process.terminate()
    process.wait()


def test_an_idle_deployment_is_ok(place: Place) -> None:
    assert place.check() == (0, "OK: nothing is stuck, parked or away\n")


def test_work_that_no_process_does_is_a_warning_everywhere(place: Place, worker: Path) -> None:
    place.want_an_hour_ago(Sink.RESULTSDB)
    status, line = place.check()
    assert (status, line.partition(":")[0]) == (1, "WARNING")
    assert "no process works on lane resultsdb" in line
    assert "Warning: no process works on lane resultsdb" in place.cli.run("status").out
    wait_for(lambda: "WARNING [-] [-] no process works on lane resultsdb" in worker.read_text())


def test_live_processes_are_shown(place: Place, worker: Path) -> None:
    wait_for(lambda: place.cli.run("status", "--format", "json").json["processes"])
    (process,) = place.cli.run("status", "--format", "json").json["processes"]
    assert (process["role"], process["version"]) == ("worker", __version__)
    assert set(process["lanes"]) == {"mail"}
    assert process["topics"] == {}
    assert "Process worker " in place.cli.run("status").out
    assert "fedora-openqa" in worker.read_text()


def test_a_consumer_that_hears_nothing_while_the_sweep_finds_work_is_critical(
    place: Place,
) -> None:
    place.hear(time.time() - HOUR)
    # a quiet Sunday
    assert place.check()[0] == 0
    assert f"  {PUNGI}: last message 1 h" in place.cli.run("status").out
    Subjects(place.engine).swept({"compose": 1})
    status, line = place.check()
    assert (status, line.partition(":")[0]) == (2, "CRITICAL")
    assert "scheduler qa01:1 has had no message about lane compose for" in line
    place.hear(time.time())
    assert place.check()[0] == 0


def test_a_store_that_does_not_answer_is_critical(place: Place) -> None:
    with place.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE process RENAME TO gone")
    status, line = place.check()
    assert (status, line.partition(":")[0]) == (2, "CRITICAL")
