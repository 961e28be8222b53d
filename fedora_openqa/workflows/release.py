"""What was set aside goes on, or is dropped, because a person said so.

Knows ports, never gateways.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fedora_openqa import ports
from fedora_openqa.errors import SubjectError
from fedora_openqa.events import parse
from fedora_openqa.model.events import Event, ReportEvent
from fedora_openqa.model.work import Ignored, StoredSubject, SubjectState
from fedora_openqa.policy.deliveries import reports_wanted
from fedora_openqa.policy.wanted import subject_wanted
from fedora_openqa.workflows.intake import BODY_SIZE, Intake


@dataclass(frozen=True, slots=True)
class Releaser:
    """Who lets parked subjects go."""

    stories: ports.Stories
    parking: ports.Parking
    intake: Intake

    def parked(self, key: str) -> StoredSubject:
        """Read a parked subject.

        Raises:
            SubjectError: there is no such subject, or it is not parked.
            ServiceUnavailableError: the store cannot be read.
        """
        for story in self.stories.find(key):
            if story.subject.key in {key, f"message:{key}"}:
                if story.subject.state is not SubjectState.PARKED:
                    raise SubjectError(f"{story.subject.key} is not parked: {story.subject.state}")
                return story.subject
        raise SubjectError(f"{key} is not known")

    def release(self, key: str, *, by: str) -> str:
        """Have a subject tried again, or a message taken again; says what came of it.

        Raises:
            SubjectError: it is not parked, or not enough of the message was kept.
            MessageError: the message is still not understood.
            ServiceUnavailableError: the store is away.
        """
        subject = self.parked(key)
        if subject.kind == "message":
            return self._release_message(subject, by=by)
        _sure(subject, self.parking.release(subject.key, by=by))
        return "wanted again"

    def drop(self, key: str, *, by: str) -> None:
        """Have nothing done about a subject; raises as `parked`."""
        self._drop(self.parked(key), f"dropped by {by}")

    def _release_message(self, subject: StoredSubject, *, by: str) -> str:
        topic, body = subject.request["topic"], complete_body(subject)
        event = parse(topic, body)
        effect = self._effect(event)
        # taken before it is let go: a crash in between leaves what can be done again
        self.intake.take(topic, body, message_id=subject.message_id)
        self._drop(subject, f"released by {by}: {effect}")
        return effect

    def _effect(self, event: Event | None) -> str:
        if event is None:
            return "not ours"
        if isinstance(event, ReportEvent):
            wanted_reports = reports_wanted(event, self.intake.delays)
            keys = dict.fromkeys(report.key for report in wanted_reports)
            return f"asks for {', '.join(keys)}" if keys else "ignored: no sink is to be told"
        wanted = subject_wanted(event, self.intake.table)
        if isinstance(wanted, Ignored):
            return f"ignored: {wanted.reason}"
        return f"asks for {wanted.key}"

    def _drop(self, subject: StoredSubject, reason: str) -> None:
        _sure(subject, self.parking.drop(subject.key, reason=reason))


def _sure(subject: StoredSubject, changed: bool) -> None:  # noqa: FBT001 - the store's answer
    if not changed:
        raise SubjectError(f"{subject.key} is not parked any more")


def complete_body(subject: StoredSubject) -> Mapping[str, Any]:
    """Read the body of a parked message.

    Raises:
        SubjectError: not all of it was kept.
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
