"""The table of subjects, in which messages and sweeps store what should be scheduled.

How workers lease from it is in `backlog`.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import insert, select, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.work import Change, Known, StoredSubject, SubjectState, Wanted
from fedora_openqa.policy.wanted import change_of
from fedora_openqa.store.arrivals import announce
from fedora_openqa.store.asking import ask_again_for, known_of, with_force
from fedora_openqa.store.backlog import Backlog
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.pruning import day_of
from fedora_openqa.store.rows import (
    adding_to,
    for_dialects,
    insert_subject,
    is_stored,
    lock_subject,
    stored_subject,
)
from fedora_openqa.store.schema import FOUND, SWEEP, found_day, mark, message, subject

#: keys in one query; the limits of SQLite and PostgreSQL are far higher
KEYS_AT_ONCE = 500

_INSERT_MESSAGE = for_dialects(
    lambda insert: insert(message).on_conflict_do_nothing().returning(message.c.id)
)

_COUNT_FOUND = adding_to(found_day)


class Subjects(Backlog, ports.Inbox):
    """The table of subjects; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    @override
    def want(self, wanted: Wanted, *, message_id: str | None) -> Change:
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            row = lock_subject(connection, wanted.key)
            if row is None:
                first = replace(wanted, request=with_force(wanted))
                subject_id = insert_subject(connection, first, message_id=message_id, now=now)
            else:
                subject_id = row.id
            if message_id is not None:
                seen = {"id": message_id, "subject_id": subject_id, "seen": now}
                insert_message = _INSERT_MESSAGE(connection.dialect.name)
                if connection.execute(insert_message, seen).first() is None:
                    # also the subject, where the message was about another
                    connection.rollback()
                    return Change.NOTHING
            if row is None:
                change = Change.NEW
            else:
                change = change_of(wanted, known_of(row, now=now))
                if change is Change.AGAIN:
                    ask_again_for(connection, row, wanted, message_id=message_id, now=now)
                elif change is Change.DUE:
                    connection.execute(
                        update(subject).where(subject.c.id == row.id).values(due=now, updated=now)
                    )
            if change is not Change.NOTHING:
                announce(connection)
            return change

    @override
    def park_message(self, name: str, content: Mapping[str, str], *, reason: str) -> None:
        wanted = Wanted(key=f"message:{name}", lane="message", request=content)
        self._insert_new(wanted, SubjectState.PARKED, message_id=name, reason=reason)

    @override
    def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        rows = list(keys)
        found: dict[str, Known] = {}
        with reading(self._engine) as connection:
            now = self._clock(connection)
            for start in range(0, len(rows), KEYS_AT_ONCE):
                some = subject.c.key.in_(rows[start : start + KEYS_AT_ONCE])
                rows_found = connection.execute(select(subject).where(some))
                found |= {row.key: known_of(row, now=now) for row in rows_found}
        return found

    @override
    def remember(self, wanted: Wanted, *, reason: str) -> None:
        self._insert_new(wanted, SubjectState.SCHEDULED, message_id=None, reason=reason)

    @override
    def swept(self, found: Mapping[str, int]) -> None:
        numbers = {f"{FOUND}{lane}": number for lane, number in found.items()}
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            days = [
                {"day": day_of(now), "lane": lane, "number": number}
                for lane, number in sorted(found.items())
                if number
            ]
            if days:
                connection.execute(_COUNT_FOUND(connection.dialect.name), days)
            for name, number in sorted({SWEEP: 1, **numbers}.items()):
                changed = connection.execute(
                    update(mark)
                    .where(mark.c.name == name)
                    .values(at=now, number=mark.c.number + number)
                )
                if changed.rowcount == 0:
                    connection.execute(insert(mark).values(name=name, at=now, number=number))

    def find(self, key: str) -> StoredSubject | None:
        """Return the subject of a key; None: it is not stored."""
        with reading(self._engine) as connection:
            row = connection.execute(select(subject).where(subject.c.key == key)).first()
            return stored_subject(row) if row else None

    def all(self) -> tuple[StoredSubject, ...]:
        """Return all subjects, the newest first."""
        query = select(subject).order_by(subject.c.updated.desc(), subject.c.id.desc())
        with reading(self._engine) as connection:
            return tuple(stored_subject(row) for row in connection.execute(query))

    def _insert_new(
        self, wanted: Wanted, state: SubjectState, *, message_id: str | None, reason: str
    ) -> None:
        """Insert a subject that needs no work, unless its key is stored."""
        with transaction(self._engine) as connection:
            if not is_stored(connection, wanted.key):
                now = self._clock(connection)
                insert_subject(
                    connection, wanted, message_id=message_id, now=now, state=state, reason=reason
                )
