"""Connects the HTTP port of a process with its metrics and its health."""

from collections.abc import Callable

from fedora_openqa.config import Config
from fedora_openqa.measures import measure_with
from fedora_openqa.monitoring.metrics import (
    OPENQA_SECONDS,
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
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.workflows.heartbeat import Heartbeat

#: where a port without a host is opened
LOOPBACK = "127.0.0.1"


def open_monitor(
    config: Config, heartbeat: Heartbeat | None, *, connected: Callable[[], bool]
) -> Monitor:
    """Connect the port that the configuration names, and measure this process from now on.

    :param heartbeat: None: the process has no store
    :param connected: returns whether the process is connected to its broker

    Raises:
        ConfigError: openQA's hostname is not valid.
    """
    gateways = Gateways(config)
    registry = new_registry()
    measure_with(PrometheusMeasures(registry, services=_services(config, gateways.openqa.url)))
    if heartbeat:
        for collector in _collectors(config, gateways, heartbeat):
            registry.register(collector)

    def unready() -> tuple[str, ...]:
        broker = () if connected() else ("the consumer is not connected to its broker",)
        return (*broker, *(heartbeat.unready() if heartbeat else ()))

    host, _, port = config.monitoring.listen.rpartition(":")
    return Monitor(
        host=host or LOOPBACK,
        port=int(port),
        unready=unready,
        metrics=lambda: as_text(registry),
    )


def _collectors(
    config: Config, gateways: Gateways, heartbeat: Heartbeat
) -> tuple[OwnTimes | Cached, ...]:
    pulse, load = heartbeat.pulse, gateways.openqa_load
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
            lambda: read_openqa(load.load()),
            leads=lambda: heartbeat.leads,
            seconds=OPENQA_SECONDS,
            waits=False,
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
