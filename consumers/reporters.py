"""The base of the consumers that report to a sink."""

from collections.abc import Mapping
from typing import Any

from fedora_messaging.config import conf

from consumers.base import Consumer, role_of, starting, topics
from consumers.configuration import open_config
from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.wiring.deliver import enabled_sinks
from fedora_openqa.wiring.service import open_preview_service, open_service
from fedora_openqa.workflows.service import Service


class Reporter(Consumer):
    """Stores deliveries to a sink, and delivers them in threads.

    Where the sink is disabled (``do_report`` in the configurations of the old consumers), nothing
    is stored; the results are logged instead.
    """

    #: the sink of the class
    sink: Sink

    @starting()
    def __init__(self) -> None:
        """Open the store and start the workers; fedora-messaging does this once.

        Raises: as `starting`.
        """
        config = open_config(type(self), self.settings(), reports=self.sink)
        self.service = self._open(config)
        super().__init__(self.service.intake)
        self.work(self.service)

    def settings(self) -> Mapping[str, Any]:
        """Return ``[consumer_config]``."""
        settings: Mapping[str, Any] = conf["consumer_config"]
        return settings

    def stores(self, config: Config) -> bool:
        """Return whether messages have an effect on the store."""
        return self.sink in enabled_sinks(config)

    def _open(self, config: Config) -> Service:
        if not self.stores(config):
            return open_preview_service(
                config, role_of(self), self.sink, connected=lambda: self.connected
            )
        return open_service(
            config,
            role_of(self),
            schedules=False,
            sinks=[self.sink],
            topics=topics(),
            connected=lambda: self.connected,
        )
