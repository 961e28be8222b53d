"""Makes the world match the rows: takes what is due, has it attempted, stores what came of it."""

import contextlib
import logging
import math
import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fedora_openqa import ports
from fedora_openqa.errors import ConfigError, FedoraOpenQAError, TemporaryError
from fedora_openqa.model.products import Scheduled
from fedora_openqa.model.requests import ComposeRequest, CoreOSRequest, Request, UpdateRequest
from fedora_openqa.model.work import Away, Finished, Lease, Postponed, Settled, Step, SubjectState
from fedora_openqa.policy.retries import after_error, after_schedule

log = logging.getLogger(__name__)

#: seconds until an idle worker looks again, for what other processes have stored
IDLE_SECONDS = 30.0

#: seconds
DAY = 86_400.0

#: the kinds of subjects that messages and sweeps ask to schedule
SCHEDULED_KINDS = ("compose", "update", "coreos")

#: makes the world match one subject; raises what the workflow behind it raises
Attempt: TypeAlias = Callable[[Lease], Step]

#: the workflow, with everything it needs but these two
Schedule = Callable[[Request, ports.Ledger], Scheduled]


@dataclass(frozen=True, slots=True)
class Scheduling:
    """The attempt at a subject that should have jobs."""

    schedule: Schedule
    ledger: Callable[[Lease], ports.Ledger]
    #: arches of a compose that are tested
    arches: tuple[str, ...]

    def __call__(self, lease: Lease) -> Step:
        """Schedule a subject."""
        request = request_for(
            lease.kind,
            lease.request,
            arches=self.arches,
            # asked for again: what openQA has of requests before does not count
            force=lease.number > 1,
        )
        scheduled = self.schedule(request, self.ledger(lease))
        return after_schedule(scheduled, attempts=lease.attempts, chance=chance())


def chance() -> float:
    """Give a number that keeps many from coming back at once."""
    return random.random()  # noqa: S311 - spreads attempts, guards nothing


@dataclass(slots=True)
class Worker:
    """One worker; start as many as there should be subjects worked on at once."""

    backlog: ports.Backlog
    #: what it works on: kind of subjects to what is to be done with one
    attempts: Mapping[str, Attempt]
    #: who this worker is: host, process and thread
    owner: str
    #: tells the time, seconds since 1970
    clock: Callable[[], float]
    #: seconds until others take over a subject from a worker that gives no sign of life
    lease_seconds: float
    #: seconds that finished subjects are remembered
    keep_seconds: float
    #: set when there is something new to work on, in this process
    awake: threading.Event
    #: when it last made the store forget
    _pruned: float = field(default=-math.inf, init=False)

    def run(self, stopped: threading.Event) -> None:
        """Work until told to stop.

        Raises:
            ConfigError: the deployment is wrong, and nothing would work.
        """
        while not stopped.is_set():
            try:
                self._prune_daily()
                pause = 0.0 if self.work() else self._idle_seconds()
            except TemporaryError as exc:
                log.warning("the worker waits: %s", exc)
                pause = IDLE_SECONDS
            if pause and self.awake.wait(pause):
                self.awake.clear()

    def work(self) -> bool:
        """Take the subject that is due first, and attempt it; false if none is due.

        Raises:
            ConfigError: the deployment is wrong; the subject is due again.
            ServiceUnavailableError: the database is away; the lease will run out.
        """
        now = self.clock()
        lease = self.backlog.lease(
            self.owner, tuple(self.attempts), now=now, until=now + self.lease_seconds
        )
        if lease is None:
            return False
        log.info("%s: attempt %d at request %d", lease.key, lease.attempts, lease.number)
        step = self._attempt(lease)
        now = self.clock()
        match step:
            case Finished(state, reason):
                log.info("%s: %s%s", lease.key, state, f": {reason}" if reason else "")
                kept = self.backlog.finish(lease, state, reason=reason, now=now)
            case Postponed(delay, error, counts):
                log.warning("%s: again in %.0f s: %s", lease.key, delay, error)
                due = now + delay
                kept = self.backlog.postpone(lease, error=error, due=due, now=now, counts=counts)
            case Settled(reached):
                kept = self.backlog.settle(lease, reached=reached, now=now)
            case Away(error):
                log.warning("%s is away: %s", lease.kind, error)
                kept = self.backlog.leave(lease, error=error, now=now)
        if not kept:
            log.warning("%s: meanwhile wanted anew, or taken over", lease.key)
        return True

    def _attempt(self, lease: Lease) -> Step:
        try:
            with self._kept(lease):
                return self.attempts[lease.kind](lease)
        except ConfigError as exc:
            now = self.clock()
            self.backlog.postpone(lease, error=str(exc), due=now, now=now, counts=False)
            raise
        except FedoraOpenQAError as exc:
            return after_error(exc, attempts=lease.attempts, chance=chance())
        except Exception as exc:
            # a fault of ours: this subject waits for a person, and delays no other
            log.exception("%s broke the worker, and is parked", lease.key)
            return Finished(SubjectState.PARKED, f"{type(exc).__name__}: {exc}")

    @contextlib.contextmanager
    def _kept(self, lease: Lease) -> Iterator[None]:
        """Give signs of life for as long as the block takes."""
        done = threading.Event()

        def renew() -> None:
            while not done.wait(self.lease_seconds / 3):
                now = self.clock()
                try:
                    self.backlog.renew(lease, now=now, until=now + self.lease_seconds)
                except TemporaryError as exc:
                    log.warning("%s: lease not renewed: %s", lease.key, exc)

        thread = threading.Thread(target=renew, name=f"{self.owner}-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _prune_daily(self) -> None:
        now = self.clock()
        if now - self._pruned >= DAY:
            forgotten = self.backlog.prune(before=now - self.keep_seconds)
            self._pruned = now
            if forgotten:
                log.info("forgot %d finished subjects", forgotten)

    def _idle_seconds(self) -> float:
        due = self.backlog.next_due(tuple(self.attempts))
        if due is None:
            return IDLE_SECONDS
        return min(max(due - self.clock(), 0.05), IDLE_SECONDS)


def request_for(
    kind: str, facts: Mapping[str, Any], *, arches: tuple[str, ...], force: bool
) -> Request:
    """Make a request of what was stored about a wanted subject.

    :param arches: arches of a compose that are tested
    """
    match kind:
        case "compose":
            return ComposeRequest(arches=arches, force=force, **facts)
        case "update":
            return UpdateRequest(force=force, **facts)
        case _:
            return CoreOSRequest(force=force, **facts)
