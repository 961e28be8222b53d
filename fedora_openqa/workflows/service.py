"""One process that takes messages in, works on subjects, or both: starts and stops its threads."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from fedora_openqa import __version__
from fedora_openqa.workflows.heartbeat import Heartbeat
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.listening import Listener
from fedora_openqa.workflows.sweep import Sweeper
from fedora_openqa.workflows.worker import Worker

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a process."""

    #: ``"scheduler"``
    role: str
    intake: Intake
    #: empty: other processes work on the subjects
    workers: tuple[Worker, ...]
    #: None: this process does not sweep
    sweeper: Sweeper | None = None
    #: None: this process does not work
    listener: Listener | None = None
    #: None: this process does not report itself
    heartbeat: Heartbeat | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self, failed: Callable[[BaseException], None]) -> tuple[threading.Thread, ...]:
        """Start the workers and the sweeper, each in a thread; return the workers' threads.

        :param failed: called with the exception that ended a thread; the process should end then
        """

        def work(worker: Worker | Sweeper | Listener | Heartbeat) -> None:
            try:
                worker.run(self._stopped)
            except BaseException as exc:
                log.critical("%s ended", threading.current_thread().name, exc_info=True)
                failed(exc)

        log.info("fedora-openqa %s, %s: %s", __version__, self.role, self._describe())
        threads = tuple(
            threading.Thread(target=work, args=(worker,), name=worker.owner, daemon=True)
            for worker in self.workers
        )
        for thread in threads:
            thread.start()
        parts = {
            "sweeper": self.sweeper,
            "listener": self.listener,
            "heartbeat": self.heartbeat,
        }
        for name, part in parts.items():
            if part:
                threading.Thread(target=work, args=(part,), name=name, daemon=True).start()
        return threads

    def _describe(self) -> str:
        lanes = Counter(lane for worker in self.workers for lane in worker.attempts)
        works = ", ".join(f"{lane} ({threads} threads)" for lane, threads in lanes.items())
        sweeps = f", sweeps every {self.sweeper.every:.0f} s" if self.sweeper else ""
        return f"works on {works}{sweeps}" if works else "works on no lane, other processes do"

    def stop(self) -> None:
        """Let each worker end after its present subject."""
        self._stopped.set()
        wake_all(self.workers)()


def wake_all(workers: Collection[Worker]) -> Callable[[], None]:
    """Return a function that lets idle workers look at the store."""

    def wake() -> None:
        for worker in workers:
            worker.awake.set()

    return wake
