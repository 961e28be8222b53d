"""A sandbox whose openQA is watched, with a store."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.load import LoadReader
from fedora_openqa.gateways.openqa.presence import OpenQAPresence
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import Engine, open_engine
from fedora_openqa.store.forecasts import Forecasts
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.looks import Looks
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.workflows.forecasting import Forecasting
from fedora_openqa.workflows.lookout import Lookout
from fedora_openqa.workflows.watch import Watch
from tests.contract.signed import OpenQA
from tests.store.timed import StoppedClock
from tests.support.limits import limits_with
from tests.support.stores import copy_store

BUILD = "Fedora-Rawhide-20261126.n.0"


@dataclass
class Site:
    """A sandbox, a store and their clock."""

    sandbox: Sandbox
    url: str
    clock: StoppedClock

    def __post_init__(self) -> None:
        self.engine = open_engine(self.url)
        self.snapshots = Snapshots(self.engine, clock=self.clock)
        self.history = JobHistory(self.engine, clock=self.clock)

    def watch(self, owner: str = "a") -> Watch:
        return Watch(
            LoadReader(Reader(limits_with(attempts=1)), self.sandbox.url),
            self.snapshots,
            self.history,
            lookout_of(self.engine, self.sandbox.url, owner, clock=self.clock),
        )

    def schedule(self) -> list[int]:
        openqa = OpenQA(self.sandbox.url, self.sandbox.key, self.sandbox.secret)
        answer = openqa.schedule("Server-dvd-iso", BUILD, ISO="server.iso")
        return sorted(answer["ids"])

    @property
    def reads(self) -> int:
        return len(self.sandbox.requests.all(method="GET"))


def lookout_of(engine: Engine, url: str, owner: str, *, clock: Clock = database_time) -> Lookout:
    """Return what a process knows of the absence of an openQA."""
    return Lookout(OpenQAPresence(limits_with(attempts=1), url), Looks(engine, clock=clock), owner)


def watch_into(engine: Engine, url: str) -> Watch:
    """Return what watches an openQA and forecasts, as a worker does."""
    snapshots = Snapshots(engine)
    return Watch(
        LoadReader(Reader(limits_with(attempts=1)), url),
        snapshots,
        JobHistory(engine),
        lookout_of(engine, url, "a"),
        seen=Forecasting(Forecasts(engine), snapshots).update,
    )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Sandbox() as sandbox:
        yield Site(sandbox, copy_store(tmp_path / "store.db"), StoppedClock(1_000_000.0))
