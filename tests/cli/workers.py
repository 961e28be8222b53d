"""Workers as processes on a sandbox with a store."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.work import StoredSubject, SubjectState, Wanted
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from tests.cli.conftest import CommandOnSandbox

#: updates of the sandbox's Bodhi
UPDATES = ("FEDORA-2026-3c1e7a90d2", "FEDORA-2026-5d02b7e318", "FEDORA-2026-2ea4091b7c")


@dataclass
class Place:
    """A sandbox with a store, and workers as processes."""

    cli: CommandOnSandbox

    def __post_init__(self) -> None:
        self.engine = open_engine(f"sqlite:///{self.cli.directory}/store.db")
        self.subjects = Subjects(self.engine)
        self.cli.configure(
            f'\n[store]\nurl = "sqlite:///{self.cli.directory}/store.db"\n'
            "[worker]\nlease = 600.0\nstop = 300.0\n[http]\nattempts = 1\n"
        )

    @property
    def log(self) -> str:
        return (self.cli.directory / "worker.log").read_text(errors="replace")

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        with (self.cli.directory / "worker.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "-m", "fedora_openqa", "worker", *options],
                env=self.cli.whole_environ,
                stderr=log,
            )

    def ended(self, worker: subprocess.Popen[bytes]) -> int:
        """Wait for the end of a worker; make one that hangs log where its threads are."""
        try:
            return worker.wait(60)
        except subprocess.TimeoutExpired:
            worker.send_signal(signal.SIGABRT)
            return worker.wait()

    def want(self, *aliases: str, again: bool = False) -> None:
        for alias in aliases:
            request = {"update": alias, "everything": True}
            key = f"update:{alias}"
            self.subjects.want(Wanted(key, "update", request, again=again), message_id=None)

    def report(self, job: int, *, sink: Sink) -> None:
        Deliveries(self.engine).want([WantedDelivery(sink=sink, build="B", item=str(job))])

    def update(self, alias: str) -> StoredSubject:
        found = self.subjects.find(f"update:{alias}")
        assert found
        return found

    def states(self) -> set[SubjectState]:
        return {found.state for found in self.subjects.all()}

    def status(self) -> Any:  # noqa: ANN401 - JSON
        return self.cli.run("status", "--format", "json").json


@pytest.fixture
def place(cli: CommandOnSandbox) -> Place:
    return Place(cli)


@pytest.fixture
def run(place: Place) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start workers that end with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*options: str) -> subprocess.Popen[bytes]:
        started.append(place.start(*options))
        return started[-1]

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


def wait_for(condition: Callable[[], bool], worker: subprocess.Popen[bytes], place: Place) -> None:
    """Wait; the test's time limit ends this."""
    while not condition():
        assert worker.poll() is None, place.log
        time.sleep(0.05)


Run = Callable[..., "subprocess.Popen[bytes]"]
