"""Watches openQA: one process of a deployment reads once a minute what openQA has to do.

Four requests a minute, whoever asks and however often. What was read is stored, and jobs are
remembered as those of other reads. Each process learns from the store whether openQA is away; while
it is, nothing is read, and one process at a time asks for a sign of life.
"""

import logging
import math
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from fedora_openqa import ports
from fedora_openqa.errors import (
    FedoraOpenQAError,
    LeaseLostError,
    SchemaError,
    TemporaryError,
    shortage,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.openqa_load import READS, Observed, QueuedJob, SnapshotName
from fedora_openqa.policy.history import stored_job
from fedora_openqa.policy.queue import hosts_of, news, queued_jobs, waits_with
from fedora_openqa.workflows.lookout import Lookout

log = logging.getLogger(__name__)

#: seconds between two reads
EVERY = 60.0

#: seconds until the first read: messages that wait come first
FIRST_AFTER = 15.0

#: parts of `EVERY` by which two reads may be closer: waiting is not exact
TOLERANCE = 0.02

#: seconds after which a process learns from the store that openQA is away; each process spreads
#: these times by a third
LEARN_SECONDS = 30.0


@dataclass(slots=True)
class Watch:
    """Reads what openQA has to do, in turn with other processes."""

    #: None: this process never reads
    load: ports.Load | None
    snapshots: ports.Snapshots
    history: ports.JobHistory
    lookout: Lookout
    every: float = EVERY
    #: called after each look with what was seen, and when
    seen: Callable[[Observed, float], None] = lambda _observed, _now: None
    first_after: float = FIRST_AFTER
    learn_every: float = LEARN_SECONDS
    #: id to state of the jobs that were remembered
    _known: dict[int, str] = field(default_factory=dict, init=False)
    #: id to host of the jobs that workers were seen to have
    _hosts: Mapping[int, str] = field(default_factory=dict, init=False)
    #: the reads that failed last time
    _failed: frozenset[SnapshotName] = field(default=frozenset(), init=False)

    def run(self, stopped: threading.Event) -> None:
        """Watch until stopped; what fails is logged and tried again.

        Raises:
            SchemaError: the store has a schema that this version cannot work with.
        """
        read_at = time.monotonic() + self.first_after if self.load else math.inf
        while not stopped.is_set():
            try:
                absence = self.lookout.learn()
                if not absence and time.monotonic() >= read_at:
                    read_at = time.monotonic() + self.every
                    self.look()
            except SchemaError:
                raise
            except LeaseLostError as exc:
                log.debug("openQA is not watched here: %s", exc)
            except FedoraOpenQAError as exc:
                log.warning("openQA is not watched: %s", exc)
            except Exception as exc:
                # messages and workers go on
                if not (short := shortage(exc)):
                    log.exception("openQA is not watched")
                else:
                    log.warning("openQA is not watched: %s", short)
            stopped.wait(self._pause(read_at))
        try:
            self.snapshots.end(self.lookout.owner)
        except FedoraOpenQAError as exc:
            log.info("another process watches openQA later: %s", exc)

    def _pause(self, read_at: float) -> float:
        """Return the seconds to wait; nothing is read while openQA is away."""
        away = self.lookout.absence
        # spreads processes that started together
        pause = (self.lookout.every if away else self.learn_every) * random.uniform(0.67, 1.0)  # noqa: S311 - no secret
        return pause if away else min(pause, max(read_at - time.monotonic(), 0.0))

    def look(self) -> bool:
        """Read and store what openQA has to do; return whether it was time to.

        Raises:
            LeaseLostError: another process watches.
            ServiceUnavailableError: the database is away.
        """
        if self.load is None:
            return False
        every = self.every * (1 - TOLERANCE)
        owner = self.lookout.owner
        now = self.snapshots.begin(owner, seconds=3 * self.every, every=every)
        if now is None:
            return False
        self._read(self.load, self.snapshots.observed(), now)
        self.seen(self.snapshots.observed(), now)
        return True

    def _read(self, load: ports.Load, before: Observed, now: float) -> None:
        read: list[Job] = []
        found: dict[SnapshotName, object] = {}

        def queue(jobs: Sequence[Job]) -> tuple[QueuedJob, ...]:
            read.extend(jobs)
            self.history.remember([stored_job(job) for job in news(jobs, self._known)])
            return queued_jobs(jobs, now=now, before=before.jobs)

        def running() -> object:
            jobs = queue(load.running())
            found[SnapshotName.WAITS] = waits_with(before, jobs, now=now)
            return jobs

        def workers() -> object:
            listed = load.workers()
            hosts = hosts_of(read, listed)
            self.history.remember(
                [
                    replace(stored_job(job), worker_host=hosts[job.id])
                    for job in news(read, {})
                    if hosts.get(job.id, "") not in ("", self._hosts.get(job.id))
                ]
            )
            self._hosts = hosts
            return listed

        reads: Mapping[SnapshotName, Callable[[], object]] = {
            SnapshotName.WAITING: lambda: queue(load.waiting()),
            SnapshotName.RUNNING: running,
            SnapshotName.WORKERS: workers,
            SnapshotName.COUNTS: load.counts,
        }
        failed: dict[SnapshotName, str] = {}
        for name in READS:
            try:
                found[name] = reads[name]()
            except FedoraOpenQAError as exc:
                if name is READS[0] and (absence := self._away(exc)):
                    failed = dict.fromkeys(READS, absence)
                    break
                failed[name] = str(exc)
        self.snapshots.save(found, failed)
        self._log(failed)
        # a job that was not in the lists is remembered again, which changes nothing
        self._known = {job.id: job.state for job in read}

    def _away(self, exc: FedoraOpenQAError) -> str | None:
        """Return why openQA is away after the list of waiting jobs was not read; None: it is not.

        The other reads say nothing of it: some openQA servers do not have them.
        """
        return self.lookout.suspect(str(exc)) if isinstance(exc, TemporaryError) else None

    def _log(self, failed: Mapping[SnapshotName, str]) -> None:
        """Log which reads fail since now, and which no longer."""
        for name in failed.keys() - self._failed:
            log.warning("openQA is not read (%s): %s", name, failed[name])
        for name in self._failed - failed.keys():
            log.info("openQA can be read again: %s", name)
        self._failed = frozenset(failed)
