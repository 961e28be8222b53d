"""Logs what a sink would get, for reporters whose sink is not enabled."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fedora_openqa.errors import MessageError, PermanentError, TemporaryError
from fedora_openqa.events import parse, understands
from fedora_openqa.logs import about
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
        with about(message_id=message_id):
            try:
                self._describe(topic, body)
            except (MessageError, PermanentError, TemporaryError) as exc:
                log.warning("cannot say what would be reported: %s", exc)
        return False

    def _describe(self, topic: str, body: Mapping[str, Any]) -> None:
        event = parse(topic, body)
        if not isinstance(event, ReportEvent):
            if understands(topic):
                log.info("ignored: it is about no job")
            return
        wanted = deliveries_wanted(event, {self.sink: 0.0})
        if not wanted:
            log.info("ignored: %s would get nothing of it", self.sink)
            return
        with about(subject=wanted[0].key):
            for line in self.describe(wanted[0].build, wanted):
                log.info("%s would get: %s", self.sink, line)

    def park(
        self, topic: str, body: Mapping[str, Any], *, message_id: str | None, reason: str
    ) -> None:
        """Log the message; nothing is stored."""
        del body
        with about(message_id=message_id):
            log.warning("not understood: %s: %s", topic, reason)
