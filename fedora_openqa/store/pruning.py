"""Deletes what is old, a little at a time: on SQLite one writer keeps all others out."""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, exists, func, select

from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.rows import adding_to
from fedora_openqa.store.schema import (
    audit,
    delivery,
    failure_note,
    job,
    job_day,
    message,
    product,
    subject,
)

#: states in which nothing more is done about a subject
FINISHED = (SubjectState.SCHEDULED, SubjectState.REPORTED, SubjectState.SKIPPED)

#: subjects, their products and deliveries, and messages that one transaction deletes at most;
#: a subject that alone has more goes alone
SUBJECTS_AT_ONCE, ROWS_AT_ONCE, MESSAGES_AT_ONCE, JOBS_AT_ONCE, ACTS_AT_ONCE = (
    50,
    1000,
    1000,
    1000,
    1000,
)

_COUNT_JOBS = adding_to(job_day)


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


def prune_acts(connection: Connection, *, before: float) -> int:
    """Delete some acts of people that are older than a time, and return their number."""
    old = (
        select(audit.c.id)
        .where(audit.c.at < before)
        .limit(ACTS_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return connection.execute(delete(audit).where(audit.c.id.in_(old))).rowcount


def prune_notes(connection: Connection, *, before: float) -> int:
    """Delete what persons decided about failures before a time, and return the number."""
    # they are as few as persons write
    return connection.execute(delete(failure_note).where(failure_note.c.at < before)).rowcount


def prune_jobs(connection: Connection, *, before: float) -> int:
    """Delete some jobs of which nothing was heard since a time, and return their number.

    Those that ended are counted by day, and the numbers stay.
    """
    old = connection.execute(
        select(job.c.id, job.c.version, job.c.arch, job.c.result, job.c.finished, job.c.clone_id)
        .where(job.c.read < before)
        .limit(JOBS_AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    days: Counter[tuple[str, str, str, str]] = Counter()
    restarted: Counter[tuple[str, str, str, str]] = Counter()
    for row in old:
        if row.finished:
            place = (day_of(row.finished), row.version, row.arch, row.result)
            days[place] += 1
            restarted[place] += row.clone_id is not None
    # always in the same order: two processes would deadlock otherwise
    rows = [
        {
            "day": place[0],
            "version": place[1],
            "arch": place[2],
            "result": place[3],
            "number": number,
            "restarted": restarted[place],
        }
        for place, number in sorted(days.items())
    ]
    if rows:
        connection.execute(_COUNT_JOBS(connection.dialect.name), rows)
    connection.execute(delete(job).where(job.c.id.in_([row.id for row in old])))
    return len(old)


def day_of(time: float) -> str:
    """Return the day of a time, in UTC: ``"2026-11-20"``."""
    return datetime.fromtimestamp(time, tz=UTC).date().isoformat()
