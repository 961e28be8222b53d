"""Connects the processes that take messages in and work on subjects."""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fedora_openqa.config import Config, default_store_url
from fedora_openqa.errors import ConfigError
from fedora_openqa.intake import Intake
from fedora_openqa.model.products import Scheduled
from fedora_openqa.model.requests import Request
from fedora_openqa.policy.holds import with_pauses
from fedora_openqa.ports import Ledger
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.sweep import Sweeper
from fedora_openqa.wiring.scheduling import Scheduler, open_scheduler, open_site
from fedora_openqa.wiring.sweep import open_sweeper
from fedora_openqa.worker import DAY, Schedule, Worker


@dataclass(frozen=True, slots=True)
class Service:
    """A process that takes messages in, works on subjects, or both."""

    intake: Intake
    #: the store, for whoever wants to look
    subjects: Subjects
    #: none: another process works
    workers: tuple[Worker, ...]
    _awake: threading.Event
    _stopped: threading.Event
    #: none: nobody sweeps in this process
    sweeper: Sweeper | None = None

    def take(self, topic: str, body: Mapping[str, Any], *, message_id: str | None) -> None:
        """Store what a message asks for; raises as `Intake.take`."""
        if self.intake.take(topic, body, message_id=message_id):
            self._awake.set()

    def park(
        self, topic: str, body: Mapping[str, Any], *, message_id: str | None, reason: str
    ) -> None:
        """Keep a message for a person to look at; raises as `Intake.park`."""
        self.intake.park(topic, body, message_id=message_id, reason=reason)

    def start(self, failed: Callable[[ConfigError], None]) -> tuple[threading.Thread, ...]:
        """Let the workers work, each in a thread; tells of a deployment that is wrong.

        Gives the workers' threads; whoever sweeps may be left in the middle of it.
        """

        def work(worker: Worker | Sweeper) -> None:
            try:
                worker.run(self._stopped)
            except ConfigError as exc:
                failed(exc)

        threads = tuple(
            threading.Thread(target=work, args=(worker,), name=worker.owner, daemon=True)
            for worker in self.workers
        )
        for thread in threads:
            thread.start()
        if self.sweeper:
            name = "sweeper"
            threading.Thread(target=work, args=(self.sweeper,), name=name, daemon=True).start()
        return threads

    def stop(self) -> None:
        """Let the workers end after the subject they are at."""
        self._stopped.set()
        self._awake.set()


def _unless_paused(scheduler: Scheduler, pauses: Pauses) -> Schedule:
    """Let each attempt see what a person has stopped by then."""

    def attempt(request: Request, ledger: Ledger) -> Scheduled:
        holds = with_pauses(scheduler.site.holds, pauses.all())
        today = replace(scheduler, site=replace(scheduler.site, holds=holds))
        return today.schedule_remembered(request, ledger)

    return attempt


def open_service(config: Config, *, threads: int) -> Service:
    """Connect intake and workers with the store.

    :param threads: subjects worked on at once; 0: only take messages in

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    scheduler = open_scheduler(config, dry_run=False) if threads else None
    engine = open_engine(config.store.url or default_store_url(os.environ))
    subjects = Subjects(engine, per_minute=config.limits)
    site = scheduler.site if scheduler else open_site(config)
    awake = threading.Event()
    workers = []
    for number in range(threads):
        assert scheduler is not None  # noqa: S101 - for the type checker; see above
        workers.append(
            Worker(
                backlog=subjects,
                schedule=_unless_paused(scheduler, Pauses(engine)),
                arches=config.scheduling.arches,
                owner=f"{socket.gethostname()}:{os.getpid()}:{number}",
                clock=time.time,
                lease_seconds=config.worker.lease,
                keep_seconds=config.store.keep_days * DAY,
                awake=awake,
            )
        )
    return Service(
        intake=Intake(inbox=subjects, table=site.flavor_tables.fedora, clock=time.time),
        subjects=subjects,
        workers=tuple(workers),
        _awake=awake,
        _stopped=threading.Event(),
        sweeper=open_sweeper(config, subjects, found=awake.set) if threads else None,
    )
