"""Stored deliveries: what each sink should be told of a build, and what it was told.

A sink with a build is a subject, which is leased as others are: so one worker at a time
tells a sink about a build.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    ScalarSelect,
    and_,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.reports import (
    Absence,
    Delivered,
    Delivery,
    DeliveryState,
    DeliveryStep,
    Later,
    Parked,
    Skipped,
    WantedReport,
)
from fedora_openqa.model.work import Lease, SubjectState, Wanted
from fedora_openqa.policy.retries import absence_delay
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.leases import held
from fedora_openqa.store.rows import TEXT_SIZE, insert_subject
from fedora_openqa.store.schema import absence, subject
from fedora_openqa.store.schema import delivery as table


class Deliveries:
    """`fedora_openqa.ports.Deliveries`; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine, *, clock: Callable[[], float]) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    def want(self, reports: Sequence[WantedReport], *, message_id: str | None = None) -> None:
        """Store that sinks should be told; whoever tells them now, tells them again."""
        now = self._clock()
        with transaction(self._engine) as connection:
            # in one order, or two processes would wait for each other
            for report in sorted(reports, key=lambda one: (one.key, one.item)):
                subject_id, due = _want_subject(connection, report, now=now)
                _want_delivery(
                    connection, subject_id, report, message_id=message_id, due=due, now=now
                )

    def confirm(self, report: WantedReport, *, outcome: str, reference: str | None) -> None:
        """Store that a sink knows of something already, unless anything is stored of that."""
        now = self._clock()
        with transaction(self._engine) as connection:
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

    def ledger(self, lease: Lease) -> "DeliveryLedger":
        """Open what a sink should be told of a leased build."""
        return DeliveryLedger(self._engine, lease, clock=self._clock)


class DeliveryLedger:
    """`fedora_openqa.ports.DeliveryLedger` of one lease; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine, lease: Lease, *, clock: Callable[[], float]) -> None:
        """Keep what became of the deliveries below the subject that was leased."""
        self._engine = engine
        self._lease = lease
        self._clock = clock

    def due(self) -> tuple[Delivery, ...]:
        """Give what should be told now, what was asked for first first."""
        query = (
            select(table)
            .where(
                table.c.subject_id == self._lease.subject_id,
                table.c.state == DeliveryState.PENDING,
                table.c.due <= self._clock(),
            )
            .order_by(table.c.id)
        )
        with transaction(self._engine) as connection:
            return tuple(stored_delivery(row) for row in connection.execute(query))

    def intend(self, outcomes: Mapping[str, str]) -> None:
        """Store what the sink is about to be told, by item.

        Raises:
            LeaseLostError: somebody else tells it now.
        """
        now = self._clock()
        with transaction(self._engine) as connection:
            if not self._holds(connection, now=now):
                raise LeaseLostError(f"{self._lease.key}: the lease of {self._lease.owner} is over")
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
        now = self._clock()
        with transaction(self._engine) as connection:
            holds = self._holds(connection, now=now)
            for seen, step in steps:
                if holds or isinstance(step, Delivered):
                    connection.execute(
                        update(table)
                        .where(self._row(seen.item))
                        .values(updated=now, **_values(seen, step, now=now))
                    )

    def _holds(self, connection: Connection, *, now: float) -> bool:
        holds = select(subject.c.id).where(held(self._lease), subject.c.lease_until > now)
        return connection.execute(holds.with_for_update()).first() is not None

    def _row(self, item: str) -> ColumnElement[bool]:
        return and_(table.c.subject_id == self._lease.subject_id, table.c.item == item)


def settle(connection: Connection, lease: Lease, *, now: float, reached: bool) -> bool:
    """Have a subject's deliveries say what becomes of it; false if the lease was lost.

    :param reached: the sink has answered: its lane need not wait
    """
    rows = connection.execute(
        select(table.c.item, table.c.state, table.c.reason, table.c.due)
        .where(table.c.subject_id == lease.subject_id)
        .order_by(table.c.id)
    ).all()
    due = [row.due for row in rows if row.state == DeliveryState.PENDING]
    values: dict[str, Any] = {"lease_owner": None, "lease_until": 0.0, "attempts": 0}
    if due:
        values |= {"state": SubjectState.WANTED, "reason": None, "due": min(due)}
    else:
        values |= _final(rows)
    changed = connection.execute(
        update(subject).where(held(lease)).values(updated=now, **values)
    ).rowcount
    if reached:
        connection.execute(delete(absence).where(absence.c.lane == lease.kind))
    return changed == 1


def leave(connection: Connection, lease: Lease, *, error: str, now: float) -> bool:
    """Let a whole lane wait, what was leased of it included; false if the lease was lost."""
    lane = absence.c.lane == lease.kind
    row = connection.execute(select(absence).where(lane).with_for_update()).first()
    since = row.since if row else now
    values = {"error": error[:TEXT_SIZE], "until": now + absence_delay(now - since)}
    if row:
        connection.execute(update(absence).where(lane).values(**values))
    else:
        connection.execute(insert(absence).values(lane=lease.kind, since=now, **values))
    changed = connection.execute(
        update(subject)
        .where(held(lease))
        .values(
            # what is due stays so: when the lane opens, the oldest goes first
            attempts=lease.attempts - 1,
            last_error=error[:TEXT_SIZE],
            lease_owner=None,
            lease_until=0.0,
            updated=now,
        )
    ).rowcount
    return changed == 1


def release_parked(connection: Connection, subject_id: ScalarSelect[int], *, now: float) -> None:
    """Have what is parked below a subject tried again."""
    connection.execute(
        update(table)
        .where(table.c.subject_id == subject_id, table.c.state == DeliveryState.PARKED)
        .values(state=DeliveryState.PENDING, due=now, attempts=0, reason=None, updated=now)
    )


def drop_parked(
    connection: Connection, subject_id: ScalarSelect[int], *, reason: str, now: float
) -> None:
    """Have nothing done about what is parked or waits below a subject."""
    open_states = (DeliveryState.PARKED, DeliveryState.PENDING)
    connection.execute(
        update(table)
        .where(table.c.subject_id == subject_id, table.c.state.in_(open_states))
        .values(state=DeliveryState.SKIPPED, reason=reason, updated=now)
    )


def absences(connection: Connection) -> tuple[Absence, ...]:
    """Give the lanes that wait for their sinks."""
    return tuple(
        Absence(lane=row.lane, error=row.error, since=row.since, until=row.until)
        for row in connection.execute(select(absence).order_by(absence.c.lane))
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


def _find_subject(connection: Connection, key: str) -> Row[Any] | None:
    return connection.execute(select(subject).where(subject.c.key == key).with_for_update()).first()


def _want_subject(connection: Connection, report: WantedReport, *, now: float) -> tuple[int, float]:
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
    connection: Connection, report: WantedReport, *, state: SubjectState, due: float, now: float
) -> int:
    wanted = Wanted(key=report.key, kind=report.sink, request={"build": report.build})
    return insert_subject(connection, wanted, message_id=None, now=now, due=due, state=state)


def _want_delivery(
    connection: Connection,
    subject_id: int,
    report: WantedReport,
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
            message_id=func.coalesce(message_id, table.c.message_id),
            asked=now,
            updated=now,
            **values,
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
    report: WantedReport,
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
                "reason": reason[:TEXT_SIZE],
                "sending": None,
            }
        case Parked(reason, unsure):
            return {
                "state": _unless_asked_again(seen, DeliveryState.PARKED),
                "reason": reason[:TEXT_SIZE],
                **_sending(unsure=unsure),
            }
        case Later(delay, error, counts, unsure):
            return {
                "due": now + delay,
                "attempts": seen.attempts + counts,
                "last_error": error[:TEXT_SIZE],
                **_sending(unsure=unsure),
            }


def _sending(*, unsure: bool) -> dict[str, Any]:
    """Keep what the sink was about to be told as long as it may know it."""
    return {} if unsure else {"sending": None}


def _unless_asked_again(seen: Delivery, state: DeliveryState) -> ColumnElement[str]:
    """Give a state to what is still what was seen; what is newer than that must be looked at."""
    return case((table.c.number == seen.number, str(state)), else_=str(DeliveryState.PENDING))


def _final(rows: Sequence[Any]) -> dict[str, Any]:
    """Say what becomes of a subject that waits for nothing."""
    parked = [row for row in rows if row.state == DeliveryState.PARKED]
    if parked:
        reason = "; ".join(f"{row.item}: {row.reason}" for row in parked)
        return {"state": SubjectState.PARKED, "reason": reason[:TEXT_SIZE]}
    if any(row.state == DeliveryState.DELIVERED for row in rows):
        return {"state": SubjectState.REPORTED, "reason": None}
    reasons = "; ".join(dict.fromkeys(row.reason or "" for row in rows))
    return {"state": SubjectState.SKIPPED, "reason": reasons[:TEXT_SIZE]}
