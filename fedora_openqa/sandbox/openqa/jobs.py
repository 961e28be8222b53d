"""Ends jobs: done, cancelled or obsoleted, with the consequences for other jobs.

It must not restart jobs; `restart` does.
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
    """The outcome of a job that was set done."""

    result: str
    #: False: the job had a result already, which stays
    is_new: bool


def set_done(database: Database, row: Row, *, result: str, reason: str | None) -> Ended:
    """End a job; an earlier result stays."""
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
    """End the jobs that cannot go on after a job failed or was cancelled; return their number."""
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
    """Cancel a job and the jobs that depend on it; return their number."""
    if row["result"] != NONE:
        return 0
    new_reason = row["reason"] if reason is None else reason
    _end(database, row["id"], state=CANCELLED, result=result, reason=new_reason)
    return 1 + stop_cluster(database, row["id"])


def obsolete(database: Database, like: Mapping[str, str], *, deprioritize: int | None) -> int:
    """Cancel the pending jobs with these columns, unless their build is tagged as important.

    With `deprioritize`, a job only gets a higher priority value until that reaches the limit.
    """
    conditions = " AND ".join(f"{key} = ?" for key in like)
    pending = ",".join("?" * len(PENDING_STATES))
    statement = f"SELECT * FROM job WHERE {conditions} AND state IN ({pending}) ORDER BY id"  # noqa: S608 - the keys are ours
    rows = database.rows(statement, (*like.values(), *PENDING_STATES))
    important = _tagged_builds(database, {row["group_id"] for row in rows})
    count = 0
    # as in openQA all rows are read before the first is changed, so that a child of an
    # obsoleted job ends as obsoleted, not as skipped
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
    """Return the priority value at which a job is cancelled."""
    return int(text) if text and text.isdecimal() else _PRIORITY_LIMIT


def update_blocked_by(database: Database, number: int) -> None:
    """Store the chained parent that a job, or a job parallel to it, waits for."""
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
    """Return whether the result of a job ends other jobs."""
    return ended.is_new and ended.result not in OK_RESULTS


def _end(database: Database, number: int, *, state: str, result: str, reason: str | None) -> None:
    finished = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    database.write(
        """UPDATE job SET state = ?, result = ?, reason = ?, t_finished = coalesce(t_finished, ?)
           WHERE id = ?""",
        (state, result, reason, finished, number),
    )


def _tagged_builds(database: Database, groups: set[int]) -> set[str]:
    # openQA removes everything up to the last hyphen as a version: the tag of a compose
    # ("tag:Fedora-Rawhide-20261120.n.0:important") never prevents that its jobs are obsoleted
    statement = "SELECT text FROM comment WHERE group_id IN ({})"
    texts = (row["text"] for row in database.rows_for(statement, groups))
    return {found["build"] for found in map(_TAG.search, texts) if found}
