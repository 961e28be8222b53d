"""Subjects that wait for work: leased, finished, postponed; and lanes that wait as a whole."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Delivery, DeliveryState
from fedora_openqa.model.work import Away, Lease, SubjectState
from fedora_openqa.policy.retries import after_deliveries
from fedora_openqa.store.arrivals import announce
from fedora_openqa.store.clock import Clock, database_time, has_come
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.product_ledger import ProductLedger
from fedora_openqa.store.rows import FREE, held, is_paused, stored_delivery
from fedora_openqa.store.schema import absence, delivery, message, subject

#: seconds
MINUTE = 60.0


class Backlog(ports.Backlog):
    """The subjects that are wanted; every method is one transaction."""

    def __init__(
        self,
        engine: Engine,
        *,
        per_minute: Mapping[str, int] = MappingProxyType({}),
        clock: Clock = database_time,
    ) -> None:
        """Use a database that `open_engine` opened.

        :param per_minute: lane to the number of subjects that are leased in a minute at most
        """
        self._engine = engine
        self._per_minute = per_minute
        self._clock = clock

    @override
    def lease(
        self, owner: str, lanes: Collection[str], *, seconds: float, least_priority: int = 0
    ) -> Lease | None:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            row = connection.execute(self._due(lanes, least_priority, now=now)).first()
            if row is None:
                return None
            connection.execute(
                update(subject)
                .where(subject.c.id == row.id)
                .values(
                    lease_owner=owner,
                    lease_until=now + seconds,
                    attempts=row.attempts + 1,
                    leased=now,
                    updated=now,
                )
            )
            return Lease(
                subject_id=row.id,
                key=row.key,
                lane=row.lane,
                request=row.request,
                number=row.number,
                attempts=row.attempts + 1,
                wanted_since=row.asked,
                owner=owner,
                until=now + seconds,
                unsettled_until=row.unsettled_until or 0.0,
                message_id=row.message_id,
            )

    @override
    def renew(self, lease: Lease, *, seconds: float) -> bool:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            return _change(connection, lease, {"lease_until": now + seconds}, now=now)

    @override
    def give_back(self, lease: Lease) -> bool:
        with transaction(self._engine) as connection:
            announce(connection)
            values = {"unsettled_until": subject.c.lease_until, **FREE}
            return _change(connection, lease, values, now=self._clock(connection))

    @override
    def finish(self, lease: Lease, state: SubjectState, *, reason: str | None) -> bool:
        values = {"state": state, "reason": reason or None, **FREE}
        with transaction(self._engine) as connection:
            _end_absence(connection, lease.lane)
            return _change(connection, lease, values, now=self._clock(connection))

    @override
    def postpone(self, lease: Lease, *, error: str, delay: float, counts: bool = True) -> bool:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            values = {
                "attempts": lease.attempts if counts else lease.attempts - 1,
                "last_error": error,
                "due": now + delay,
                **FREE,
            }
            return _change(connection, lease, values, now=now)

    @override
    def close_build(self, lease: Lease, *, reached: bool) -> SubjectState | None:
        with transaction(self._engine) as connection:
            deliveries = _deciding(connection, lease.subject_id)
            values: dict[str, Any] = {**FREE, "attempts": 0}
            if end := after_deliveries(deliveries):
                values |= {"state": end.state, "reason": end.reason}
            else:
                due = deliveries[0].due
                values |= {"state": SubjectState.WANTED, "reason": None, "due": due}
            if reached:
                _end_absence(connection, lease.lane)
            kept = _change(connection, lease, values, now=self._clock(connection))
            return values["state"] if kept else None

    @override
    def postpone_lane(self, lease: Lease, away: Away, *, delay: Callable[[float], float]) -> bool:
        lane = absence.c.lane == lease.lane
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            row = connection.execute(select(absence).where(lane).with_for_update()).first()
            # a time in the future was stored while the clock was wrong
            since = min(row.since, now) if row else now
            until = now + delay(now - since)
            values = {"error": away.error, "since": since, "until": until}
            if row:
                connection.execute(update(absence).where(lane).values(**values))
            else:
                connection.execute(insert(absence).values(lane=lease.lane, **values))
            # a subject that is due stays due: when the lane opens, the oldest goes first. Where
            # the subject itself may be the cause, the others go first
            due = {"due": until} if away.needs_person else {}
            changes = {"attempts": lease.attempts - 1, "last_error": away.error, **due, **FREE}
            return _change(connection, lease, changes, now=now)

    @override
    def seconds_until_due(self, lanes: Collection[str], *, least_priority: int = 0) -> float | None:
        with reading(self._engine) as connection:
            now = self._clock(connection)
            due = connection.execute(_next_due(lanes, least_priority, now=now)).scalar()
            return None if due is None else float(due) - now

    @override
    def prune(self, *, keep: float) -> int:
        with transaction(self._engine) as connection:
            before = self._clock(connection) - keep
            connection.execute(delete(message).where(message.c.seen < before))
            finished = (SubjectState.SCHEDULED, SubjectState.REPORTED, SubjectState.SKIPPED)
            return connection.execute(
                delete(subject).where(
                    subject.c.state.in_(finished),
                    subject.c.updated < before,
                    # the message might come again
                    ~exists().where(message.c.subject_id == subject.c.id),
                )
            ).rowcount

    def ledger(self, lease: Lease) -> ProductLedger:
        """Return the ledger of the products of a leased request."""
        return ProductLedger(self._engine, lease, clock=self._clock)

    def _due(self, lanes: Collection[str], least_priority: int, *, now: float) -> Select[Any]:
        """Select the subject that is due first."""
        absent = select(absence.c.lane).where(not_(has_come(absence.c.until, now)))
        return (
            select(subject)
            .where(
                subject.c.state == SubjectState.WANTED,
                has_come(subject.c.due, now),
                subject.c.lane.in_(lanes),
                subject.c.priority >= least_priority,
                not_(is_paused(now)),
                subject.c.lane.not_in(absent),
                subject.c.lane.not_in(self._full_lanes(now)),
                or_(subject.c.lease_owner.is_(None), has_come(subject.c.lease_until, now)),
            )
            .order_by(subject.c.turn, subject.c.id)
            .limit(1)
            # on SQLite the transaction itself keeps other processes out
            .with_for_update(skip_locked=True)
        )

    def _full_lanes(self, now: float) -> Select[tuple[str]]:
        """Select the lanes that have reached their limit per minute."""
        limits = [
            and_(subject.c.lane == lane, func.count() >= limit)
            for lane, limit in self._per_minute.items()
        ]
        return (
            select(subject.c.lane)
            .where(subject.c.leased.between(now - MINUTE, now))
            .group_by(subject.c.lane)
            .having(or_(false(), *limits))
        )


def _change(connection: Connection, lease: Lease, values: dict[str, Any], *, now: float) -> bool:
    """Change a subject that is still held under a lease; return False if it is not."""
    changed = connection.execute(update(subject).where(held(lease)).values(updated=now, **values))
    return changed.rowcount == 1


def _deciding(connection: Connection, subject_id: int) -> tuple[Delivery, ...]:
    """Return the deliveries of a build that decide its state, not all of them.

    The pending one that is due first; else all that are parked; else one that is delivered; else
    one for each reason to skip it.
    """
    reasons = (
        select(func.min(delivery.c.id))
        .where(delivery.c.subject_id == subject_id)
        .group_by(delivery.c.reason)
    )
    of_build = select(delivery).where(delivery.c.subject_id == subject_id)
    for query in (
        of_build.where(delivery.c.state == DeliveryState.PENDING).order_by(delivery.c.due).limit(1),
        of_build.where(delivery.c.state == DeliveryState.PARKED).order_by(delivery.c.id),
        of_build.where(delivery.c.state == DeliveryState.DELIVERED).limit(1),
        of_build.where(delivery.c.id.in_(reasons)).order_by(delivery.c.id),
    ):
        if rows := connection.execute(query).all():
            return tuple(stored_delivery(row) for row in rows)
    return ()


def _end_absence(connection: Connection, lane: str) -> None:
    connection.execute(delete(absence).where(absence.c.lane == lane))


def _next_due(lanes: Collection[str], least_priority: int, *, now: float) -> Select[Any]:
    """Select the time at which the next subject can be leased."""
    due, lease_until, until = (
        case((has_come(moment, now) & (moment > now), 0.0), else_=moment)
        for moment in (subject.c.due, subject.c.lease_until, func.coalesce(absence.c.until, 0.0))
    )
    return (
        select(func.min(_later(_later(due, lease_until), until)))
        .select_from(subject)
        .outerjoin(absence, absence.c.lane == subject.c.lane)
        .where(
            subject.c.state == SubjectState.WANTED,
            subject.c.lane.in_(lanes),
            subject.c.priority >= least_priority,
            not_(is_paused(now)),
        )
    )


def _later(one: ColumnElement[float], other: ColumnElement[float]) -> ColumnElement[float]:
    return case((one > other, one), else_=other)
