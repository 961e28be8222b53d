"""From a message to a row: after this, and not before, a message may be acknowledged."""

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fedora_openqa import ports
from fedora_openqa.errors import MessageError
from fedora_openqa.events import parse
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Change, Ignored, Wanted
from fedora_openqa.policy.effects import effect_of

log = logging.getLogger(__name__)

#: ids of messages that a database column holds as they are: uuids, and older forms
MESSAGE_ID = re.compile(r"[!-~]{1,100}")

#: characters of a broken body that are kept for whoever looks at it
BODY_SIZE = 100_000


@dataclass(frozen=True, slots=True)
class Intake:
    """Stores what messages ask for."""

    inbox: ports.Inbox
    #: which flavors test updates of Fedora
    table: FlavorTable
    deliveries: ports.Deliveries
    #: the sinks that are told of jobs, to the seconds that each waits for others
    delays: Mapping[Sink, float] = field(default_factory=dict)

    def take(self, topic: str, body: Mapping[str, Any], *, message_id: str | None) -> bool:
        """Store what a message asks for; says whether there is something new to work on.

        Raises:
            ServiceUnavailableError: it could not be stored; the message must come again.
        """
        message_id = _safe_id(message_id)
        try:
            event = parse(topic, body)
        except MessageError as exc:
            self.park(topic, body, message_id=message_id, reason=str(exc))
            return False
        if event is None:
            return False
        match effect_of(event, table=self.table, delays=self.delays):
            case Ignored(reason):
                log.info("ignored: %s", reason)
                return False
            case Wanted() as wanted:
                change = self.inbox.want(wanted, message_id=message_id)
                log.info("%s: %s", wanted.key, change)
                return change is not Change.NOTHING
            case deliveries:
                if deliveries:
                    self.deliveries.want(deliveries, message_id=message_id)
                return bool(deliveries)

    def park(
        self, topic: str, body: Mapping[str, Any], *, message_id: str | None, reason: str
    ) -> None:
        """Keep a message for a person to look at.

        Raises:
            ServiceUnavailableError: it could not be stored; the message must come again.
        """
        log.warning("parked a message: %s", reason)
        try:
            text = json.dumps(body)[:BODY_SIZE]
        except (TypeError, ValueError, RecursionError) as exc:
            text = f"not to be written as JSON: {exc}"
        # without an id of its own a message is known by what it says
        name = _safe_id(message_id) or hashlib.sha256(f"{topic}\n{text}".encode()).hexdigest()
        self.inbox.park_message(
            name,
            {"topic": topic[:300], "body": text},
            reason=reason,
        )


def _safe_id(message_id: str | None) -> str | None:
    if message_id is None or MESSAGE_ID.fullmatch(message_id):
        return message_id
    return hashlib.sha256(message_id.encode(errors="replace")).hexdigest()
