"""Makes the request of a stored subject anew: the next number, and no lease."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, update

from fedora_openqa.model.work import Known, SubjectState, Wanted
from fedora_openqa.store.rows import FREE
from fedora_openqa.store.schema import product, subject

#: the key of a stored request that schedules again what openQA has jobs of
FORCE = "force"

#: states of a request that is not finished
UNFINISHED = (SubjectState.WANTED, SubjectState.PARKED)


def with_force(wanted: Wanted) -> Mapping[str, Any]:
    """Return the request to store; a re-trigger schedules again what openQA has jobs of."""
    return {**wanted.request, FORCE: True} if wanted.again else dict(wanted.request)


def known_of(row: Row[Any], *, now: float) -> Known:
    """Return the facts of a row that an announcement is compared with."""
    waits = row.state == SubjectState.WANTED
    failing = row.state == SubjectState.PARKED or (waits and row.attempts > 0)
    leased = row.lease_owner is not None and row.lease_until > now
    return Known(
        digest=row.digest,
        failing=row.request if failing else None,
        delayed=waits and not leased and row.due > now,
    )


def ask_again_for(
    connection: Connection, row: Row[Any], wanted: Wanted, *, message_id: str | None, now: float
) -> None:
    """Make a request anew after an announcement; an unfinished re-trigger continues in it."""
    request = with_force(wanted)
    goes_on = not wanted.again and row.state in UNFINISHED and row.request.get(FORCE, False)
    ask_again(
        connection,
        row,
        now=now,
        request={**request, FORCE: True} if goes_on else request,
        digest=wanted.digest,
        priority=wanted.priority,
        message_id=message_id,
    )
    if goes_on:
        # products that it has posted must not be posted again
        of_request = (product.c.subject_id == row.id, product.c.number == row.number)
        connection.execute(update(product).where(*of_request).values(number=row.number + 1))


def ask_again(connection: Connection, row: Row[Any], *, now: float, **changes: Any) -> None:  # noqa: ANN401 - columns
    """Make the request of a subject anew and change these columns along."""
    connection.execute(
        update(subject)
        .where(subject.c.id == row.id)
        .values(
            number=row.number + 1,
            state=SubjectState.WANTED,
            reason=None,
            due=now,
            attempts=0,
            last_error=None,
            asked=now,
            updated=now,
            # the worker of the old request finds its lease lost
            **FREE,
            **changes,
        )
    )
