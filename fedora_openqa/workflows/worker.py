"""Works on due subjects: leases one, runs the workflow of its lane, stores the step."""

import logging
import math
import random
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fedora_openqa import ports
from fedora_openqa.errors import (
    ConfigError,
    FedoraOpenQAError,
    NotAllowedError,
    PermanentError,
    SchemaError,
    TemporaryError,
    shortage,
)
from fedora_openqa.logs import about
from fedora_openqa.measures import measures
from fedora_openqa.model.products import ScheduleResult
from fedora_openqa.model.requests import ComposeRequest, CoreOSRequest, Request, UpdateRequest
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import Away, Concluded, Finished, Lease, Postponed, Step, SubjectState
from fedora_openqa.policy.contents import content_to_wait_for
from fedora_openqa.policy.retries import absence_delay, after_error, after_schedule, how_to_release
from fedora_openqa.texts import first_line
from fedora_openqa.workflows.keeping import kept
from fedora_openqa.workflows.lookout import Lookout

log = logging.getLogger(__name__)

#: seconds after which an idle worker looks at the store although nothing has woken it
LOOK_SECONDS = 300.0

#: seconds until a worker tries again that could not work
PAUSE_SECONDS = 15.0

#: seconds
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0

#: seconds until the next part of the store is pruned, in which messages are stored: SQLite lets a
#: process that waits for the lock look for it each 25 ms at first
PRUNE_PAUSE = 0.05

#: number of pruned subjects after which the log says so
PRUNE_PROGRESS = 1000

#: seconds of the longest attempt: a compose whose every POST takes the whole time limit
LONGEST_ATTEMPT = 2 * HOUR

#: works on one subject; raises as the workflow behind it
Attempt: TypeAlias = Callable[[Lease], Step]


@dataclass(frozen=True, slots=True)
class ScheduleAttempt:
    """The attempt to schedule the tests of a leased subject."""

    schedule: Callable[[Request, ports.ProductLedger], ScheduleResult]
    ledger: Callable[[Lease], ports.ProductLedger]
    #: arches of a compose that are tested
    arches: tuple[str, ...]

    def __call__(self, lease: Lease) -> Step:
        """Schedule a subject."""
        request = request_for(
            lease.lane,
            lease.request,
            arches=self.arches,
            attempts=lease.attempts,
        )
        scheduled = self.schedule(request, self.ledger(lease))
        return after_schedule(scheduled, attempts=lease.attempts, chance=chance())


def chance() -> float:
    """Return a random number from 0 to 1, to spread the next attempts."""
    return random.random()  # noqa: S311 - spreads attempts, guards nothing


@dataclass(slots=True)
class Worker:
    """One worker: works on one subject at a time."""

    backlog: ports.Backlog
    #: the lanes it works on, each with the attempt at a subject
    attempts: Mapping[str, Attempt]
    #: host, process, lane and number of this worker: ``"qa01:4711:update:0"``
    owner: str
    #: seconds of a lease; it is renewed while the attempt runs
    lease_seconds: float
    #: set when work may have been stored; not shared with other workers
    awake: threading.Event
    #: seconds that finished subjects are kept in the store; None: another worker prunes it
    keep_seconds: float | None = None
    #: subjects of a lower priority are left to other workers
    least_priority: int = 0
    #: seconds after which the lease of an attempt is not renewed any more
    longest_attempt: float = LONGEST_ATTEMPT
    #: whether openQA answers, without which no lane can go on; None: that is not looked at
    lookout: Lookout | None = None
    #: called with its lanes after each attempt, and where nothing is due
    progress: Callable[[Collection[str]], None] = lambda _lanes: None
    #: the subject that it is at. None: it is at none
    _lease: Lease | None = field(default=None, init=False)
    #: when to prune the store next, by the monotonic clock
    _prune_at: float = field(default=-math.inf, init=False)
    #: number of subjects that were pruned since the last time all old ones were
    _pruned: int = field(default=0, init=False)

    def run(self, stopped: threading.Event) -> None:
        """Work until stopped; an exception is a fault or a `SchemaError`, and ends the process.

        A lane with a wrong configuration waits, and is tried again.
        """
        while True:
            # cleared before the store is read: work that is stored later sets it again
            self.awake.clear()
            if stopped.is_set():
                return
            if pause := self._turn(stopped):
                self.awake.wait(pause)

    def _turn(self, stopped: threading.Event) -> float:
        """Work on one subject; return the seconds to wait before the next."""
        try:
            if self.keep_seconds is not None:
                self._prune_daily(self.keep_seconds)
            worked = self.work(stopped)
            self.progress(self.attempts)
            return 0.0 if worked else self._idle_seconds()
        except SchemaError:
            # another version of the code has to work on this store
            raise
        except (ConfigError, NotAllowedError):
            # its lane waits by now; other lanes go on
            return 0.0
        except TemporaryError as exc:
            log.warning("the worker waits: %s", exc)
        except Exception as exc:
            if not (short := shortage(exc)):
                raise
            log.error("the worker waits: %s", short)  # noqa: TRY400 - not a fault of ours
        return PAUSE_SECONDS

    def work(self, stopped: threading.Event | None = None) -> bool:
        """Lease the subject whose turn it is and attempt it; return False if none is due.

        :param stopped: a subject that is leased after it was set is not begun

        Raises:
            ConfigError, NotAllowedError: the deployment is wrong; the lane waits.
            ServiceUnavailableError: the database is away; the lease will run out.
        """
        lease = self.backlog.lease(
            self.owner,
            tuple(self.attempts),
            seconds=self.lease_seconds,
            least_priority=self.least_priority,
        )
        if lease is None:
            return False
        if stopped and stopped.is_set():
            self.backlog.give_back(lease)
            return False
        self._lease = lease
        with about(subject=lease.key, message_id=lease.message_id):
            self._work_on(lease)
        self._lease = None
        return True

    def give_back(self) -> None:
        """Free the subject that this worker is at, for others; called from another thread.

        The worker sends and stores no more of it, except what the sink or openQA has by then. The
        process must end: the answer to a request that is under way may be lost.

        Raises:
            ServiceUnavailableError: the database is away; the lease will run out.
        """
        if (lease := self._lease) and self.backlog.give_back(lease):
            log.warning("%s is not finished, and given back", lease.key)

    def _work_on(self, lease: Lease) -> None:
        log.info("attempt %d at request %d", lease.attempts, lease.number)
        begun = time.monotonic()
        try:
            step = self._attempt(lease)
        except (ConfigError, NotAllowedError) as exc:
            self._store(lease, Away(str(exc), needs_person=True))
            raise
        try:
            self._store(lease, step)
        except PermanentError as exc:
            # the database cannot store this step
            self._store(lease, Finished(SubjectState.PARKED, str(exc)))
        if isinstance(step, Finished) and step.state is SubjectState.SCHEDULED:
            waited = lease.until - self.lease_seconds - lease.wanted_since
            measures().planned(lease.lane, waited + time.monotonic() - begun)

    def _store(self, lease: Lease, step: Step) -> None:
        match step:
            case Finished(state, reason):
                kept = self.backlog.finish(lease, state, reason=reason)
                _log_state(lease, state, reason)
            case Postponed(delay, error, counts):
                log.warning("again in %.0f s: %s", delay, error)
                kept = self.backlog.postpone(lease, error=error, delay=delay, counts=counts)
            case Concluded(reached):
                closed = self.backlog.close_build(lease, reached=reached)
                kept = closed is not None
                if closed:
                    _log_state(lease, closed)
            case Away(error, needs_person):
                if needs_person:
                    log.error("lane %s waits for a person: %s", lease.lane, error)
                else:
                    log.warning("lane %s waits: its service is away: %s", lease.lane, error)
                kept = self.backlog.postpone_lane(
                    lease, step, delay=lambda waited: absence_delay(waited, step)
                )
        if not kept:
            log.warning("wanted anew meanwhile, or leased by another worker")

    def _attempt(self, lease: Lease) -> Step:
        """Attempt a subject, unless openQA is away; where it is, the lane waits.

        Raises:
            ConfigError, NotAllowedError: the deployment is wrong.
        """
        if self.lookout and self.lookout.absence and (absence := self.lookout.learn()):
            return Away(absence)
        step = self._attempt_once(lease)
        if (
            self.lookout
            and isinstance(step, Postponed)
            and (absence := self.lookout.suspect(step.error))
        ):
            return Away(absence, others_first=True)
        return step

    def _attempt_once(self, lease: Lease) -> Step:
        try:
            with kept(
                lambda: self._renew(lease),
                seconds=self.lease_seconds,
                longest=self.longest_attempt,
            ):
                return self.attempts[lease.lane](lease)
        except (ConfigError, NotAllowedError):
            raise
        except FedoraOpenQAError as exc:
            return after_error(exc, attempts=lease.attempts, chance=chance())
        except Exception as exc:
            if short := shortage(exc):
                log.error("%s", short)  # noqa: TRY400 - not a fault of ours
                return after_error(short, attempts=lease.attempts, chance=chance())
            # a fault of ours: this subject is parked, and delays no other
            log.exception("broke the worker, and is parked")
            return Finished(SubjectState.PARKED, first_line(f"{type(exc).__name__}: {exc}"))

    def _renew(self, lease: Lease) -> bool:
        renewed = self.backlog.renew(lease, seconds=self.lease_seconds)
        if not renewed:
            measures().lease_lost(lease.lane)
        return renewed

    def _prune_daily(self, keep_seconds: float) -> None:
        """Prune the store once a day, a little in each turn; after a failure, again in an hour."""
        now = time.monotonic()
        if now < self._prune_at:
            return
        try:
            pruned = self.backlog.prune(keep=keep_seconds)
        except SchemaError:
            raise
        except FedoraOpenQAError as exc:
            log.warning("the store is not pruned: %s", exc)
            self._prune_at = now + HOUR
            return
        self._pruned += pruned
        if pruned:
            self._prune_at = time.monotonic() + PRUNE_PAUSE
            if self._pruned % PRUNE_PROGRESS < pruned:
                log.info("pruned %d finished subjects and old jobs so far", self._pruned)
            return
        self._prune_at = now + DAY
        if self._pruned:
            log.info("pruned %d finished subjects and old jobs", self._pruned)
            self._pruned = 0

    def _idle_seconds(self) -> float:
        seconds = self.backlog.seconds_until_due(
            tuple(self.attempts), least_priority=self.least_priority
        )
        idle = LOOK_SECONDS if seconds is None else min(max(seconds, 0.05), LOOK_SECONDS)
        if self.keep_seconds is None:
            return idle
        return min(idle, max(self._prune_at - time.monotonic(), PRUNE_PAUSE))


def _log_state(lease: Lease, state: SubjectState, reason: str | None = None) -> None:
    text = f"{state}: {reason}" if reason else str(state)
    if state is SubjectState.PARKED:
        log.warning("%s; %s", text, how_to_release(lease.key))
    else:
        log.info("%s", text)


def request_for(
    kind: str, facts: Mapping[str, Any], *, arches: tuple[str, ...], attempts: int
) -> Request:
    """Return the request of a wanted subject.

    :param arches: arches of a compose that are tested
    :param attempts: number of attempts at the request, this one included
    """
    match kind:
        case Kind.COMPOSE:
            return ComposeRequest(arches=arches, **facts)
        case Kind.UPDATE:
            content = content_to_wait_for(facts.get("content"), attempts=attempts)
            return UpdateRequest(**{**facts, "content": content})
        case _:
            return CoreOSRequest(**facts)
