"""Connects the HTTP port of a process with its metrics and its health."""

from fedora_openqa import ports
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


def open_monitor(config: Config, health: ports.Health, heartbeat: Heartbeat) -> Monitor:
    """Connect the port that the configuration names, and measure this process from now on.

    Raises:
        ConfigError: openQA's hostname is not valid.
    """
    gateways = Gateways(config)
    registry, load, pulse = new_registry(), gateways.openqa_load, heartbeat.pulse
    measure_with(PrometheusMeasures(registry, services=_services(config, gateways.openqa.url)))
    registry.register(
        OwnTimes(
            messages=lambda: {topic: one.last for topic, one in dict(pulse.topics).items()},
            progress=lambda: dict(pulse.lanes),
        )
    )
    for read, seconds in (
        (lambda: read_store(health, config.paused), STORE_SECONDS),
        (lambda: read_openqa(load.load()), OPENQA_SECONDS),
    ):
        registry.register(Cached(read, leads=lambda: heartbeat.leads, seconds=seconds))
    host, _, port = config.monitoring.listen.rpartition(":")
    return Monitor(
        host=host or LOOPBACK,
        port=int(port),
        unready=heartbeat.unready,
        metrics=lambda: as_text(registry),
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
