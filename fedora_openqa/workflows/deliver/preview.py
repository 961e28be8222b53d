"""Logs what a sink would get, for reporters whose sink is not enabled."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fedora_openqa.errors import MessageError, PermanentError, TemporaryError
from fedora_openqa.events import parse
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.events import ReportEvent
from fedora_openqa.policy.effects import deliveries_wanted

log = logging.getLogger(__name__)

#: describes what a sink would get of a build's jobs, a line each
Describe = Callable[[str, Sequence[WantedDelivery]], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Preview:
    """Takes messages in like `Intake`, and stores nothing."""

    sink: Sink
    describe: Describe

    def take(self, topic: str, body: Mapping[str, Any], *, message_id: str | None) -> bool:
        """Log what a message would deliver; returns False: there is no new work."""
        try:
            event = parse(topic, body)
            if isinstance(event, ReportEvent):
                wanted = deliveries_wanted(event, {self.sink: 0.0})
                for line in self.describe(wanted[0].build, wanted) if wanted else ():
                    log.info("%s would get: %s", self.sink, line)
        except (MessageError, PermanentError, TemporaryError) as exc:
            log.warning("%s: cannot say what would be reported: %s", message_id, exc)
        return False

    def park(
        self, topic: str, body: Mapping[str, Any], *, message_id: str | None, reason: str
    ) -> None:
        """Log the message; nothing is stored."""
        del body
        log.warning("%s on %s is not understood: %s", message_id, topic, reason)
