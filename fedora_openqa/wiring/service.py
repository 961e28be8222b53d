"""Connects the processes that take messages in and work on subjects."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.products import ScheduleResult
from fedora_openqa.model.requests import Request
from fedora_openqa.model.subjects import MESSAGE_KINDS
from fedora_openqa.policy.holds import with_pauses
from fedora_openqa.ports import ProductLedger
from fedora_openqa.store.clock import clock_difference
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.wiring.scheduling import Scheduler, open_scheduler, open_site
from fedora_openqa.wiring.sinks import delays_of
from fedora_openqa.wiring.store import store_url, warn_of_store
from fedora_openqa.wiring.sweep import open_sweeper
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.sweep import Sweeper
from fedora_openqa.workflows.worker import (
    DAY,
    Attempt,
    Schedule,
    Scheduling,
    Worker,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """A process that takes messages in, works on subjects, or both."""

    intake: Intake
    #: the store, for whoever wants to look
    subjects: Subjects
    #: none: another process works
    workers: tuple[Worker, ...]
    _stopped: threading.Event
    #: none: nobody sweeps in this process
    sweeper: Sweeper | None = None

    def take(self, topic: str, body: Mapping[str, Any], *, message_id: str | None) -> None:
        """Store what a message asks for; raises as `Intake.take`."""
        if self.intake.take(topic, body, message_id=message_id):
            self.wake()

    def wake(self) -> None:
        """Let workers that are idle look at the store."""
        for worker in self.workers:
            worker.awake.set()

    def park(
        self, topic: str, body: Mapping[str, Any], *, message_id: str | None, reason: str
    ) -> None:
        """Keep a message for a person to look at; raises as `Intake.park`."""
        self.intake.park(topic, body, message_id=message_id, reason=reason)

    def start(self, failed: Callable[[BaseException], None]) -> tuple[threading.Thread, ...]:
        """Start the workers and the sweeper, each in a thread; returns the workers' threads.

        :param failed: called with what ended one of them; the process should end then
        """

        def work(worker: Worker | Sweeper) -> None:
            try:
                worker.run(self._stopped)
            except BaseException as exc:
                log.critical("%s ended", threading.current_thread().name, exc_info=True)
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
        self.wake()


def _unless_paused(scheduler: Scheduler, pauses: Pauses) -> Schedule:
    """Let each attempt see what a person has stopped by then."""

    def attempt(request: Request, ledger: ProductLedger) -> ScheduleResult:
        holds = with_pauses(scheduler.site.holds, pauses.all())
        today = replace(scheduler, site=replace(scheduler.site, holds=holds))
        return today.schedule_remembered(request, ledger)

    return attempt


def open_service(
    config: Config, *, threads: int, schedules: bool = True, sinks: Collection[Sink] = ()
) -> Service:
    """Connect intake and workers with the store.

    :param threads: subjects worked on at once, in each lane; 0: only take messages in
    :param schedules: work on subjects that should have jobs
    :param sinks: tell these of jobs, each in a lane of its own: none delays another

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    url = store_url(config)
    engine = open_engine(url)
    warn_of_store(url, clock_ahead=clock_difference(engine))
    subjects = Subjects(engine, per_minute=config.limits)
    deliveries = Deliveries(engine)
    lanes: list[Mapping[str, Attempt]] = []
    if threads and schedules:
        lanes.append(_scheduling(config, subjects, Pauses(engine)))
    if threads and sinks:
        # late: scheduling needs none of what sinks are made of
        from fedora_openqa.wiring.reporting import open_attempts

        awake_sinks = [sink for sink in sinks if sink not in config.paused]
        attempts = open_attempts(config, awake_sinks, deliveries, Stories(engine))
        lanes += [{kind: attempt} for kind, attempt in attempts.items()]
    workers = [
        Worker(
            backlog=subjects,
            attempts=attempts,
            owner=f"{socket.gethostname()}:{os.getpid()}:{next(iter(attempts))}:{number}",
            lease_seconds=config.worker.lease,
            keep_seconds=config.store.keep_days * DAY,
            awake=threading.Event(),
        )
        for attempts in lanes
        for number in range(threads)
    ]
    service = Service(
        intake=Intake(
            inbox=subjects,
            deliveries=deliveries,
            table=open_site(config).flavor_tables.fedora,
            delays=delays_of(config, sinks),
        ),
        subjects=subjects,
        workers=tuple(workers),
        _stopped=threading.Event(),
    )
    if not threads:
        return service
    sweeper = open_sweeper(
        config, subjects, deliveries, schedules=schedules, sinks=sinks, found=service.wake
    )
    return replace(service, sweeper=sweeper)


def _scheduling(config: Config, subjects: Subjects, pauses: Pauses) -> Mapping[str, Attempt]:
    scheduler = open_scheduler(config, dry_run=False)
    attempt = Scheduling(
        schedule=_unless_paused(scheduler, pauses),
        ledger=subjects.ledger,
        arches=config.scheduling.arches,
    )
    return dict.fromkeys(MESSAGE_KINDS, attempt)
