"""Stored deliveries: what each sink should be told of a build.

A sink with a build is a subject, which is leased as others are: so one worker at a time
tells a sink about a build.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    insert,
    select,
    update,
)

from fedora_openqa.model.deliveries import Delivery, DeliveryState, WantedDelivery
from fedora_openqa.model.work import Lease, SubjectState, Wanted
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.delivery_ledger import DeliveryLedger
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.rows import insert_subject, stored_delivery
from fedora_openqa.store.schema import delivery as table
from fedora_openqa.store.schema import subject


class Deliveries:
    """`fedora_openqa.ports.Deliveries`; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    def want(self, reports: Sequence[WantedDelivery], *, message_id: str | None = None) -> None:
        """Store that sinks should be told; whoever tells them now, tells them again."""
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            # in one order, or two processes would wait for each other
            for report in sorted(reports, key=lambda one: (one.key, one.item)):
                subject_id, due = _want_subject(connection, report, now=now)
                _want_delivery(
                    connection, subject_id, report, message_id=message_id, due=due, now=now
                )

    def confirm(self, report: WantedDelivery, *, outcome: str, reference: str | None) -> None:
        """Store that a sink knows of something already, unless anything is stored of that."""
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            row = _find_subject(connection, report.key)
            if row is None:
                subject_id = _insert_subject(
                    connection, report, state=SubjectState.REPORTED, due=now, now=now
                )
            else:
                subject_id = row.id
            known = select(table.c.id).where(
                table.c.subject_id == subject_id, table.c.item == report.item
            )
            if connection.execute(known).first() is None:
                values = {"state": DeliveryState.DELIVERED, "outcome": outcome}
                _insert_delivery(
                    connection, subject_id, report, values | {"reference": reference}, now=now
                )

    def all(self, key: str) -> tuple[Delivery, ...]:
        """Give all that is stored below a key, the oldest first."""
        query = (
            select(table)
            .join(subject, subject.c.id == table.c.subject_id)
            .where(subject.c.key == key)
            .order_by(table.c.id)
        )
        with transaction(self._engine) as connection:
            return tuple(stored_delivery(row) for row in connection.execute(query))

    def ledger(self, lease: Lease) -> DeliveryLedger:
        """Open what a sink should be told of a leased build."""
        return DeliveryLedger(self._engine, lease, clock=self._clock)


def _find_subject(connection: Connection, key: str) -> Row[Any] | None:
    return connection.execute(select(subject).where(subject.c.key == key).with_for_update()).first()


def _want_subject(
    connection: Connection, report: WantedDelivery, *, now: float
) -> tuple[int, float]:
    """Have the subject of a report wanted; gives its id, and when the report is due."""
    due = now + report.delay
    row = _find_subject(connection, report.key)
    if row is None:
        state = SubjectState.WANTED
        return _insert_subject(connection, report, state=state, due=due, now=now), due
    values: dict[str, Any] = {"due": due, "attempts": 0, "asked": now, "reason": None}
    if row.state == SubjectState.WANTED:
        # it goes along with what waits there already; whoever has the lease keeps it
        due = min(due, row.due) if row.due > now else due
        values = {"due": min(row.due, due)}
    connection.execute(
        update(subject)
        .where(subject.c.id == row.id)
        .values(state=SubjectState.WANTED, updated=now, **values)
    )
    return row.id, due


def _insert_subject(
    connection: Connection, report: WantedDelivery, *, state: SubjectState, due: float, now: float
) -> int:
    wanted = Wanted(key=report.key, kind=report.sink, request={"build": report.build})
    return insert_subject(connection, wanted, message_id=None, now=now, due=due, state=state)


def _want_delivery(
    connection: Connection,
    subject_id: int,
    report: WantedDelivery,
    *,
    message_id: str | None,
    due: float,
    now: float,
) -> None:
    values: dict[str, Any] = {"state": DeliveryState.PENDING, "due": due, "reason": None}
    changed = connection.execute(
        update(table)
        .where(table.c.subject_id == subject_id, table.c.item == report.item)
        .values(
            number=table.c.number + 1,
            attempts=0,
            asked=now,
            updated=now,
            **values,
            **({"message_id": message_id} if message_id else {}),
            **({"facts": dict(report.facts)} if report.facts else {}),
        )
    )
    if changed.rowcount == 0:
        _insert_delivery(
            connection, subject_id, report, values | {"message_id": message_id}, now=now
        )


def _insert_delivery(
    connection: Connection,
    subject_id: int,
    report: WantedDelivery,
    values: Mapping[str, Any],
    *,
    now: float,
) -> None:
    fresh = {"number": 1, "due": now, "attempts": 0, "asked": now, "updated": now}
    connection.execute(
        insert(table).values(
            subject_id=subject_id,
            item=report.item,
            facts=dict(report.facts),
            **(fresh | dict(values)),
        )
    )
