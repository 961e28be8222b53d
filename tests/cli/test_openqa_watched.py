"""What the processes of a deployment ask openQA, while it answers and while it is away."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from fedora_openqa.config import load_config
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.wiring.service import open_service
from fedora_openqa.workflows.service import Service
from fedora_openqa.workflows.watch import Watch
from tests.cli.workers import UPDATES, Place, place
from tests.support.waiting import wait_for

__all__ = ["place"]

PROCESSES = 3
#: seconds between two reads, and between two looks of all processes: a minute, but shorter
EVERY, LOOK = 1.0, 0.5
READS = {"assigned,scheduled", "running,setup,uploading", "workers", "influxdb"}
SMALL = "/api/v1/jobs?ids=1&limit=1"


@dataclass
class Deployment:
    """Processes with workers on one store, and one openQA."""

    place: Place
    services: list[Service] = field(default_factory=list)

    def start(self) -> None:
        for _ in range(PROCESSES):
            service = open_service(
                load_config(self.place.cli.config, environ={}), "worker", sinks=[Sink.RESULTSDB]
            )
            self.services.append(service)
            watch = self.watch(service)
            watch.every, watch.first_after, watch.learn_every = EVERY, 0.1, 0.3
            watch.lookout.every = LOOK
        for service in self.services:
            service.start(lambda _failure: None)

    @staticmethod
    def watch(service: Service) -> Watch:
        assert isinstance(service.watch, Watch)
        return service.watch

    @property
    def unready(self) -> list[bool]:
        return [bool(self.watch(service).lookout.unready()) for service in self.services]

    def end(self) -> None:
        for service in self.services:
            assert service.end()
        self.services.clear()

    @property
    def asked(self) -> Counter[str]:
        """What openQA was asked, to how often."""
        return Counter(
            next((read for read in READS if read in query), query)
            for request in self.place.cli.sandbox.requests.all(path="^/(api/v1|admin)/")
            if (query := f"{request.path}?{request.query}".replace("%2C", ","))
        )


@pytest.fixture
def deployment(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployment]:
    for name, value in place.cli.environ.items():
        monkeypatch.setenv(name, value)
    deployment = Deployment(place)
    yield deployment
    deployment.end()


def test_while_openqa_answers_all_processes_ask_four_reads_a_period(deployment: Deployment) -> None:
    place = deployment.place
    # what fails elsewhere is no reason to ask openQA
    place.cli.sandbox.faults.add(Rule(Kind.ANSWER, path="^/bodhi", status=502))
    place.want(*UPDATES)
    since = time.monotonic()
    deployment.start()
    wait_for(lambda: deployment.asked["workers"] >= 4)
    wait_for(lambda: all(place.update(alias).attempts for alias in UPDATES))
    deployment.end()
    asked, periods = deployment.asked, (time.monotonic() - since) / EVERY
    times = asked["workers"]
    assert asked == dict.fromkeys(READS, times)
    # two reads of a process may be closer by 2 %
    assert times <= periods / 0.98 + 1


@pytest.mark.parametrize("watch", [True, False])
def test_while_openqa_is_away_one_process_looks_and_all_know(
    deployment: Deployment, caplog: pytest.LogCaptureFixture, *, watch: bool
) -> None:
    place = deployment.place
    config = place.cli.config.read_text()
    place.cli.config.write_text(
        config.replace("[openqa]", f"[openqa]\nwatch = {'true' if watch else 'false'}")
    )
    faults = place.cli.sandbox.faults
    faults.add(Rule(Kind.ANSWER, path="^/(api/v1|admin)/", status=502))
    if not watch:
        # an attempt of one process is enough
        place.want(UPDATES[0])
    deployment.start()
    wait_for(lambda: all(deployment.unready))
    before, since = deployment.asked, time.monotonic()
    place.want(*UPDATES)
    wait_for(lambda: deployment.asked[SMALL] >= before[SMALL] + 8)
    more, seconds = deployment.asked - before, time.monotonic() - since
    assert set(more) == {SMALL}
    # one may have begun before, and its answer may be slow
    assert more.total() <= seconds / LOOK + 3
    assert all(deployment.unready)
    faults.clear()
    wait_for(lambda: place.states() == {SubjectState.SCHEDULED})
    wait_for(lambda: not any(deployment.unready))
    deployment.end()
    said = Counter(record.message.partition(":")[0] for record in caplog.records)
    assert (said["openQA is away"], said["openQA answers again"]) == (PROCESSES, PROCESSES)
