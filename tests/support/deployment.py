"""A deployment whose troubles a test makes, and the metrics that Prometheus would read of it."""

from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.openqa_load import OpenQALoad
from fedora_openqa.model.work import Wanted
from fedora_openqa.monitoring.metrics import (
    Cached,
    OwnTimes,
    PrometheusMeasures,
    as_text,
    new_registry,
    read_openqa,
    read_store,
)
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.health import Health
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.heartbeat import Pulse
from tests.store.timed import StoppedClock
from tests.support.stores import new_store

#: the time of the deployment's birth
NOON = 1_795_000_000.0


@dataclass
class Deployment:
    """One process on a store of its own; `clock` is the time for both."""

    folder: Path
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(NOON))
    load: OpenQALoad = field(default_factory=lambda: OpenQALoad({}, {}, {}))

    def __post_init__(self) -> None:
        engine = new_store(self.folder / "store.db")
        self.subjects = Subjects(engine, clock=self.clock)
        self.deliveries = Deliveries(engine, clock=self.clock)
        self.pauses = Pauses(engine, clock=self.clock)
        self.pulse = Pulse(clock=lambda: self.clock.now)
        self.registry = self._connect(Health(engine, clock=self.clock))

    def _connect(self, health: Health) -> CollectorRegistry:
        registry = new_registry()
        self.measures = PrometheusMeasures(registry, services={"https://x": "bodhi"})
        registry.register(
            OwnTimes(
                lambda: {topic: one.last for topic, one in self.pulse.topics.items()},
                lambda: self.pulse.lanes,
            )
        )
        registry.register(Cached(lambda: read_store(health, ()), lambda: True, seconds=0.0))
        registry.register(Cached(lambda: read_openqa(self.load), lambda: True, seconds=0.0))
        return registry

    def scrape(self) -> list[str]:
        """Return the samples, a line each: ``name{label="value"} 1.0``."""
        lines = as_text(self.registry).decode().splitlines()
        return [line for line in lines if not line.startswith("#")]

    def want(self, key: str) -> None:
        self.subjects.want(Wanted(key, key.partition(":")[0], {}), message_id=None)

    def report(self, sink: Sink) -> None:
        self.deliveries.want([WantedDelivery(sink=sink, build="B", item="1")])


def everything(folder: Path) -> list[str]:
    """Return the samples of a deployment in which every metric has a value."""
    deployment = Deployment(folder)
    deployment.want("update:U")
    deployment.report(Sink.WIKI)
    deployment.subjects.swept({"update": 1})
    deployment.pulse.hear("openqa.job.done")
    deployment.pulse.progress(["update"])
    deployment.load = OpenQALoad(
        jobs={("scheduled", "x86_64"): 1},
        workers={("tap", "idle"): 1},
        oldest_scheduled={"tap": 1.0},
    )
    measures = deployment.measures
    measures.message("openqa.job.done", "delivery")
    measures.planned("update", 1.0)
    measures.delivered("wiki", 1.0)
    measures.forecast("update", 1.1)
    measures.lease_lost("update")
    measures.job_result("update", "x86_64", "passed")
    measures.request("https://x/updates", 1.0, "5xx")
    return deployment.scrape()
