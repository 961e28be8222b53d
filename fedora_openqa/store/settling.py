"""What becomes of a build once a sink was told, or was away; and what a person decides of it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    ScalarSelect,
    delete,
    insert,
    select,
    update,
)

from fedora_openqa.model.deliveries import Absence, DeliveryState
from fedora_openqa.model.work import Away, Lease, SubjectState
from fedora_openqa.policy.retries import absence_delay
from fedora_openqa.store.leases import FREE, held
from fedora_openqa.store.schema import absence, subject
from fedora_openqa.store.schema import delivery as table


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
    values: dict[str, Any] = {**FREE, "attempts": 0}
    if due:
        values |= {"state": SubjectState.WANTED, "reason": None, "due": min(due)}
    else:
        values |= _final(rows)
    changed = connection.execute(
        update(subject).where(held(lease)).values(updated=now, **values)
    ).rowcount
    if reached:
        end_wait(connection, lease.kind)
    return changed == 1


def end_wait(connection: Connection, lane: str) -> None:
    """Let a lane go on: an attempt got through."""
    connection.execute(delete(absence).where(absence.c.lane == lane))


def leave(connection: Connection, lease: Lease, away: Away, *, now: float) -> bool:
    """Let a whole lane wait, what was leased of it included; false if the lease was lost."""
    lane = absence.c.lane == lease.kind
    row = connection.execute(select(absence).where(lane).with_for_update()).first()
    # one that is ahead was stored while the clock was wrong
    since = min(row.since, now) if row else now
    until = now + absence_delay(now - since, away)
    values = {"error": away.error, "since": since, "until": until}
    if row:
        connection.execute(update(absence).where(lane).values(**values))
    else:
        connection.execute(insert(absence).values(lane=lease.kind, **values))
    changed = connection.execute(
        update(subject)
        .where(held(lease))
        .values(
            attempts=lease.attempts - 1,
            last_error=away.error,
            updated=now,
            # one that is due stays so: when the lane opens, the oldest goes first; but where it may
            # be the subject's own trouble, the others go first
            **({"due": until} if away.needs_person else {}),
            **FREE,
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


def _final(rows: Sequence[Any]) -> dict[str, Any]:
    """Say what becomes of a subject that waits for nothing."""
    parked = [row for row in rows if row.state == DeliveryState.PARKED]
    if parked:
        reason = "; ".join(f"{row.item}: {row.reason}" for row in parked)
        return {"state": SubjectState.PARKED, "reason": reason}
    if any(row.state == DeliveryState.DELIVERED for row in rows):
        return {"state": SubjectState.REPORTED, "reason": None}
    reasons = "; ".join(dict.fromkeys(row.reason or "" for row in rows))
    return {"state": SubjectState.SKIPPED, "reason": reasons}
