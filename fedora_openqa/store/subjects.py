"""Stored subjects: wanted, leased, finished, put off, parked."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    update,
)

from fedora_openqa.model.work import Change, Lease, StoredSubject, SubjectState, Wanted
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.leases import held
from fedora_openqa.store.marks import SWEEP, Marks
from fedora_openqa.store.pauses import paused_kinds
from fedora_openqa.store.products import StoredLedger
from fedora_openqa.store.rows import TEXT_SIZE, insert_subject, stored
from fedora_openqa.store.schema import absence, message, subject
from fedora_openqa.store.settling import leave, settle

#: seconds
MINUTE = 60.0

#: characters of a key
KEY_SIZE = 300

#: keys in one question; SQLite and PostgreSQL both have a limit, far above
KEYS_AT_ONCE = 500


class Subjects:
    """The table of subjects; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(
        self, engine: Engine, *, per_minute: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """Use a database that `open_engine` opened.

        :param per_minute: kind of subjects, to how many of it are leased in a minute at the most
        """
        self._engine = engine
        self._per_minute = per_minute

    def want(self, wanted: Wanted, *, message_id: str | None, now: float) -> Change:
        """Store that a subject is wanted; the same message again changes nothing."""
        with transaction(self._engine) as connection:
            if message_id is not None and _has(connection, message_id):
                return Change.NOTHING
            row = connection.execute(
                select(subject).where(subject.c.key == wanted.key).with_for_update()
            ).first()
            if row is None:
                change = Change.NEW
                subject_id = insert_subject(connection, wanted, message_id=message_id, now=now)
            else:
                subject_id = row.id
                again = wanted.again or row.digest != wanted.digest
                change = Change.AGAIN if again else Change.NOTHING
                if again:
                    _ask_again(connection, row, wanted, message_id=message_id, now=now)
            if message_id is not None:
                connection.execute(
                    insert(message).values(id=message_id, subject_id=subject_id, seen=now)
                )
            return change

    def lease(
        self, owner: str, kinds: Collection[str], *, now: float, until: float
    ) -> Lease | None:
        """Take the subject that is due first, if any is, out of everybody else's reach.

        :param kinds: those that the owner works on
        """
        due = (
            select(subject)
            .where(
                subject.c.state == SubjectState.WANTED,
                subject.c.due <= now,
                subject.c.kind.in_(kinds),
                subject.c.kind.not_in(paused_kinds()),
                subject.c.kind.not_in(_absent_kinds(now)),
                subject.c.kind.not_in(self._full_kinds(now)),
                or_(subject.c.lease_owner.is_(None), subject.c.lease_until <= now),
            )
            .order_by(subject.c.priority.desc(), subject.c.due, subject.c.id)
            .limit(1)
            # on SQLite the transaction itself keeps others out
            .with_for_update(skip_locked=True)
        )
        with transaction(self._engine) as connection:
            row = connection.execute(due).first()
            if row is None:
                return None
            connection.execute(
                update(subject)
                .where(subject.c.id == row.id)
                .values(
                    lease_owner=owner,
                    lease_until=until,
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
                until=until,
            )

    def renew(self, lease: Lease, *, now: float, until: float) -> bool:
        """Keep a lease for longer; false if it was lost."""
        return self._change(lease, {"lease_until": until}, now=now)

    def finish(self, lease: Lease, state: SubjectState, *, reason: str | None, now: float) -> bool:
        """Say what became of a subject; false if the lease was lost, or it is wanted anew."""
        values = {
            "state": state,
            "reason": reason[:TEXT_SIZE] if reason else None,
            "lease_owner": None,
            "lease_until": 0.0,
        }
        return self._change(lease, values, now=now)

    def postpone(
        self, lease: Lease, *, error: str, due: float, now: float, counts: bool = True
    ) -> bool:
        """Try a subject again later; false if the lease was lost, or it is wanted anew."""
        values = {
            "attempts": lease.attempts if counts else lease.attempts - 1,
            "last_error": error[:TEXT_SIZE],
            "due": due,
            "lease_owner": None,
            "lease_until": 0.0,
        }
        return self._change(lease, values, now=now)

    def settle(self, lease: Lease, *, reached: bool, now: float) -> bool:
        """Have a subject's deliveries say what becomes of it; false if the lease was lost.

        :param reached: their sink has answered
        """
        with transaction(self._engine) as connection:
            return settle(connection, lease, now=now, reached=reached)

    def leave(self, lease: Lease, *, error: str, now: float) -> bool:
        """Let the whole lane wait, the longer the longer it does; false if the lease was lost."""
        with transaction(self._engine) as connection:
            return leave(connection, lease, error=error, now=now)

    def park_message(
        self, name: str, content: Mapping[str, str], *, reason: str, now: float
    ) -> None:
        """Keep a message nobody understands for a person to look at; the same one once."""
        key = f"message:{name}"[:KEY_SIZE]
        with transaction(self._engine) as connection:
            known = select(subject.c.id).where(subject.c.key == key)
            if connection.execute(known).first() is None:
                wanted = Wanted(key=key, kind="message", request=content)
                insert_subject(
                    connection,
                    wanted,
                    message_id=name,
                    now=now,
                    state=SubjectState.PARKED,
                    reason=reason[:TEXT_SIZE],
                )

    def digests(self, keys: Collection[str]) -> Mapping[str, str]:
        """Give the digests of what these subjects contain, of all that are stored."""
        rows = list(keys)
        found: dict[str, str] = {}
        with transaction(self._engine) as connection:
            for start in range(0, len(rows), KEYS_AT_ONCE):
                some = subject.c.key.in_(rows[start : start + KEYS_AT_ONCE])
                query = select(subject.c.key, subject.c.digest).where(some)
                found |= {row.key: row.digest for row in connection.execute(query)}
        return found

    def remember(self, wanted: Wanted, *, reason: str, now: float) -> None:
        """Store a subject as scheduled unless anything is stored of it."""
        with transaction(self._engine) as connection:
            known = select(subject.c.id).where(subject.c.key == wanted.key)
            if connection.execute(known).first() is None:
                insert_subject(
                    connection,
                    wanted,
                    message_id=None,
                    now=now,
                    state=SubjectState.SCHEDULED,
                    reason=reason,
                )

    def ledger(self, lease: Lease, *, clock: Callable[[], float]) -> StoredLedger:
        """Open what is remembered of a leased request."""
        return StoredLedger(self._engine, lease, clock=clock)

    def next_due(self, kinds: Collection[str]) -> float | None:
        """Tell when the next subject of these kinds is due that nobody works on."""
        free = _later(subject.c.due, subject.c.lease_until)
        query = (
            select(func.min(_later(free, func.coalesce(absence.c.until, 0.0))))
            .select_from(subject)
            .outerjoin(absence, absence.c.lane == subject.c.kind)
            .where(
                subject.c.state == SubjectState.WANTED,
                subject.c.kind.in_(kinds),
                subject.c.kind.not_in(paused_kinds()),
            )
        )
        with transaction(self._engine) as connection:
            due: float | None = connection.execute(query).scalar()
            return due

    def swept(self, *, now: float) -> None:
        """Store that a sweep ended."""
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

    def prune(self, *, before: float) -> int:
        """Forget messages that were seen before a time, and subjects that were finished by then.

        A subject stays for as long as a message about it: that one might come again.
        """
        with transaction(self._engine) as connection:
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
            .where(subject.c.leased > now - MINUTE)
            .group_by(subject.c.kind)
            .having(or_(false(), *limits))
        )

    def _change(self, lease: Lease, values: dict[str, Any], *, now: float) -> bool:
        """Change a subject whose lease still holds and whose request is still the newest."""
        with transaction(self._engine) as connection:
            changed = connection.execute(
                update(subject).where(held(lease)).values(updated=now, **values)
            )
            return changed.rowcount == 1


def _absent_kinds(now: float) -> Select[tuple[str]]:
    """Name the lanes that wait for whoever they lead to."""
    return select(absence.c.lane).where(absence.c.until > now)


def _later(one: ColumnElement[float], other: ColumnElement[float]) -> ColumnElement[float]:
    return case((one > other, one), else_=other)


def _has(connection: Connection, message_id: str) -> bool:
    query = select(message.c.id).where(message.c.id == message_id)
    return connection.execute(query).first() is not None


def _ask_again(
    connection: Connection,
    row: Row[Any],
    wanted: Wanted,
    *,
    message_id: str | None,
    now: float,
) -> None:
    connection.execute(
        update(subject)
        .where(subject.c.id == row.id)
        .values(
            request=dict(wanted.request),
            digest=wanted.digest,
            number=row.number + 1,
            state=SubjectState.WANTED,
            reason=None,
            priority=wanted.priority,
            due=now,
            attempts=0,
            last_error=None,
            # whoever works on the old request finds its lease gone
            lease_owner=None,
            lease_until=0.0,
            message_id=message_id,
            asked=now,
            updated=now,
        )
    )
