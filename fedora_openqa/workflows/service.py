"""One process that takes messages in, works on subjects, or both: starts and stops its threads."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from fedora_openqa import __version__
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.workflows.deliver.preview import Preview
from fedora_openqa.workflows.heartbeat import Heartbeat
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.listening import Listener
from fedora_openqa.workflows.sweep import Sweeper
from fedora_openqa.workflows.worker import Worker

log = logging.getLogger(__name__)

#: seconds kept of the end of a process, to give leases back
GIVE_BACK_SECONDS = 5.0


class Part(Protocol):
    """Something that runs in a thread of its own."""

    def run(self, stopped: threading.Event) -> None:
        """Run until stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The parts of a process, each in a thread."""

    #: ``"scheduler"``
    role: str
    #: empty: other processes work on the subjects
    workers: tuple[Worker, ...] = ()
    #: None: this process serves no pages
    pages: Part | None = None
    #: None: this process does not sweep
    sweeper: Sweeper | None = None
    #: None: this process does not work
    listener: Listener | None = None
    #: None: this process does not report itself
    heartbeat: Heartbeat | None = None
    #: None: this process has no port for monitoring
    monitor: Part | None = None
    #: None: this process does not work
    watch: Part | None = None
    #: seconds that the threads have to end
    stop_seconds: float = 60.0
    _stopped: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, failed: Callable[[BaseException], None]) -> None:
        """Start all parts, each in a thread.

        :param failed: called with the exception that ended a thread; the process should end then
        """

        def work(worker: Part) -> None:
            try:
                worker.run(self._stopped)
            except BaseException as exc:
                log.critical("%s ended", threading.current_thread().name, exc_info=True)
                failed(exc)

        log.info("fedora-openqa %s, %s: %s", __version__, self.role, self._describe())
        parts: list[tuple[str, Part | None]] = [
            *((worker.owner, worker) for worker in self.workers),
            ("sweeper", self.sweeper),
            ("listener", self.listener),
            ("heartbeat", self.heartbeat),
            ("monitor", self.monitor),
            ("pages", self.pages),
            ("watch", self.watch),
        ]
        for name, part in parts:
            if part:
                thread = threading.Thread(target=work, args=(part,), name=name, daemon=True)
                thread.start()
                self._threads.append(thread)

    def _describe(self) -> str:
        if self.pages:
            return "serves pages"
        lanes = Counter(lane for worker in self.workers for lane in worker.attempts)
        works = ", ".join(f"{lane} ({threads} threads)" for lane, threads in lanes.items())
        sweeps = f", sweeps every {self.sweeper.every:.0f} s" if self.sweeper else ""
        return f"works on {works}{sweeps}" if works else "works on no lane, other processes do"

    def end(self) -> bool:
        """Let the threads end; return whether all have, after `stop_seconds` at most.

        Each worker finishes its present subject. One that cannot is left behind: its subject is
        free for others, and the process must exit without waiting for its threads.
        """
        self._stopped.set()
        wake_all(self.workers)()
        deadline = time.monotonic() + self.stop_seconds
        giving_back = min(GIVE_BACK_SECONDS, self.stop_seconds / 2)
        _join(self._threads, until=deadline - giving_back)
        if not any(thread.is_alive() for thread in self._threads):
            return True
        # a database that does not answer must not hold the process
        last = threading.Thread(target=self._give_back, name="giving-back", daemon=True)
        last.start()
        _join([last], until=deadline)
        return False

    def _give_back(self) -> None:
        for worker in self.workers:
            try:
                worker.give_back()
            except FedoraOpenQAError as exc:
                log.warning("%s keeps its lease: %s", worker.owner, exc)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Process):
    """A process that takes messages in, works on subjects, or both."""

    #: called by whoever receives the messages; a `Preview`: the sink is not enabled
    intake: Intake | Preview

    def _describe(self) -> str:
        if isinstance(self.intake, Preview):
            return f"{self.intake.sink} is not enabled: what it would get is only logged"
        return super(Service, self)._describe()


def _join(threads: Iterable[threading.Thread], *, until: float) -> None:
    """Wait for the end of threads, until a time of the monotonic clock at most."""
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0.0))


def wake_all(workers: Collection[Worker]) -> Callable[[], None]:
    """Return a function that lets idle workers look at the store."""

    def wake() -> None:
        for worker in workers:
            worker.awake.set()

    return wake
