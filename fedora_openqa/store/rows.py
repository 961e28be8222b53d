"""Rows of subjects and deliveries, written and read; and the condition that a lease still holds."""

import functools
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    insert,
    or_,
    select,
)

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.deliveries import Delivery, DeliveryState
from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.model.work import Lease, StoredSubject, SubjectState, Wanted
from fedora_openqa.store.clock import Clock
from fedora_openqa.store.schema import pause, subject

#: the lease columns of a subject without a lease
FREE: Mapping[str, float | None] = MappingProxyType({"lease_owner": None, "lease_until": 0.0})


def for_dialects(build: Callable[[Any], Executable]) -> Callable[[str], Executable]:
    """Return a function that returns an INSERT with ON CONFLICT for the name of a dialect.

    :param build: makes it with a dialect's `insert`
    """

    @functools.cache
    def built(dialect: str) -> Executable:
        # the dialect that is not used is not loaded
        return build(import_module(f"sqlalchemy.dialects.{dialect}").insert)

    return built


def adding_to(table: Table) -> Callable[[str], Executable]:
    """Return, as `for_dialects`, the INSERT of numbers that adds them to those that are there."""

    def add(insert: Any) -> Executable:  # noqa: ANN401 - a dialect's
        query = insert(table)
        sums = {it.name: it + query.excluded[it.name] for it in table.c if not it.primary_key}
        keys = list(table.primary_key.columns)
        return cast("Executable", query.on_conflict_do_update(index_elements=keys, set_=sums))

    return for_dialects(add)


# statements of every message: building one costs more than running it
_INSERT_SUBJECT = insert(subject).returning(subject.c.id)
_LOCK_SUBJECT: Select[Any] = (
    select(
        subject.c.id,
        subject.c.state,
        subject.c.number,
        subject.c.digest,
        subject.c.request,
        subject.c.due,
        subject.c.attempts,
        subject.c.lease_owner,
        subject.c.lease_until,
    )
    .where(subject.c.key == bindparam("key"))
    .with_for_update()
)


def held(lease: Lease) -> ColumnElement[bool]:
    """Return the SQL condition that the subject is still held under a lease.

    The owner, the number of the request and the number of the attempt must be the same.
    """
    return and_(
        subject.c.id == lease.subject_id,
        subject.c.lease_owner == lease.owner,
        subject.c.number == lease.number,
        # a worker may lease again what it had lost while its old thread still runs
        subject.c.attempts == lease.attempts,
    )


def holds(connection: Connection, lease: Lease, *, clock: Clock) -> bool:
    """Return whether a lease holds now; if so it holds until the end of the transaction."""
    row = connection.execute(
        select(subject.c.lease_until).where(held(lease)).with_for_update()
    ).first()
    # the clock is read after the lock, for which the transaction may have waited
    return row is not None and bool(row.lease_until > clock(connection))


def check_lease(connection: Connection, lease: Lease, *, clock: Clock) -> None:
    """Check that a lease holds now, and until the end of the transaction.

    Raises:
        LeaseLostError: it is over, or the request was made anew.
    """
    if not holds(connection, lease, clock=clock):
        raise LeaseLostError(f"{lease.key}: the lease of {lease.owner} is over")


def in_force(now: float) -> ColumnElement[bool]:
    """Return the SQL condition that a pause has not ended by itself."""
    return or_(pause.c.until.is_(None), pause.c.until > now)


def is_paused(now: float) -> ColumnElement[bool]:
    """Return the SQL condition that the lane of a subject is paused, or all lanes are."""
    stopped = select(pause.c.lane).where(in_force(now))
    return or_(subject.c.lane.in_(stopped), stopped.where(pause.c.lane == ALL_LANES).exists())


def is_stored(connection: Connection, key: str) -> bool:
    """Return whether there is a subject of a key."""
    return connection.execute(select(subject.c.id).where(subject.c.key == key)).first() is not None


def lock_subject(connection: Connection, key: str) -> Row[Any] | None:
    """Return the request of a key, locked until the end of the transaction; None: there is none."""
    return connection.execute(_LOCK_SUBJECT, {"key": key}).first()


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
    """Insert a subject that is not stored; return its id.

    :param due: None: now
    """
    values = {
        "key": wanted.key,
        "lane": wanted.lane,
        "request": dict(wanted.request),
        "digest": wanted.digest,
        "number": 1,
        "state": state,
        "reason": reason,
        "priority": wanted.priority,
        "due": now if due is None else due,
        "attempts": 0,
        "lease_until": 0.0,
        "message_id": message_id,
        "asked": now,
        "created": now,
        "updated": now,
    }
    return int(connection.execute(_INSERT_SUBJECT, values).scalar_one())


def stored_subject(row: Row[Any]) -> StoredSubject:
    """Return the subject of a row."""
    return StoredSubject(
        key=row.key,
        lane=row.lane,
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
    """Return the delivery of a row."""
    return Delivery(
        item=row.item,
        number=row.number,
        state=DeliveryState(row.state),
        told=row.told,
        summary=row.summary,
        findings=tuple(row.findings or ()),
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
