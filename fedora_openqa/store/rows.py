"""Rows of subjects and deliveries, written and read."""

from typing import Any

from sqlalchemy import Connection, Row, insert

from fedora_openqa.model.deliveries import Delivery, DeliveryState
from fedora_openqa.model.work import StoredSubject, SubjectState, Wanted
from fedora_openqa.store.schema import subject


def insert_subject(
    connection: Connection,
    wanted: Wanted,
    *,
    message_id: str | None,
    now: float,
    due: float | None = None,
    state: SubjectState = SubjectState.WANTED,
    reason: str | None = None,
) -> int:
    """Add a subject that nobody knew; gives its id.

    :param due: nothing: now
    """
    query = (
        insert(subject)
        .returning(subject.c.id)
        .values(
            key=wanted.key,
            kind=wanted.kind,
            request=dict(wanted.request),
            digest=wanted.digest,
            number=1,
            state=state,
            reason=reason,
            priority=wanted.priority,
            due=now if due is None else due,
            attempts=0,
            lease_until=0.0,
            message_id=message_id,
            asked=now,
            created=now,
            updated=now,
        )
    )
    return int(connection.execute(query).scalar_one())


def stored(row: Row[Any]) -> StoredSubject:
    """Read a row of the table."""
    return StoredSubject(
        key=row.key,
        kind=row.kind,
        request=row.request,
        number=row.number,
        state=SubjectState(row.state),
        reason=row.reason,
        due=row.due,
        attempts=row.attempts,
        last_error=row.last_error,
        message_id=row.message_id,
        created=row.created,
        updated=row.updated,
    )


def stored_delivery(row: Row[Any]) -> Delivery:
    """Read a row of the table."""
    return Delivery(
        item=row.item,
        number=row.number,
        state=DeliveryState(row.state),
        outcome=row.outcome,
        sending=row.sending,
        sent=row.sent or 0.0,
        reason=row.reason,
        due=row.due,
        attempts=row.attempts,
        last_error=row.last_error,
        reference=row.reference,
        message_id=row.message_id,
        asked=row.asked,
        updated=row.updated,
        facts=row.facts,
    )
