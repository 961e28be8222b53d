"""Stored subjects: wanted, leased, finished, put off, parked."""

from collections.abc import Collection, Mapping
from dataclasses import replace
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

from fedora_openqa.model.work import (
    Away,
    Change,
    Known,
    Lease,
    StoredSubject,
    SubjectState,
    Wanted,
)
from fedora_openqa.policy.wanted import change_of
from fedora_openqa.store.asking import ask_again_for, known_of, with_force
from fedora_openqa.store.clock import Clock, database_time, has_come
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.leases import FREE, held
from fedora_openqa.store.marks import SWEEP, Marks
from fedora_openqa.store.pauses import paused_kinds
from fedora_openqa.store.product_ledger import ProductLedger
from fedora_openqa.store.rows import insert_subject, stored
from fedora_openqa.store.schema import absence, message, subject
from fedora_openqa.store.settling import end_wait, leave, settle

#: seconds
MINUTE = 60.0

#: keys in one question; SQLite and PostgreSQL both have a limit, far above
KEYS_AT_ONCE = 500


class Subjects:
    """The table of subjects; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        per_minute: Mapping[str, int] = MappingProxyType({}),
        clock: Clock = database_time,
    ) -> None:
        """Use a database that `open_engine` opened.

        :param per_minute: kind of subjects, to how many of it are leased in a minute at the most
        """
        self._engine = engine
        self._per_minute = per_minute
        self._clock = clock

    def want(self, wanted: Wanted, *, message_id: str | None) -> Change:
        """Store that a subject is wanted; the same message again changes nothing.

        Another content, a re-trigger, or another location of a subject that is parked or failing
        is another request. Anything else only makes a waiting subject due, unless it is being
        worked on.
        """
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            if message_id is not None and _has(connection, message_id):
                return Change.NOTHING
            row = connection.execute(
                select(subject).where(subject.c.key == wanted.key).with_for_update()
            ).first()
            if row is None:
                change = Change.NEW
                first = replace(wanted, request=with_force(wanted))
                subject_id = insert_subject(connection, first, message_id=message_id, now=now)
            else:
                subject_id = row.id
                change = change_of(wanted, known_of(row, now=now))
                if change is Change.AGAIN:
                    ask_again_for(connection, row, wanted, message_id=message_id, now=now)
                elif change is Change.DUE:
                    connection.execute(
                        update(subject).where(subject.c.id == row.id).values(due=now, updated=now)
                    )
            if message_id is not None:
                connection.execute(
                    insert(message).values(id=message_id, subject_id=subject_id, seen=now)
                )
            return change

    def lease(self, owner: str, kinds: Collection[str], *, seconds: float) -> Lease | None:
        """Lease the subject that is due first; None: none is due.

        :param kinds: those that the owner works on
        :param seconds: how long nobody else gets it
        """
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            row = connection.execute(self._due(kinds, now=now)).first()
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
                kind=row.kind,
                request=row.request,
                number=row.number,
                attempts=row.attempts + 1,
                wanted_since=row.asked,
                owner=owner,
                until=now + seconds,
            )

    def _due(self, kinds: Collection[str], *, now: float) -> Select[Any]:
        """Select the subject that is due first."""
        return (
            select(subject)
            .where(
                subject.c.state == SubjectState.WANTED,
                has_come(subject.c.due, now),
                subject.c.kind.in_(kinds),
                subject.c.kind.not_in(paused_kinds()),
                subject.c.kind.not_in(_absent_kinds(now)),
                subject.c.kind.not_in(self._full_kinds(now)),
                or_(subject.c.lease_owner.is_(None), has_come(subject.c.lease_until, now)),
            )
            .order_by(subject.c.priority.desc(), subject.c.due, subject.c.id)
            .limit(1)
            # on SQLite the transaction itself keeps others out
            .with_for_update(skip_locked=True)
        )

    def renew(self, lease: Lease, *, seconds: float) -> bool:
        """Keep a lease for so many seconds from now; false if it was lost."""
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            return _change(connection, lease, {"lease_until": now + seconds}, now=now)

    def finish(self, lease: Lease, state: SubjectState, *, reason: str | None) -> bool:
        """Store what became of a subject; false if the lease was lost, or it is wanted anew."""
        values = {"state": state, "reason": reason or None, **FREE}
        with transaction(self._engine) as connection:
            end_wait(connection, lease.kind)
            return _change(connection, lease, values, now=self._clock(connection))

    def postpone(self, lease: Lease, *, error: str, delay: float, counts: bool = True) -> bool:
        """Try a subject again later; false if the lease was lost, or it is wanted anew.

        :param delay: seconds from now
        :param counts: whether the attempt counts
        """
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            values = {
                "attempts": lease.attempts if counts else lease.attempts - 1,
                "last_error": error,
                "due": now + delay,
                **FREE,
            }
            return _change(connection, lease, values, now=now)

    def settle(self, lease: Lease, *, reached: bool) -> bool:
        """Have a subject's deliveries say what becomes of it; false if the lease was lost.

        :param reached: their sink has answered
        """
        with transaction(self._engine) as connection:
            return settle(connection, lease, now=self._clock(connection), reached=reached)

    def leave(self, lease: Lease, away: Away) -> bool:
        """Let the whole lane wait, the longer the longer it does; false if the lease was lost."""
        with transaction(self._engine) as connection:
            return leave(connection, lease, away, now=self._clock(connection))

    def park_message(self, name: str, content: Mapping[str, str], *, reason: str) -> None:
        """Keep a message nobody understands for a person to look at; the same one once."""
        key = f"message:{name}"
        with transaction(self._engine) as connection:
            known = select(subject.c.id).where(subject.c.key == key)
            if connection.execute(known).first() is None:
                wanted = Wanted(key=key, kind="message", request=content)
                insert_subject(
                    connection,
                    wanted,
                    message_id=name,
                    now=self._clock(connection),
                    state=SubjectState.PARKED,
                    reason=reason,
                )

    def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        """Return what is known of these subjects, by the keys of those that are stored."""
        rows = list(keys)
        found: dict[str, Known] = {}
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            for start in range(0, len(rows), KEYS_AT_ONCE):
                some = subject.c.key.in_(rows[start : start + KEYS_AT_ONCE])
                rows_found = connection.execute(select(subject).where(some))
                found |= {row.key: known_of(row, now=now) for row in rows_found}
        return found

    def remember(self, wanted: Wanted, *, reason: str) -> None:
        """Store a subject as scheduled unless anything is stored of it."""
        with transaction(self._engine) as connection:
            known = select(subject.c.id).where(subject.c.key == wanted.key)
            if connection.execute(known).first() is None:
                insert_subject(
                    connection,
                    wanted,
                    message_id=None,
                    now=self._clock(connection),
                    state=SubjectState.SCHEDULED,
                    reason=reason,
                )

    def ledger(self, lease: Lease) -> ProductLedger:
        """Open what is remembered of a leased request."""
        return ProductLedger(self._engine, lease, clock=self._clock)

    def seconds_until_due(self, kinds: Collection[str]) -> float | None:
        """Return in how many seconds the next subject of these kinds can be leased.

        Negative: it could be since then. None: nothing waits.
        """
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            due = connection.execute(_next_due(kinds, now=now)).scalar()
            return None if due is None else float(due) - now

    def swept(self) -> None:
        """Store that a sweep ended."""
        with transaction(self._engine) as connection:
            now = self._clock(connection)
        Marks(self._engine).set(SWEEP, at=now)

    def find(self, key: str) -> StoredSubject | None:
        """Read a subject."""
        with transaction(self._engine) as connection:
            row = connection.execute(select(subject).where(subject.c.key == key)).first()
            return stored(row) if row else None

    def all(self, *, state: SubjectState | None = None) -> tuple[StoredSubject, ...]:
        """Read all subjects, or all of a state; the newest first."""
        query = select(subject).order_by(subject.c.updated.desc(), subject.c.id.desc())
        if state is not None:
            query = query.where(subject.c.state == state)
        with transaction(self._engine) as connection:
            return tuple(stored(row) for row in connection.execute(query))

    def prune(self, *, keep: float) -> int:
        """Forget messages and finished subjects after so many seconds; returns how many subjects.

        A subject stays for as long as a message about it: that one might come again.
        """
        with transaction(self._engine) as connection:
            before = self._clock(connection) - keep
            connection.execute(delete(message).where(message.c.seen < before))
            finished = (SubjectState.SCHEDULED, SubjectState.REPORTED, SubjectState.SKIPPED)
            return connection.execute(
                delete(subject).where(
                    subject.c.state.in_(finished),
                    subject.c.updated < before,
                    ~exists().where(message.c.subject_id == subject.c.id),
                )
            ).rowcount

    def _full_kinds(self, now: float) -> Select[tuple[str]]:
        """Name the kinds of which enough were leased in the last minute."""
        limits = [
            and_(subject.c.kind == kind, func.count() >= limit)
            for kind, limit in self._per_minute.items()
        ]
        return (
            select(subject.c.kind)
            .where(subject.c.leased.between(now - MINUTE, now))
            .group_by(subject.c.kind)
            .having(or_(false(), *limits))
        )


def _change(connection: Connection, lease: Lease, values: dict[str, Any], *, now: float) -> bool:
    """Change a subject whose lease still holds and whose request is still the newest."""
    changed = connection.execute(update(subject).where(held(lease)).values(updated=now, **values))
    return changed.rowcount == 1


def _next_due(kinds: Collection[str], *, now: float) -> Select[Any]:
    """Select when the next subject can be leased."""
    due, lease_until, until = (
        case((has_come(moment, now) & (moment > now), 0.0), else_=moment)
        for moment in (subject.c.due, subject.c.lease_until, func.coalesce(absence.c.until, 0.0))
    )
    return (
        select(func.min(_later(_later(due, lease_until), until)))
        .select_from(subject)
        .outerjoin(absence, absence.c.lane == subject.c.kind)
        .where(
            subject.c.state == SubjectState.WANTED,
            subject.c.kind.in_(kinds),
            subject.c.kind.not_in(paused_kinds()),
        )
    )


def _absent_kinds(now: float) -> Select[tuple[str]]:
    """Select the lanes that wait."""
    return select(absence.c.lane).where(not_(has_come(absence.c.until, now)))


def _later(one: ColumnElement[float], other: ColumnElement[float]) -> ColumnElement[float]:
    return case((one > other, one), else_=other)


def _has(connection: Connection, message_id: str) -> bool:
    query = select(message.c.id).where(message.c.id == message_id)
    return connection.execute(query).first() is not None
