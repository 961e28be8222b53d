"""The deliveries of one leased build: what is due, and what became of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    case,
    select,
    update,
)

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.deliveries import (
    Delivered,
    Delivery,
    DeliveryState,
    DeliveryStep,
    Later,
    Parked,
    Skipped,
)
from fedora_openqa.model.work import Lease
from fedora_openqa.policy.retries import still_unsettled
from fedora_openqa.store.clock import Clock, has_come
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.leases import holds
from fedora_openqa.store.rows import stored_delivery
from fedora_openqa.store.schema import delivery as table


class DeliveryLedger:
    """`fedora_openqa.ports.DeliveryLedger` of one lease; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine, lease: Lease, *, clock: Clock) -> None:
        """Keep what became of the deliveries below the subject that was leased."""
        self._engine = engine
        self._lease = lease
        self._clock = clock

    def due(self) -> tuple[Delivery, ...]:
        """Give what should be told now, what was asked for first first."""
        with transaction(self._engine) as connection:
            query = (
                select(table)
                .where(
                    table.c.subject_id == self._lease.subject_id,
                    table.c.state == DeliveryState.PENDING,
                    has_come(table.c.due, self._clock(connection)),
                )
                .order_by(table.c.id)
            )
            return tuple(stored_delivery(row) for row in connection.execute(query))

    def unanswered(self, *, settles_after: float) -> Mapping[str, float]:
        """Return what was sent without an answer and may still arrive, by item.

        :param settles_after: seconds after which it has arrived or never will

        Returns: for each item the seconds until then.
        """
        query = select(table.c.item, table.c.sent).where(
            table.c.subject_id == self._lease.subject_id, table.c.sending.is_not(None)
        )
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            sent = [(row.item, row.sent) for row in connection.execute(query)]
        return still_unsettled(sent, settles_after, now=now)

    def intend(self, outcomes: Mapping[str, str]) -> None:
        """Store what the sink is about to be told, by item.

        Raises:
            LeaseLostError: somebody else tells it now.
        """
        with transaction(self._engine) as connection:
            if not self._holds(connection):
                raise LeaseLostError(f"{self._lease.key}: the lease of {self._lease.owner} is over")
            now = self._clock(connection)
            for item, outcome in outcomes.items():
                connection.execute(
                    update(table)
                    .where(self._row(item))
                    .values(sending=outcome, sent=now, updated=now)
                )

    def record(self, steps: Sequence[tuple[Delivery, DeliveryStep]]) -> None:
        """Store what became of deliveries; what was asked for again meanwhile stays pending.

        What the sink knows, it knows even if the lease is over; the rest is left to whoever
        has it then.
        """
        with transaction(self._engine) as connection:
            is_held = self._holds(connection)
            now = self._clock(connection)
            for seen, step in steps:
                if is_held or isinstance(step, Delivered):
                    connection.execute(
                        update(table)
                        .where(self._row(seen.item))
                        .values(updated=now, **_values(seen, step, now=now))
                    )

    def _holds(self, connection: Connection) -> bool:
        return holds(connection, self._lease, clock=self._clock)

    def _row(self, item: str) -> ColumnElement[bool]:
        return and_(table.c.subject_id == self._lease.subject_id, table.c.item == item)


def _values(seen: Delivery, step: DeliveryStep, *, now: float) -> dict[str, Any]:
    match step:
        case Delivered(outcome, reference, reason):
            return {
                "state": _unless_asked_again(seen, DeliveryState.DELIVERED),
                "outcome": outcome,
                "reference": reference or seen.reference,
                "reason": reason,
                "sending": None,
                "attempts": 0,
                "last_error": None,
            }
        case Skipped(reason):
            return {
                "state": _unless_asked_again(seen, DeliveryState.SKIPPED),
                "reason": reason,
                "sending": None,
            }
        case Parked(reason, unsure):
            return {
                "state": _unless_asked_again(seen, DeliveryState.PARKED),
                "reason": reason,
                **_sending(unsure=unsure),
            }
        case Later(delay, error, counts, unsure):
            return {
                "due": now + delay,
                "attempts": seen.attempts + counts,
                "last_error": error,
                **_sending(unsure=unsure),
            }


def _sending(*, unsure: bool) -> dict[str, Any]:
    """Keep what the sink was about to be told as long as it may know it."""
    return {} if unsure else {"sending": None}


def _unless_asked_again(seen: Delivery, state: DeliveryState) -> ColumnElement[str]:
    """Give a state to what is still what was seen; what is newer than that must be looked at."""
    return case((table.c.number == seen.number, str(state)), else_=str(DeliveryState.PENDING))
