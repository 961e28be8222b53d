"""The scheduler: stores the composes, updates and CoreOS builds that messages name.

Callback ``consumers.scheduler:Scheduler``; configured by ``[consumer_config]``.
"""

from fedora_messaging.config import conf

from consumers.base import Consumer, role_of, starting, topics
from consumers.configuration import open_config
from fedora_openqa.wiring.service import open_service


class Scheduler(Consumer):
    """Stores wanted subjects, and schedules them in threads."""

    @starting()
    def __init__(self) -> None:
        """Open the store and start the workers; fedora-messaging does this once.

        Raises: as `starting`.
        """
        config = open_config(type(self), conf["consumer_config"])
        self.service = open_service(
            config, role_of(self), topics=topics(), connected=lambda: self.connected
        )
        super().__init__(self.service.intake)
        self.work(self.service)
