"""Reports what a process does to the store, and logs what stops work in the deployment."""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError, SchemaError, shortage
from fedora_openqa.events import TOPICS_OF
from fedora_openqa.model.health import Heard, Process, Vitals
from fedora_openqa.policy.health import (
    BEAT_SECONDS,
    BEATS_OF_A_LOOK,
    gap_after,
    leader,
    stalls,
    stuck_lanes,
)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Pulse:
    """The last progress of the lanes of this process, and its last messages, by its own clock."""

    lanes: dict[str, float | None] = field(default_factory=dict)
    topics: dict[str, Heard] = field(default_factory=dict)
    #: returns the time, seconds since 1970
    clock: Callable[[], float] = time.time
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def progress(self, lanes: Iterable[str]) -> None:
        """Note that a worker of these lanes ended an attempt, or found nothing due."""
        with self._lock:
            self.lanes |= dict.fromkeys(lanes, self.clock())

    def hear(self, topic: str) -> None:
        """Note that a message of a topic has come; the topic is without the words of the bus."""
        with self._lock:
            now, before = self.clock(), self.topics.get(topic, Heard(None))
            self.topics[topic] = Heard(now, gap_after(before, now=now))

    def recall(self, topics: Iterable[tuple[str, Heard]]) -> None:
        """Take over what an earlier process of the same role has heard."""
        with self._lock:
            for topic, before in topics:
                now = self.topics.get(topic)
                if now is None:
                    continue
                if now.last is None:
                    self.topics[topic] = before
                elif now.gap is None:
                    self.topics[topic] = Heard(now.last, gap_after(before, now=now.last))

    def moved(self, process: Process, *, ahead: float) -> Process:
        """Return the process as it is now, with its lanes and topics.

        :param ahead: seconds that the store's clock is ahead of this process
        """
        with self._lock:
            return replace(
                process,
                seen=self.clock() + ahead,
                lanes={lane: at and at + ahead for lane, at in self.lanes.items()},
                topics={
                    topic: Heard(one.last and one.last + ahead, one.gap)
                    for topic, one in self.topics.items()
                },
            )


@dataclass(slots=True)
class Heartbeat:
    """Reports this process to the store every `BEAT_SECONDS`; some reports look for problems."""

    health: ports.Health
    pulse: Pulse
    #: without lanes and topics, which `pulse` has; its times are set by the first report
    process: Process
    #: lanes that are paused by the configuration
    paused: Collection[str] = ()
    every: float = BEAT_SECONDS
    #: a look for problems is part of every so many reports
    looks: int = BEATS_OF_A_LOOK
    #: called when the store answers again
    back: Callable[[], None] = lambda: None
    #: whether this process reads the metrics of the whole deployment
    leads: bool = field(default=False, init=False)
    #: when the store last answered, by the monotonic clock; None: not yet
    _answered: float | None = field(default=None, init=False)
    #: why this process is stuck
    _stuck: tuple[str, ...] = field(default=(), init=False)
    #: seconds that the store's clock is ahead of this process. None: it has not reported itself
    _ahead: float | None = field(default=None, init=False)
    #: whether the last report failed
    _failed: bool = field(default=False, init=False)
    #: names of the problems that are logged already
    _known: frozenset[str] = field(default=frozenset(), init=False)

    def run(self, stopped: threading.Event) -> None:
        """Report until stopped; a report that fails is logged, and the next one follows."""
        for number in itertools.count():
            if stopped.is_set():
                return
            try:
                if number % self.looks == 0 or self._ahead is None:
                    self.beat()
                else:
                    self._report(self._ahead)
            except SchemaError:
                # another version of the code has to work on this store
                raise
            except FedoraOpenQAError as exc:
                self._failed = True
                log.warning("this process is not reported: %s", exc)
            except Exception as exc:
                # messages and workers go on
                if not (short := shortage(exc)):
                    raise
                self._failed = True
                log.warning("this process is not reported: %s", short)
            else:
                self._say_back()
            stopped.wait(self.every)

    def beat(self) -> None:
        """Report this process once, and log problems that are new.

        Raises:
            ServiceUnavailableError: the database is away.
        """
        vitals = self.health.vitals()
        ahead = vitals.now - self.pulse.clock()
        if self._ahead is None:
            self._begin(vitals, ahead=ahead)
        self._ahead = ahead
        now = self._report(ahead)
        others = tuple(one for one in vitals.processes if one.name != now.name)
        vitals = replace(vitals, processes=(*others, now))
        self.leads = leader(vitals.processes, now=vitals.now) == now.name
        self._stuck = stuck_lanes(now, vitals.due, now=vitals.now)
        self._warn(vitals)

    def _report(self, ahead: float) -> Process:
        now = self.pulse.moved(self.process, ahead=ahead)
        self.health.report(now)
        self._answered = time.monotonic()
        return now

    def unready(self) -> tuple[str, ...]:
        """Return why this process does not do its work; empty: it does.

        A sink that is away is no reason.
        """
        reasons = [f"no progress in lane {lane}" for lane in self._stuck]
        if self._answered is None or time.monotonic() - self._answered > 3 * self.every:
            reasons.append("the store does not answer")
        return tuple(reasons)

    def _say_back(self) -> None:
        if self._failed:
            self._failed = False
            # at the level of the loss, so that both or neither are in a log
            log.warning("the store answers again")
            self.back()

    def _begin(self, vitals: Vitals, *, ahead: float) -> None:
        self.process = replace(self.process, started=vitals.now)
        earlier = [one for one in vitals.processes if one.role == self.process.role]
        if earlier:
            newest = max(earlier, key=lambda one: one.seen)
            self.pulse.recall(
                (topic, Heard(one.last and one.last - ahead, one.gap))
                for topic, one in newest.topics.items()
            )

    def _warn(self, vitals: Vitals) -> None:
        found = {one.name: one for one in stalls(vitals, topics=TOPICS_OF, paused=self.paused)}
        for name in found.keys() - self._known:
            log.warning("%s", found[name].text)
        for name in self._known - found.keys():
            log.info("no longer: %s", name)
        self._known = frozenset(found)
