"""Connects the processes that take messages in and work on subjects."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from check_compose.sending import Sending
from fedora_openqa import __version__
from fedora_openqa.config import Config
from fedora_openqa.errors import ConfigError
from fedora_openqa.events import name_of_topic
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.health import Heard, Process
from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.model.subjects import MESSAGE_KINDS
from fedora_openqa.policy.wanted import UPDATE
from fedora_openqa.store.arrivals import open_arrivals
from fedora_openqa.store.builds import StoredBuilds
from fedora_openqa.store.clock import clock_difference
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.dry_run import look_into
from fedora_openqa.store.engine import Engine
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.forecasts import Forecasts
from fedora_openqa.store.health import Health
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.kept_jobs import KeptJobs
from fedora_openqa.store.looks import Looks
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.sweeps import Sweeps
from fedora_openqa.wiring.deliver import (
    delays_of,
    enabled_sinks,
    open_attempts,
    open_preview,
    switch_mail,
)
from fedora_openqa.wiring.evidence import connect_evidence
from fedora_openqa.wiring.gateways import Gateways
from fedora_openqa.wiring.scheduling import open_schedule, open_site
from fedora_openqa.wiring.store import limits_of, open_store, store_url, warn_of_store
from fedora_openqa.wiring.sweep import open_sweeper
from fedora_openqa.workflows.forecasting import Forecasting
from fedora_openqa.workflows.heartbeat import Heartbeat, Pulse
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.listening import Listener
from fedora_openqa.workflows.lookout import Lookout
from fedora_openqa.workflows.service import Part, Service, wake_all
from fedora_openqa.workflows.watch import Watch
from fedora_openqa.workflows.worker import DAY, Attempt, ScheduleAttempt, Worker

log = logging.getLogger(__name__)


def open_service(
    config: Config,
    role: str,
    *,
    schedules: bool = True,
    sinks: Collection[Sink] = (),
    topics: Collection[str] = (),
    connected: Callable[[], bool] = lambda: True,
) -> Service:
    """Connect intake, workers and sweeper with the store; without threads only the intake.

    :param role: what the process is called in logs: ``"scheduler"``
    :param schedules: work on subjects whose tests are to be scheduled
    :param sinks: deliver to these, each in a lane of its own: none delays another; mails are only
        logged if mail is not enabled
    :param topics: the topics that the process receives, with the words of the bus
    :param connected: returns whether the process is connected to the broker of these

    Raises:
        ConfigError: the deployment cannot work.
        ServiceUnavailableError: the database cannot be reached.
    """
    if config.shadow.enabled:
        log.warning("a shadow: what would be written to services is only recorded")
    engine = open_store(config)
    warn_of_store(store_url(config), clock_ahead=clock_difference(engine))
    pulse = Pulse()
    subjects = Subjects(engine, per_minute=config.limits)
    deliveries = Deliveries(engine)
    history = JobHistory(engine)
    threads = config.worker.threads
    workers: list[Worker] = []
    if threads and schedules:
        attempts = _scheduling(config, subjects, Pauses(engine), history)
        workers += _workers(config, subjects, attempts, threads)
        if threads > 1:
            workers[0].least_priority = UPDATE
    board, snapshots = Sweeps(engine), Snapshots(engine)
    mailed_since = switch_mail(config, board) if threads and Sink.MAIL in sinks else 0.0
    if threads and sinks:
        active = [sink for sink in sinks if not {sink, ALL_LANES} & config.paused.keys()]
        for sink, attempt in open_attempts(
            config,
            active,
            deliveries,
            Stories(engine),
            mailed_since=mailed_since,
            history=history,
            failures=Failures(engine),
        ).items():
            workers += _workers(config, subjects, {sink: attempt}, config.worker.sink_threads)
    arrivals = open_arrivals(engine)
    for worker in workers:
        # one that leaves subjects to others says nothing about the lane
        if not worker.least_priority:
            worker.progress = pulse.progress
        pulse.lanes |= dict.fromkeys(worker.attempts)
    if workers:
        # one is enough for a process
        workers[-1].keep_seconds = config.store.keep_days * DAY
    pulse.topics |= {name: Heard(None) for topic in topics if (name := name_of_topic(topic))}
    found = wake_all(workers)
    watch = _watch(config, engine, snapshots, history, back=found) if threads else None
    lookout = watch.lookout if watch else None
    for worker in workers:
        worker.lookout = lookout
    heartbeat = Heartbeat(
        health=Health(engine),
        pulse=pulse,
        process=Process(
            host=socket.gethostname(),
            pid=os.getpid(),
            role=role,
            version=__version__,
            lanes={},
            topics={},
            started=0.0,
            seen=0.0,
            has_metrics=bool(config.monitoring.listen),
        ),
        paused=config.paused,
        back=found,
    )
    return Service(
        role=role,
        intake=Intake(
            inbox=subjects,
            deliveries=deliveries,
            table=open_site(config).flavor_tables.fedora,
            delays=delays_of(config, sinks),
            found=found,
            heard=pulse.hear,
        ),
        workers=tuple(workers),
        sweeper=open_sweeper(
            config,
            subjects,
            deliveries,
            board,
            schedules=schedules,
            # what is only logged is not searched for
            sinks=enabled_sinks(config) & set(sinks),
            found=found,
            history=history,
            evidence=connect_evidence(config, KeptJobs(engine), StoredBuilds(engine))
            if config.evidence.enabled and not config.shadow.enabled
            else None,
        )
        if threads
        else None,
        listener=Listener(arrivals, found) if threads else None,
        heartbeat=heartbeat,
        monitor=_monitor(config, heartbeat, connected, snapshots, lookout=lookout),
        watch=watch,
        stop_seconds=config.worker.stop,
    )


def open_preview_service(
    config: Config, role: str, sink: Sink, *, connected: Callable[[], bool]
) -> Service:
    """Connect a process that logs what a sink would get; parameters are those of `open_service`.

    Raises:
        ConfigError: the deployment cannot work.
    """
    return Service(
        role=role,
        intake=open_preview(config, sink),
        workers=(),
        monitor=_monitor(config, None, connected, None),
    )


def _monitor(
    config: Config,
    heartbeat: Heartbeat | None,
    connected: Callable[[], bool],
    snapshots: Snapshots | None,
    *,
    lookout: Lookout | None = None,
) -> Part | None:
    if not config.monitoring.listen:
        return None
    # late: it loads the client of Prometheus
    from fedora_openqa.wiring.monitoring import open_monitor

    return open_monitor(
        config, heartbeat, connected=connected, snapshots=snapshots, lookout=lookout
    )


def _watch(
    config: Config,
    engine: Engine,
    snapshots: Snapshots,
    history: JobHistory,
    *,
    back: Callable[[], None],
) -> Watch:
    """Connect the part that knows whether openQA is away, and reads what it has to do."""
    gateways = Gateways(config)
    return Watch(
        load=gateways.openqa_load if config.openqa.watch else None,
        snapshots=snapshots,
        history=history,
        lookout=Lookout(
            gateways.openqa_presence,
            Looks(engine),
            # processes of containers often have the same number
            owner=f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}",
            back=back,
        ),
        seen=Forecasting(Forecasts(engine), snapshots).update,
    )


def _scheduling(
    config: Config, subjects: Subjects, pauses: Pauses, history: JobHistory
) -> Mapping[str, Attempt]:
    schedule = open_schedule(config, dry_run=False, history=history)
    attempt = ScheduleAttempt(
        schedule=replace(schedule, pauses=pauses).schedule,
        ledger=subjects.ledger,
        arches=config.scheduling.arches,
    )
    return dict.fromkeys(MESSAGE_KINDS, attempt)


def open_sending(config: Config, *, dry_run: bool) -> Sending:
    """Connect the command that mails reports.

    :param dry_run: nothing is stored, and nothing sent

    Raises:
        ConfigError: the deployment cannot work, or mail is not enabled.
        ServiceUnavailableError: the database cannot be reached.
    """
    if not config.mail.enabled and not dry_run:
        raise ConfigError("[mail] enabled is false: nothing is mailed from here")
    gateways = Gateways(config)
    composes, openqa = gateways.finished_composes, gateways.openqa
    if dry_run:
        return Sending(
            look_into(store_url(config), limits=limits_of(config))[1], composes, openqa, None
        )
    engine = open_store(config)
    deliveries = Deliveries(engine)
    since = switch_mail(config, Sweeps(engine))
    attempts = open_attempts(
        config,
        [Sink.MAIL],
        deliveries,
        Stories(engine),
        mailed_since=since,
        history=JobHistory(engine),
        failures=Failures(engine),
    )
    worker = _worker(config, Subjects(engine), attempts, name="check-compose")
    return Sending(deliveries, composes, openqa, worker.work)


def _workers(
    config: Config, subjects: Subjects, attempts: Mapping[str, Attempt], threads: int
) -> list[Worker]:
    lane = next(iter(attempts))
    return [
        _worker(config, subjects, attempts, name=f"{lane}:{number}") for number in range(threads)
    ]


def _worker(
    config: Config, subjects: Subjects, attempts: Mapping[str, Attempt], *, name: str
) -> Worker:
    return Worker(
        backlog=subjects,
        attempts=attempts,
        owner=f"{socket.gethostname()}:{os.getpid()}:{name}",
        lease_seconds=config.worker.lease,
        awake=threading.Event(),
    )
