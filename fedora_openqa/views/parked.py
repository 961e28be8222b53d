"""A parked item."""

import msgspec

from fedora_openqa.model.work import StoredSubject
from fedora_openqa.views.times import when


class ParkedView(msgspec.Struct, frozen=True):
    """A subject, delivery or message that was set aside."""

    key: str
    reason: str | None
    #: number of the request
    request: int
    attempts: int
    last_error: str | None
    #: id of the message that caused the request
    message: str | None
    created: str | None
    parked: str | None


def parked_view(subject: StoredSubject) -> ParkedView:
    """Return the view of a parked item."""
    return ParkedView(
        key=subject.key,
        reason=subject.reason,
        request=subject.number,
        attempts=subject.attempts,
        last_error=subject.last_error,
        message=subject.message_id,
        created=when(subject.created),
        parked=when(subject.updated),
    )
