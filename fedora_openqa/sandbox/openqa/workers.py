"""Simulated workers: take jobs in turn, run modules, upload files, and end jobs.

It must not choose the result of a job; the caller does.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fedora_openqa.sandbox.openqa import jobs
from fedora_openqa.sandbox.openqa.database import Database, Row
from fedora_openqa.sandbox.openqa.restart import restart_by_itself
from fedora_openqa.sandbox.openqa.states import PENDING_STATES, RUNNING, SCHEDULED

#: settings in openQA's messages, beside the columns of a job
_ASSETS = ("ISO", "HDD_1")
_COLUMNS = ("ARCH", "BUILD", "FLAVOR", "MACHINE", "TEST")


@dataclass(frozen=True, slots=True)
class Module:
    """A part of a job that has a result of its own."""

    #: ``"_boot_to_anaconda"``
    name: str
    #: ``"none"``, ``"passed"``, ``"softfailed"``, ``"failed"``
    result: str
    #: ``("fatal",)``
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The end of a job on a worker."""

    #: openQA's job result: ``"failed"``
    result: str
    #: in the order they run
    modules: tuple[Module, ...] = ()
    #: uploaded files: ``"_collect_data-rpms.log"`` to its content
    files: Mapping[str, bytes] = field(default_factory=dict)
    #: openQA's reason, of a job that did not end by itself: ``"backend died: …"``
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class WaitingJob:
    """A job that a worker may take."""

    id: int
    flavor: str
    test: str


class Workers:
    """All workers of an openQA; used from the thread of its event loop only."""

    def __init__(self, database: Database) -> None:
        """Work on the jobs of a database."""
        self._database = database

    def register(self, host: str, instance: int, classes: str) -> int:
        """Add a worker that is idle, or one that has started again; return its id.

        :param classes: separated by commas: ``"qemu_x86_64,tap"``
        """
        self._database.write(
            """INSERT INTO worker (host, instance, classes) VALUES (?, ?, ?)
               ON CONFLICT (host, instance) DO UPDATE SET classes = excluded.classes, dead = 0""",
            (host, instance, classes),
        )
        row = self._database.row(
            "SELECT id FROM worker WHERE host = ? AND instance = ?", (host, instance)
        )
        return int(row["id"]) if row else 0

    def report(self, worker: int, *, error: str = "", dead: bool = False) -> None:
        """Say that a worker is broken, is no longer heard of, or is well again."""
        self._database.write(
            "UPDATE worker SET error = ?, dead = ? WHERE id = ?", (error or None, dead, worker)
        )

    def begin(self, number: int, worker: int, *, started: datetime | None = None) -> None:
        """Let a worker run a job; `run` ends it.

        :param started: UTC; None: now
        """
        begun = f"{started or datetime.now(UTC):%Y-%m-%dT%H:%M:%S}"
        self._database.write(
            "UPDATE job SET state = ?, worker_id = ?, t_started = ? WHERE id = ?",
            (RUNNING, worker, begun, number),
        )

    def next_job(self, build: str) -> WaitingJob | None:
        """Return the oldest job of a BUILD that waits for no other; None: there is none."""
        row = self._database.row(
            """SELECT id, FLAVOR, TEST FROM job
               WHERE BUILD = ? AND state = ? AND blocked_by_id IS NULL ORDER BY id""",
            (build, SCHEDULED),
        )
        return WaitingJob(*row) if row else None

    def run(self, number: int, run: Run) -> Mapping[str, Any]:
        """Run a job to its end; return the body of openQA's message about it."""
        with self._database.transaction():
            modules = [(number, it.name, json.dumps(it.flags), it.result) for it in run.modules]
            self._database.write_all("INSERT INTO module VALUES (?, ?, ?, ?)", modules)
            files = [(number, name, content) for name, content in run.files.items()]
            self._database.write_all("INSERT INTO file VALUES (?, ?, ?)", files)
            self._database.write(
                """UPDATE job SET t_started = coalesce(t_started, strftime('%Y-%m-%dT%H:%M:%S'))
                   WHERE id = ?""",
                (number,),
            )
            [row] = self._database.rows("SELECT * FROM job WHERE id = ?", (number,))
            end_job(self._database, row, result=run.result, reason=run.reason)
        return self._message(row, run)

    def _message(self, row: Row, run: Run) -> Mapping[str, Any]:
        settings = self._database.settings([row["id"]])[row["id"]]
        marks = ",".join("?" * len(PENDING_STATES))
        statement = f"SELECT id FROM job WHERE BUILD = ? AND state IN ({marks})"  # noqa: S608 - only marks
        pending = self._database.rows(statement, (row["BUILD"], *PENDING_STATES))
        return {
            **{name: row[name] for name in _COLUMNS},
            **{name: settings[name] for name in _ASSETS if settings.get(name)},
            "group_id": row["group_id"],
            "id": row["id"],
            "result": run.result,
            "reason": run.reason,
            "newbuild": None,
            "bugref": None,
            "failedmodules": [one.name for one in run.modules if one.result == "failed"],
            "remaining": len(pending),
        }


def end_job(database: Database, row: Row, *, result: str, reason: str | None) -> jobs.Ended:
    """End a job with the consequences: an automatic restart, and the end of other jobs."""
    ended = jobs.set_done(database, row, result=result, reason=reason)
    restart_by_itself(database, row, ended=ended, reason=reason)
    if jobs.is_bad(ended):
        jobs.stop_cluster(database, row["id"])
    return ended
