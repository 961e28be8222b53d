"""The deliveries of one leased build: due, intended and recorded."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, case, select, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.measures import measures
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
from fedora_openqa.policy.retries import how_to_release, still_unsettled
from fedora_openqa.store.clock import Clock, has_come
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.rows import check_lease, holds, stored_delivery
from fedora_openqa.store.schema import delivery as table

log = logging.getLogger(__name__)


class DeliveryLedger(ports.DeliveryLedger):
    """The deliveries below one leased subject; every method is one transaction."""

    def __init__(self, engine: Engine, lease: Lease, *, clock: Clock) -> None:
        """Use the deliveries of a leased build."""
        self._engine = engine
        self._lease = lease
        self._clock = clock

    @override
    def due(self) -> tuple[Delivery, ...]:
        with reading(self._engine) as connection:
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

    @override
    def unanswered(self, *, settles_after: float) -> Mapping[str, float]:
        query = select(table.c.item, table.c.sent).where(
            table.c.subject_id == self._lease.subject_id, table.c.sending.is_not(None)
        )
        with reading(self._engine) as connection:
            now = self._clock(connection)
            sent = [(row.item, row.sent) for row in connection.execute(query)]
        return still_unsettled(sent, settles_after, now=now)

    @override
    def intend(self, told: Mapping[str, str]) -> None:
        with transaction(self._engine) as connection:
            check_lease(connection, self._lease, clock=self._clock)
            now = self._clock(connection)
            for sending in set(told.values()):
                items = [item for item, one in told.items() if one == sending]
                connection.execute(
                    update(table)
                    .where(table.c.subject_id == self._lease.subject_id, table.c.item.in_(items))
                    .values(sending=sending, sent=now, updated=now)
                )

    @override
    def record(self, steps: Sequence[tuple[Delivery, DeliveryStep]]) -> None:
        with transaction(self._engine) as connection:
            is_held = holds(connection, self._lease, clock=self._clock)
            now = self._clock(connection)
            for seen, step in steps:
                # what the sink has is recorded without the lease, too
                if is_held or isinstance(step, Delivered):
                    connection.execute(
                        update(table)
                        .where(self._row(seen.item))
                        .values(updated=now, **_values(seen, step, now=now))
                    )
        for seen, step in steps:
            _log(seen, step, key=self._lease.key)
            if isinstance(step, Delivered):
                measures().delivered(self._lease.lane, now - seen.asked)

    def _row(self, item: str) -> ColumnElement[bool]:
        return and_(table.c.subject_id == self._lease.subject_id, table.c.item == item)


def _log(seen: Delivery, step: DeliveryStep, *, key: str) -> None:
    match step:
        case Delivered(told, reference, _, summary):
            where = f" as {reference}" if reference else ""
            log.info("%s: delivered%s: %s", seen.item, where, summary or told)
        case Skipped(reason):
            log.info("%s: skipped: %s", seen.item, reason)
        case Parked(reason):
            log.warning("%s: parked: %s; %s", seen.item, reason, how_to_release(key))
        case Later(delay, error):
            log.info("%s: again in %.0f s: %s", seen.item, delay, error)


def _values(seen: Delivery, step: DeliveryStep, *, now: float) -> dict[str, Any]:
    match step:
        case Delivered(told, reference, reason, summary, findings):
            return {
                "state": _unless_asked_again(seen, str(DeliveryState.DELIVERED), table.c.state),
                "told": told,
                "summary": summary,
                "findings": findings or None,
                "reference": reference or seen.reference,
                "reason": reason,
                "sending": None,
                "attempts": 0,
                "last_error": None,
            }
        case Skipped(reason):
            return {
                "state": _unless_asked_again(seen, str(DeliveryState.SKIPPED), table.c.state),
                "reason": reason,
                "sending": None,
            }
        case Parked(reason, unsure):
            return {
                "state": _unless_asked_again(seen, str(DeliveryState.PARKED), table.c.state),
                "reason": reason,
                **_sending(unsure=unsure),
            }
        case Later(delay, error, counts, unsure):
            return {
                "due": _unless_asked_again(seen, now + delay, table.c.due),
                "attempts": _unless_asked_again(seen, seen.attempts + counts, table.c.attempts),
                "last_error": error,
                **_sending(unsure=unsure),
            }


def _sending(*, unsure: bool) -> dict[str, Any]:
    """Keep the open send for as long as the sink may have it."""
    return {} if unsure else {"sending": None}


def _unless_asked_again(
    seen: Delivery, new: float | str, stored: ColumnElement[Any]
) -> ColumnElement[Any]:
    """Return the new value; the stored one if the delivery was asked for again since it was read.

    Then it is pending, and due in the next round.
    """
    return case((table.c.number == seen.number, new), else_=stored)
