"""What the consumers that report have in common: one sink each, switched on or only looked at."""

from fedora_messaging.config import conf

from consumers.base import Consumer
from fedora_openqa.config import Config, consumer_config, load_config
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.wiring.deliver import enabled_sinks, open_preview
from fedora_openqa.wiring.service import open_service
from fedora_openqa.workflows.service import Service


class Reporter(Consumer):
    """Stores what a sink should be told of, and tells it in threads of its own.

    Where the sink is not switched on (``do_report`` of today's configurations), nothing
    is stored, and what it would be told is logged.
    """

    #: whom a class tells
    sink: Sink

    def __init__(self) -> None:
        """Open the store and start the workers; fedora-messaging does this once.

        Raises:
            ConfigError: the deployment cannot work.
            ServiceUnavailableError: the database cannot be reached.
        """
        config = consumer_config(conf["consumer_config"], load_config(), reports=self.sink)
        #: nothing: the sink is not switched on
        self.service = self._open(config) if self.stores(config) else None
        super().__init__(self.service.intake if self.service else open_preview(config, self.sink))
        if self.service:
            self.work(self.service)

    def stores(self, config: Config) -> bool:
        """Say whether messages have any effect."""
        return self.sink in enabled_sinks(config)

    def _open(self, config: Config) -> Service:
        threads = config.worker.threads
        return open_service(config, threads=threads, schedules=False, sinks=[self.sink])
