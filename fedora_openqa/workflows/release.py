"""Lists, releases and drops parked items for an operator.

Knows ports, never gateways.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedora_openqa import ports
from fedora_openqa.errors import NotFoundError, SubjectError
from fedora_openqa.events import parse
from fedora_openqa.model.events import Event
from fedora_openqa.model.stories import ParkedPage
from fedora_openqa.model.work import Ignored, StoredSubject, SubjectState, Wanted
from fedora_openqa.policy.effects import effect_of
from fedora_openqa.workflows.intake import BODY_SIZE, Intake


@dataclass(frozen=True, slots=True)
class Releaser:
    """Releases and drops parked subjects and messages."""

    stories: ports.Stories
    parking: ports.Parking
    intake: Intake
    #: account name of the operator
    by: str

    def page(self, number: int, *, limit: int) -> ParkedPage:
        """Return one page of the parked items, the newest first.

        :param number: 1 is the first page
        :param limit: number of items of a page

        Raises:
            ServiceUnavailableError: the store cannot be read.
        """
        return self.stories.parked(limit=limit, page=number)

    def parked(self, key: str) -> StoredSubject:
        """Return a parked item.

        :param key: key of a subject, or id of a message

        Raises:
            NotFoundError: there is no such item.
            SubjectError: it is not parked.
            ServiceUnavailableError: the store cannot be read.
        """
        for story in self.stories.find(key):
            if story.subject.key in {key, f"message:{key}"}:
                if story.subject.state is not SubjectState.PARKED:
                    raise SubjectError(f"{story.subject.key} is not parked: {story.subject.state}")
                return story.subject
        raise NotFoundError(f"{key} is not known")

    def release(self, key: str) -> str:
        """Make a parked subject due again, or take a message in again; return the effect.

        Raises:
            SubjectError: it is not parked, or not enough of the message was kept.
            MessageError: the message is still not understood.
            ServiceUnavailableError: the store is away.
        """
        subject = self.parked(key)
        if subject.lane == "message":
            return self._release_message(subject)
        _sure(subject, self.parking.release(subject.key, by=self.by))
        return "wanted again"

    def drop(self, key: str) -> None:
        """Drop a parked item: nothing is done about it. Raises as `parked`."""
        self._drop(self.parked(key), f"dropped by {self.by}")

    def _release_message(self, subject: StoredSubject) -> str:
        topic, body = subject.request["topic"], complete_body(subject)
        event = parse(topic, body)
        effect = self._effect(event)
        # taken in before it is dropped: after a crash in between, release can be repeated
        self.intake.take(topic, body, message_id=subject.message_id)
        self._drop(subject, f"released by {self.by}: {effect}")
        return effect

    def _effect(self, event: Event | None) -> str:
        if event is None:
            return "not ours"
        match effect_of(event, table=self.intake.table, delays=self.intake.delays):
            case Ignored(reason):
                return f"ignored: {reason}"
            case Wanted(key):
                return f"asks for {key}"
            case deliveries:
                keys = dict.fromkeys(delivery.key for delivery in deliveries)
                return f"asks for {', '.join(keys)}" if keys else "ignored: no sink wants it"

    def _drop(self, subject: StoredSubject, reason: str) -> None:
        _sure(subject, self.parking.drop(subject.key, reason=reason))


def _sure(subject: StoredSubject, changed: bool) -> None:  # noqa: FBT001 - the store's answer
    if not changed:
        raise SubjectError(f"{subject.key} is not parked any more")


def complete_body(subject: StoredSubject) -> Mapping[str, Any]:
    """Return the body of a parked message.

    Raises:
        SubjectError: the body was not stored completely.
    """
    text = subject.request["body"]
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as exc:
        why = (
            f"only its first {BODY_SIZE} characters were kept"
            if len(text) >= BODY_SIZE
            else "its body could not be kept"
        )
        raise SubjectError(f"{subject.key} cannot be taken again: {why}") from exc
    if not isinstance(body, dict):
        raise SubjectError(f"{subject.key} cannot be taken again: its body is no object")
    return body
