"""Deletes what is old, a little at a time: on SQLite one writer keeps all others out."""

from sqlalchemy import Connection, delete, exists, func, select

from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.schema import delivery, message, product, subject

#: states in which nothing more is done about a subject
FINISHED = (SubjectState.SCHEDULED, SubjectState.REPORTED, SubjectState.SKIPPED)

#: subjects, their products and deliveries, and messages that one transaction deletes at most;
#: a subject that alone has more goes alone
SUBJECTS_AT_ONCE, ROWS_AT_ONCE, MESSAGES_AT_ONCE = 50, 1000, 1000


def prune_subjects(connection: Connection, *, before: float) -> int:
    """Delete some finished subjects that are older than a time, and return their number.

    A subject stays for as long as a message of it: the message might come again.
    """
    products, deliveries = (
        select(func.count()).where(table.c.subject_id == subject.c.id).scalar_subquery()
        for table in (product, delivery)
    )
    old = (
        select(subject.c.id, (products + deliveries).label("rows"))
        .where(
            subject.c.state.in_(FINISHED),
            subject.c.updated < before,
            ~exists().where(message.c.subject_id == subject.c.id, message.c.seen >= before),
        )
        .limit(SUBJECTS_AT_ONCE)
        # workers that prune at the same time do not wait for each other
        .with_for_update(skip_locked=True, of=subject)
    )
    ids: list[int] = []
    left = ROWS_AT_ONCE
    for row in connection.execute(old):
        left -= row.rows
        if ids and left < 0:
            break
        ids.append(row.id)
    connection.execute(delete(subject).where(subject.c.id.in_(ids)))
    return len(ids)


def prune_messages(connection: Connection, *, before: float) -> int:
    """Delete some messages that are older than a time, and return their number."""
    old = (
        select(message.c.id)
        .where(message.c.seen < before)
        .limit(MESSAGES_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(delete(message).where(message.c.id.in_(old))).rowcount
