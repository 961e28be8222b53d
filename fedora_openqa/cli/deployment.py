"""What ``fedora-openqa config check`` shows of a deployment: consumers' files and services."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fedora_openqa.config import Config
from fedora_openqa.config.queues import is_consumer_file
from fedora_openqa.model.findings import Finding, FindingKind
from fedora_openqa.wiring.check_deployment import check_deployment, services_of
from fedora_openqa.workflows.connections import Connection, Probe, try_all

# a late import: fedora-messaging and Twisted are slow to load
if TYPE_CHECKING:
    from consumers.files import ConsumerFile


@dataclass(frozen=True, slots=True)
class Deployment:
    """The consumers' files that were named, the services that were tried, and what is wrong."""

    consumers: tuple["ConsumerFile", ...]
    connections: tuple[Connection, ...]
    findings: tuple[Finding, ...]

    def describe(self) -> Iterator[str]:
        """Yield a line for each consumer, and for each service that works."""
        for consumer in self.consumers:
            changes = f", overrides {', '.join(consumer.overrides)}" if consumer.overrides else ""
            yield f"Consumer: {consumer.path}: {consumer.callback}{changes}"
        for connection in self.connections:
            if connection.works:
                yield f"Connected: {connection}"

    def as_json(self) -> dict[str, object]:
        """Return what ``--format json`` prints."""
        return {
            "consumers": [
                {
                    "file": str(consumer.path),
                    "callback": consumer.callback,
                    "overrides": list(consumer.overrides),
                }
                for consumer in self.consumers
            ],
            "connections": [asdict(connection) for connection in self.connections],
        }


def sort_files(files: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return our configuration files, and fedora-messaging's."""
    ours: list[Path] = []
    theirs: list[Path] = []
    for path in files:
        try:
            content = tomllib.loads(path.read_text())
        except (OSError, ValueError):
            # who reads it as ours names the error
            content = {}
        (theirs if is_consumer_file(content) else ours).append(path)
    return ours, theirs


def open_deployment(config: Config, files: Sequence[Path], *, connect: bool) -> Deployment:
    """Check a configuration with the consumers' files that override it.

    :param connect: try the services

    Raises:
        ConfigError: a file is wrong.
    """
    consumers: tuple[ConsumerFile, ...] = ()
    if files:
        from consumers.files import read_consumer_file  # noqa: PLC0415 - as above

        consumers = tuple(read_consumer_file(path, config) for path in files)
    configs = [config, *(consumer.config for consumer in consumers)]
    findings = [finding for one in configs for finding in check_deployment(one)]
    connections: tuple[Connection, ...] = ()
    if connect:
        # each has queues of its own
        brokers = [
            Probe("broker", f"{one.broker} of {one.path.name}", one.ask_broker) for one in consumers
        ]
        connections = try_all([probe for one in configs for probe in services_of(one)] + brokers)
    findings += [finding for consumer in consumers for finding in consumer.findings]
    findings += [
        Finding(FindingKind.NO_CONNECTION, str(one)) for one in connections if not one.works
    ]
    return Deployment(consumers, connections, tuple(findings))
