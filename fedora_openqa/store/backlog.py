"""Subjects that wait for work: leased, finished, postponed; and lanes that wait as a whole."""

import math
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    ScalarSelect,
    Select,
    case,
    delete,
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
from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.model.work import Away, Lease, SubjectState
from fedora_openqa.policy.retries import after_deliveries
from fedora_openqa.store.arrivals import announce
from fedora_openqa.store.clock import Clock, database_time, has_come
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.product_ledger import ProductLedger
from fedora_openqa.store.pruning import (
    prune_acts,
    prune_jobs,
    prune_messages,
    prune_notes,
    prune_subjects,
)
from fedora_openqa.store.rows import FREE, held, in_force, is_paused, stored_delivery
from fedora_openqa.store.schema import absence, delivery, pause, subject

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
            due = {"due": until} if away.needs_person or away.others_first else {}
            changes = {"attempts": lease.attempts - 1, "last_error": away.error, **due, **FREE}
            return _change(connection, lease, changes, now=now)

    @override
    def seconds_until_due(self, lanes: Collection[str], *, least_priority: int = 0) -> float | None:
        with reading(self._engine) as connection:
            now = self._clock(connection)
            due = connection.execute(self._next_due(lanes, least_priority, now=now)).scalar()
            return None if due in (None, math.inf) else float(due) - now

    @override
    def prune(self, *, keep: float) -> int:
        def some(prune: Callable[..., int]) -> int:
            with transaction(self._engine) as connection:
                return prune(connection, before=self._clock(connection) - keep)

        if pruned := some(prune_subjects):
            return pruned
        # what is left are messages of subjects that stay: few
        while some(prune_messages):
            pass
        while some(prune_acts):
            pass
        some(prune_notes)
        return some(prune_jobs)

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
                *(
                    or_(subject.c.lane != lane, opens.is_(None))
                    for lane, opens in self._openings(now).items()
                ),
                or_(subject.c.lease_owner.is_(None), has_come(subject.c.lease_until, now)),
            )
            .order_by(subject.c.turn, subject.c.id)
            .limit(1)
            # on SQLite the transaction itself keeps other processes out
            .with_for_update(skip_locked=True)
        )

    def _openings(self, now: float) -> Mapping[str, ScalarSelect[float]]:
        """Select, for each lane with a limit per minute, when it may be leased from again.

        NULL: its limit is not reached.
        """
        other = subject.alias()
        return {
            lane: select(other.c.leased + MINUTE)
            .where(other.c.lane == lane, other.c.leased.between(now - MINUTE, now))
            .order_by(other.c.leased.desc())
            .limit(1)
            .offset(limit - 1)
            .scalar_subquery()
            for lane, limit in self._per_minute.items()
        }

    def _next_due(self, lanes: Collection[str], least_priority: int, *, now: float) -> Select[Any]:
        """Select the time at which the next subject can be leased; infinity: a pause has no end."""
        latest = func.greatest if self._engine.dialect.name == "postgresql" else func.max
        first = (
            select(
                subject.c.lane,
                func.min(
                    latest(_unless_far(subject.c.due, now), _unless_far(subject.c.lease_until, now))
                ).label("due"),
            )
            .where(
                subject.c.state == SubjectState.WANTED,
                subject.c.lane.in_(lanes),
                subject.c.priority >= least_priority,
            )
            .group_by(subject.c.lane)
            .subquery()
        )
        absent = select(_unless_far(absence.c.until, now)).where(absence.c.lane == first.c.lane)
        paused = select(func.max(func.coalesce(pause.c.until, math.inf))).where(
            in_force(now), pause.c.lane.in_((first.c.lane, ALL_LANES))
        )
        full = (case((first.c.lane == lane, opens)) for lane, opens in self._openings(now).items())
        waits = (absent.scalar_subquery(), paused.scalar_subquery(), *full)
        return select(func.min(latest(first.c.due, *(func.coalesce(it, 0.0) for it in waits))))


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


def _unless_far(moment: ColumnElement[float], now: float) -> ColumnElement[float]:
    """Return a stored time; 0 for one that was stored while the clock was wrong."""
    return case((has_come(moment, now) & (moment > now), 0.0), else_=moment)
