"""Stored deliveries: the jobs on their way to each sink.

A sink with a build is a subject with a lease as any other: one worker at a time delivers the
jobs of a build to a sink.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Row,
    bindparam,
    func,
    insert,
    select,
    update,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Delivery, DeliveryState, WantedDelivery
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.work import Lease, SubjectState, Wanted
from fedora_openqa.store.arrivals import announce
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.delivery_ledger import DeliveryLedger
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.jobs import link, remember
from fedora_openqa.store.rows import for_dialects, insert_subject, lock_subject, stored_delivery
from fedora_openqa.store.schema import delivery as table
from fedora_openqa.store.schema import subject

# statements of every message about a job: building one costs more than running it
_UPDATE_SUBJECT = update(subject).where(subject.c.id == bindparam("subject_id"))


def _asking(insert: Any, *, facts: bool) -> Executable:  # noqa: ANN401 - a dialect's
    """Return the INSERT of a pending delivery, or the UPDATE of one that is stored."""
    query = insert(table)
    new = query.excluded
    columns = ("state", "due", "reason", "attempts", "asked", "updated")
    changes = {name: new[name] for name in (*columns, *(["facts"] if facts else []))}
    return cast(
        "Executable",
        query.on_conflict_do_update(
            index_elements=[table.c.subject_id, table.c.item],
            set_={
                **changes,
                "number": table.c.number + 1,
                "message_id": func.coalesce(new.message_id, table.c.message_id),
            },
        ),
    )


_ASK = for_dialects(lambda insert: _asking(insert, facts=False))
_ASK_WITH_FACTS = for_dialects(lambda insert: _asking(insert, facts=True))


class Deliveries(ports.Deliveries):
    """The table of deliveries; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def want(
        self,
        wanted: Sequence[WantedDelivery],
        *,
        message_id: str | None = None,
        known: Sequence[StoredJob] = (),
        copies: Sequence[tuple[int, int]] = (),
    ) -> None:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            sooner = False
            # always in the same order: two processes would deadlock otherwise
            for one in sorted(wanted, key=lambda it: (it.key, it.item)):
                subject_id, due, changed = _want_subject(connection, one, now=now)
                _want_delivery(connection, subject_id, one, message_id=message_id, due=due, now=now)
                sooner = sooner or changed
            remember(connection, known, now=now)
            link(connection, copies, now=now)
            if sooner:
                announce(connection)

    @override
    def confirm(self, wanted: WantedDelivery, *, told: str, reference: str | None) -> None:
        values = {"state": DeliveryState.DELIVERED, "told": told, "reference": reference}
        self._insert_closed(wanted, SubjectState.REPORTED, values)

    @override
    def skip(self, wanted: WantedDelivery, *, reason: str) -> None:
        values = {"state": DeliveryState.SKIPPED, "reason": reason}
        self._insert_closed(wanted, SubjectState.SKIPPED, values)

    def _insert_closed(
        self, wanted: WantedDelivery, state: SubjectState, values: Mapping[str, Any]
    ) -> None:
        """Insert a delivery that needs no work, and its subject in a state if there is none."""
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            row = lock_subject(connection, wanted.key)
            if row is None:
                subject_id = _insert_subject(connection, wanted, state=state, due=now, now=now)
            else:
                subject_id = row.id
            known = select(table.c.id).where(
                table.c.subject_id == subject_id, table.c.item == wanted.item
            )
            if connection.execute(known).first() is None:
                new = _new_delivery(subject_id, wanted, now=now)
                connection.execute(insert(table), {**new, **values})

    @override
    def all(self, key: str, *, items: Collection[str] | None = None) -> tuple[Delivery, ...]:
        query = (
            select(table)
            .join(subject, subject.c.id == table.c.subject_id)
            .where(subject.c.key == key)
            .order_by(table.c.id)
        )
        if items is not None:
            query = query.where(table.c.item.in_(items))
        with reading(self._engine) as connection:
            return tuple(stored_delivery(row) for row in connection.execute(query))

    def ledger(self, lease: Lease) -> DeliveryLedger:
        """Return the ledger of the deliveries of a leased build."""
        return DeliveryLedger(self._engine, lease, clock=self._clock)


def _want_subject(
    connection: Connection, wanted: WantedDelivery, *, now: float
) -> tuple[int, float, bool]:
    """Store the subject of a delivery as wanted.

    Return its id, when the delivery is due, and whether the subject was changed.
    """
    due = now + wanted.delay
    row = lock_subject(connection, wanted.key)
    if row is None:
        state = SubjectState.WANTED
        return _insert_subject(connection, wanted, state=state, due=due, now=now), due, True
    values: dict[str, Any] = {"due": due, "attempts": 0, "asked": now, "reason": None}
    if row.state == SubjectState.WANTED:
        # a lease stays as it is
        due = min(due, _next_round(connection, row, now=now))
        if row.due <= due:
            return row.id, due, False
        values = {"due": due}
    values |= {"state": SubjectState.WANTED, "updated": now}
    connection.execute(_UPDATE_SUBJECT, {"subject_id": row.id, **values})
    return row.id, due, True


def _next_round(connection: Connection, row: Row[Any], *, now: float) -> float:
    """Return when the next round of a wanted build begins, which a new delivery joins.

    Infinity: a round is under way, and none is due after it.
    """
    if row.due > now or row.lease_until <= now:
        return max(float(row.due), now)
    # the round that is under way may have read its deliveries already
    later = select(func.min(table.c.due)).where(
        table.c.subject_id == row.id,
        table.c.state == DeliveryState.PENDING,
        table.c.due > now,
    )
    due = connection.execute(later).scalar()
    return math.inf if due is None else float(due)


def _insert_subject(
    connection: Connection, wanted: WantedDelivery, *, state: SubjectState, due: float, now: float
) -> int:
    build = Wanted(key=wanted.key, lane=wanted.sink, request={"build": wanted.build})
    return insert_subject(connection, build, message_id=None, now=now, due=due, state=state)


def _want_delivery(
    connection: Connection,
    subject_id: int,
    wanted: WantedDelivery,
    *,
    message_id: str | None,
    due: float,
    now: float,
) -> None:
    ask = _ASK_WITH_FACTS if wanted.facts else _ASK
    new = _new_delivery(subject_id, wanted, now=now)
    asked = {"state": DeliveryState.PENDING, "due": due, "reason": None, "message_id": message_id}
    connection.execute(ask(connection.dialect.name), {**new, **asked})


def _new_delivery(subject_id: int, wanted: WantedDelivery, *, now: float) -> Mapping[str, Any]:
    return {
        "subject_id": subject_id,
        "item": wanted.item,
        "facts": dict(wanted.facts),
        "number": 1,
        "due": now,
        "attempts": 0,
        "asked": now,
        "updated": now,
    }
