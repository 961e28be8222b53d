"""Stores the effect of a message; only then may the message be acknowledged."""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

from fedora_openqa import ports
from fedora_openqa.errors import MessageError
from fedora_openqa.events import name_of_topic, parse
from fedora_openqa.logs import about
from fedora_openqa.measures import measures
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.events import Event, JobsChanged
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.model.work import Change, Ignored, Wanted
from fedora_openqa.policy.effects import effect_of
from fedora_openqa.policy.retries import how_to_release

log = logging.getLogger(__name__)


class _News(TypedDict, total=False):
    """Arguments of `ports.Deliveries.want`."""

    known: Sequence[StoredJob]
    copies: Sequence[tuple[int, int]]


#: message ids that fit into a database column as they are: UUIDs and older forms
MESSAGE_ID = re.compile(r"[!-~]{1,100}")

#: characters of a body that are stored with a parked message
BODY_SIZE = 100_000

#: verdicts on messages, beside those of `Change`
DELIVERY, IGNORED, PARKED = "delivery", "ignored", "parked"

#: verdicts on messages that make work
NEWS = frozenset({Change.NEW, Change.AGAIN, Change.DUE, DELIVERY})

#: what a message changed, in words
CHANGES = {
    Change.NEW: "it is new",
    Change.AGAIN: "its tests are asked for again, or its content or location changed",
    Change.DUE: "it is due now, and not later",
    Change.NOTHING: "no change: the message came before, or has no news",
}


@dataclass(frozen=True, slots=True)
class Intake:
    """Stores the subjects and deliveries that messages ask for."""

    inbox: ports.Inbox
    #: which flavors test updates of Fedora
    table: FlavorTable
    deliveries: ports.Deliveries
    #: sinks of this deployment to the seconds that each waits for more jobs of a build
    delays: Mapping[Sink, float] = field(default_factory=dict)
    #: called after a message with new work: wakes the workers of this process
    found: Callable[[], None] = lambda: None
    #: called with the topic of each message of ours, without the words of the bus
    heard: Callable[[str], None] = lambda _topic: None

    def take(self, topic: str, body: Mapping[str, Any], *, message_id: str | None) -> bool:
        """Store the effect of a message, and return whether there is new work.

        Raises:
            ServiceUnavailableError: it could not be stored; the message must come again.
        """
        name = name_of_topic(topic)
        if name is None:
            return False
        with about(message_id=_safe_id(message_id)):
            verdict = self._take(topic, body, _safe_id(message_id))
        self.heard(name)
        if verdict != PARKED:
            measures().message(name, verdict)
        is_new = verdict in NEWS
        if is_new:
            self.found()
        return is_new

    def _take(self, topic: str, body: Mapping[str, Any], message_id: str | None) -> str:
        """Store the effect of a message of ours, and return the verdict on it."""
        try:
            event = parse(topic, body)
        except MessageError as exc:
            self.park(topic, body, message_id=message_id, reason=str(exc))
            return PARKED
        if event is None:
            log.info("ignored: it is about nothing that is finished")
            return IGNORED
        match effect_of(event, table=self.table, delays=self.delays):
            case Ignored(reason):
                log.info("ignored: %s", reason)
                return IGNORED
            case Wanted() as wanted:
                change = self.inbox.want(wanted, message_id=message_id)
                with about(subject=wanted.key):
                    log.info("wanted: %s", CHANGES[change])
                return change
            case ():
                if news := _news(event):
                    self.deliveries.want((), **news)
                log.info("ignored: no sink of this process wants the jobs")
                return IGNORED
            case deliveries:
                self.deliveries.want(deliveries, message_id=message_id, **_news(event))
                items = ", ".join(f"{one.key} {one.item}" for one in deliveries)
                with about(subject=deliveries[0].key):
                    log.info("to be delivered: %s", items)
                return DELIVERY

    def park(
        self, topic: str, body: Mapping[str, Any], *, message_id: str | None, reason: str
    ) -> None:
        """Park a message for an operator.

        Raises:
            ServiceUnavailableError: it could not be stored; the message must come again.
        """
        try:
            text = json.dumps(body)[:BODY_SIZE]
        except (TypeError, ValueError, RecursionError) as exc:
            text = f"not to be written as JSON: {exc}"
        # a message without an id is identified by its content
        name = _safe_id(message_id) or hashlib.sha256(f"{topic}\n{text}".encode()).hexdigest()
        self.inbox.park_message(name, {"topic": topic[:300], "body": text}, reason=reason)
        with about(subject=f"message:{name}", message_id=name):
            log.warning("parked: %s; %s", reason, how_to_release(f"message:{name}"))
        measures().message(name_of_topic(topic) or "other", PARKED)


def _news(event: Event) -> _News:
    """Return what a message says of jobs, to be remembered; empty: nothing."""
    if isinstance(event, JobsChanged) and (event.known or event.copies):
        return {"known": event.known, "copies": event.copies}
    return {}


def _safe_id(message_id: str | None) -> str | None:
    if message_id is None or MESSAGE_ID.fullmatch(message_id):
        return message_id
    return hashlib.sha256(message_id.encode(errors="replace")).hexdigest()
