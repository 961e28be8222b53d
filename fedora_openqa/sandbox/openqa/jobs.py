"""The life of a job after it was created: done, cancelled, and what that means for others.

It must not restart jobs on its own; `restart` does, and asks for nothing here but the end of some.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from fedora_openqa.sandbox.openqa.cluster import Reach, cluster
from fedora_openqa.sandbox.openqa.database import Database, Row
from fedora_openqa.sandbox.openqa.links import PARALLEL
from fedora_openqa.sandbox.openqa.states import (
    CANCELLED,
    DONE,
    FINAL_STATES,
    INCOMPLETE,
    NONE,
    OBSOLETED,
    OK_RESULTS,
    PARALLEL_FAILED,
    PENDING_STATES,
    PRISTINE_STATES,
    SKIPPED,
)

#: characters of a reason that openQA keeps
REASON_LENGTH = 300
OBSOLETED_REASON = "cancelled based on job settings"
_PRIORITY_STEP = 10
_PRIORITY_LIMIT = 100
_TAG = re.compile(r"\btag:(?:[-.@\w]+-)?(?P<build>[-.@\w]+):[-@\w]+")


@dataclass(frozen=True)
class Ended:
    """What became of a job that was reported done."""

    result: str
    #: False when the job had a result already, which then stays
    is_new: bool


def set_done(database: Database, row: Row, *, result: str, reason: str | None) -> Ended:
    """End a job; a result that it has already is kept."""
    number = row["id"]
    is_new = row["result"] == NONE
    new_reason = row["reason"]
    if (is_new or not row["reason"]) and reason is not None:
        cut = len(reason) > REASON_LENGTH
        new_reason = f"{reason[:REASON_LENGTH]}…" if cut else reason
    elif not row["reason"] and reason is None and result == INCOMPLETE:
        new_reason = "no test modules scheduled/uploaded"
    ended = Ended(result if is_new else row["result"], is_new)
    _end(database, number, state=DONE, result=ended.result, reason=new_reason)
    for blocked in database.rows("SELECT id FROM job WHERE blocked_by_id = ?", (number,)):
        update_blocked_by(database, blocked["id"])
    return ended


def stop_cluster(database: Database, number: int) -> int:
    """End what cannot go on after a job failed or was cancelled; return how many jobs."""
    stopped = 0
    for other in cluster(database, number, Reach(cancelling=True)):
        row = database.job(other)
        if other == number or row is None or row["result"] != NONE:
            continue
        if row["state"] in PRISTINE_STATES:
            _end(database, other, state=CANCELLED, result=SKIPPED, reason=row["reason"])
        else:
            database.write("UPDATE job SET result = ? WHERE id = ?", (PARALLEL_FAILED, other))
        stopped += 1
    return stopped


def cancel(database: Database, row: Row, *, result: str, reason: str | None) -> int:
    """Cancel a job and what depends on it; return how many jobs."""
    if row["result"] != NONE:
        return 0
    new_reason = row["reason"] if reason is None else reason
    _end(database, row["id"], state=CANCELLED, result=result, reason=new_reason)
    return 1 + stop_cluster(database, row["id"])


def obsolete(database: Database, like: Mapping[str, str], *, deprioritize: int | None) -> int:
    """Cancel the pending jobs that have these columns, unless their build is tagged.

    With `deprioritize`, a job is only put back in the queue until its priority reaches the limit.
    """
    conditions = " AND ".join(f"{key} = ?" for key in like)
    pending = ",".join("?" * len(PENDING_STATES))
    statement = f"SELECT * FROM job WHERE {conditions} AND state IN ({pending}) ORDER BY id"  # noqa: S608 - the keys are ours
    rows = database.rows(statement, (*like.values(), *PENDING_STATES))
    important = _tagged_builds(database, {row["group_id"] for row in rows})
    count = 0
    # all rows are read before the first is changed, as openQA does: a child of an obsoleted
    # job therefore ends up as obsoleted too, and not as skipped
    for row in rows:
        if row["BUILD"] in important or f"{row['VERSION']}-{row['BUILD']}" in important:
            continue
        priority = row["priority"] + _PRIORITY_STEP
        if deprioritize is not None and priority < deprioritize:
            database.write("UPDATE job SET priority = ? WHERE id = ?", (priority, row["id"]))
        else:
            count += cancel(database, row, result=OBSOLETED, reason=OBSOLETED_REASON)
    return count


def priority_limit(text: str | None) -> int:
    """Return the priority at which a job is cancelled rather than put back once more."""
    return int(text) if text and text.isdecimal() else _PRIORITY_LIMIT


def update_blocked_by(database: Database, number: int) -> None:
    """Store which chained parent a job, or one that runs beside it, waits for."""
    beside = [link.parent for link in database.parents(number) if link.kind == PARALLEL]
    statement = """SELECT child FROM dependency JOIN job ON job.id = child
                   WHERE parent = ? AND kind = ? AND clone_id IS NULL"""
    beside += [row["child"] for row in database.rows(statement, (number, PARALLEL))]
    candidates = [number, *beside]
    marks = ",".join("?" * len(candidates))
    parent = database.row(
        f"""SELECT parent FROM dependency JOIN job ON job.id = parent
            WHERE child IN ({marks}) AND kind != ? AND state NOT IN (?, ?)
            ORDER BY parent, child""",  # noqa: S608 - only question marks are put in
        (*candidates, PARALLEL, *FINAL_STATES),
    )
    blocked_by = parent["parent"] if parent else None
    database.write("UPDATE job SET blocked_by_id = ? WHERE id = ?", (blocked_by, number))


def is_bad(ended: Ended) -> bool:
    """Return whether the end of a job ends others."""
    return ended.is_new and ended.result not in OK_RESULTS


def _end(database: Database, number: int, *, state: str, result: str, reason: str | None) -> None:
    finished = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    database.write(
        """UPDATE job SET state = ?, result = ?, reason = ?, t_finished = coalesce(t_finished, ?)
           WHERE id = ?""",
        (state, result, reason, finished, number),
    )


def _tagged_builds(database: Database, groups: set[int]) -> set[str]:
    # openQA cuts everything up to the last hyphen off as a version: the tag of a compose
    # ("tag:Fedora-Rawhide-20261120.n.0:important") never protects jobs from being obsoleted
    statement = "SELECT text FROM comment WHERE group_id IN ({})"
    texts = (row["text"] for row in database.rows_for(statement, groups))
    return {found["build"] for found in map(_TAG.search, texts) if found}
