"""Connects the HTTP port of a process with its metrics and its health."""

from collections.abc import Callable

from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.measures import measure_with
from fedora_openqa.model.openqa_load import OpenQALoad
from fedora_openqa.monitoring.metrics import (
    STORE_SECONDS,
    Cached,
    OwnTimes,
    PrometheusMeasures,
    as_text,
    new_registry,
    read_openqa,
    read_store,
)
from fedora_openqa.monitoring.server import Monitor
from fedora_openqa.policy.queue import NO_LOAD, load_of
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.workflows.heartbeat import Heartbeat
from fedora_openqa.workflows.lookout import Lookout

#: where a port without a host is opened
LOOPBACK = "127.0.0.1"


def open_monitor(
    config: Config,
    heartbeat: Heartbeat | None,
    *,
    connected: Callable[[], bool],
    snapshots: ports.Snapshots | None = None,
    lookout: Lookout | None = None,
) -> Monitor:
    """Connect the port that the configuration names, and measure this process from now on.

    :param heartbeat: None: the process has no store
    :param connected: returns whether the process is connected to its broker
    :param snapshots: what openQA was last seen to do; None: the process has no store
    :param lookout: None: the process does not need openQA

    Raises:
        ConfigError: openQA's hostname is not valid.
    """
    openqa_url = Gateways(config).openqa.url
    registry = new_registry()
    measure_with(PrometheusMeasures(registry, services=_services(config, openqa_url)))
    if heartbeat:
        for collector in _collectors(config, heartbeat, snapshots):
            registry.register(collector)

    def unready() -> tuple[str, ...]:
        broker = () if connected() else ("the consumer is not connected to its broker",)
        return (
            *broker,
            *(heartbeat.unready() if heartbeat else ()),
            *(lookout.unready() if lookout else ()),
        )

    host, _, port = config.monitoring.listen.rpartition(":")
    return Monitor(
        host=host or LOOPBACK,
        port=int(port),
        unready=unready,
        metrics=lambda: as_text(registry),
    )


def _collectors(
    config: Config, heartbeat: Heartbeat, snapshots: ports.Snapshots | None
) -> tuple[OwnTimes | Cached, ...]:
    pulse = heartbeat.pulse

    def load() -> OpenQALoad:
        return load_of(snapshots.observed(), now=snapshots.now()) if snapshots else NO_LOAD

    return (
        OwnTimes(
            messages=lambda: {topic: one.last for topic, one in dict(pulse.topics).items()},
            progress=lambda: dict(pulse.lanes),
        ),
        Cached(
            lambda: read_store(heartbeat.health, config.paused),
            leads=lambda: heartbeat.leads,
            seconds=STORE_SECONDS,
        ),
        Cached(
            lambda: read_openqa(load()),
            leads=lambda: heartbeat.leads,
            seconds=STORE_SECONDS,
        ),
    )


def _services(config: Config, openqa_url: str) -> dict[str, str]:
    """Return what the URLs of each service begin with, to its name."""
    return {
        openqa_url: "openqa",
        config.bodhi.url: "bodhi",
        config.greenwave.url: "greenwave",
        config.waiverdb.url: "waiverdb",
        config.resultsdb.url: "resultsdb",
        config.datagrepper.url: "datagrepper",
        config.sweep.composes_url: "composes",
        config.sweep.coreos_url: "coreos",
        f"{config.wiki.scheme}://{config.wiki.hostname}": "wiki",
    }
