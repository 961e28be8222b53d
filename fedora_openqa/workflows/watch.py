"""Watches openQA: one process of a deployment reads once a minute what openQA has to do.

Four requests a minute, whoever asks and however often. What was read is stored, and jobs are
remembered as those of other reads.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError, LeaseLostError, SchemaError, shortage
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.openqa_load import READS, Observed, SnapshotName
from fedora_openqa.policy.history import stored_job
from fedora_openqa.policy.queue import news, queued_jobs

log = logging.getLogger(__name__)

#: seconds between two looks
EVERY = 60.0


#: seconds until the first look: messages that wait come first
FIRST_AFTER = 15.0

#: parts of `EVERY` by which two looks may be closer: waiting is not exact
TOLERANCE = 0.02


@dataclass(slots=True)
class Watch:
    """Reads what openQA has to do, in turn with other processes."""

    load: ports.Load
    snapshots: ports.Snapshots
    history: ports.JobHistory
    #: a name that no other process has
    owner: str
    every: float = EVERY
    #: called after each look with what was seen, and when
    seen: Callable[[Observed, float], None] = lambda _observed, _now: None
    first_after: float = FIRST_AFTER
    #: id to state of the jobs that were remembered
    _known: dict[int, str] = field(default_factory=dict, init=False)
    #: the last error of each read
    _errors: dict[SnapshotName, str] = field(default_factory=dict, init=False)

    def run(self, stopped: threading.Event) -> None:
        """Look until stopped; a look that fails is logged, and the next one follows.

        Raises:
            SchemaError: the store has a schema that this version cannot work with.
        """
        pause = self.first_after
        while not stopped.wait(pause):
            pause = self.every
            try:
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
        try:
            self.snapshots.end(self.owner)
        except FedoraOpenQAError as exc:
            log.info("another process watches openQA later: %s", exc)

    def look(self) -> bool:
        """Read and store what openQA has to do; return whether it was time to.

        Raises:
            LeaseLostError: another process watches.
            ServiceUnavailableError: the database is away.
        """
        every = self.every * (1 - TOLERANCE)
        now = self.snapshots.begin(self.owner, seconds=3 * self.every, every=every)
        if now is None:
            return False
        self._read(self.snapshots.observed(), now)
        self.seen(self.snapshots.observed(), now)
        return True

    def _read(self, before: Observed, now: float) -> None:
        read: list[Job] = []

        def queue(jobs: Sequence[Job]) -> object:
            read.extend(jobs)
            self.history.remember([stored_job(job) for job in news(jobs, self._known)])
            return queued_jobs(jobs, now=now, before=before.jobs)

        reads: Mapping[SnapshotName, Callable[[], object]] = {
            SnapshotName.WAITING: lambda: queue(self.load.waiting()),
            SnapshotName.RUNNING: lambda: queue(self.load.running()),
            SnapshotName.WORKERS: self.load.workers,
            SnapshotName.COUNTS: self.load.counts,
        }
        for name in READS:
            try:
                facts = reads[name]()
            except FedoraOpenQAError as exc:
                self._fail(name, str(exc))
            else:
                self.snapshots.save(name, facts)
                if self._errors.pop(name, None):
                    log.info("openQA can be read again: %s", name)
        # a job that was not in the lists is remembered again, which changes nothing
        self._known = {job.id: job.state for job in read}

    def _fail(self, name: SnapshotName, error: str) -> None:
        self.snapshots.fail(name, error)
        if name not in self._errors:
            log.warning("openQA is not read (%s): %s", name, error)
        self._errors[name] = error
