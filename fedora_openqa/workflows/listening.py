"""Listens for work that any process stores, and wakes the idle workers of this one."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.errors import TemporaryError, shortage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """Wakes workers; while it fails, it wakes them every now and then."""

    arrivals: ports.Arrivals
    #: called once work may have been stored
    found: Callable[[], None]
    #: seconds of one wait, after which the end of the process is noticed
    slice: float = 1.0
    #: seconds between two calls of `found`: what arrives together is found together
    rest: float = 0.1
    #: seconds until the next try after a failure, for which workers are woken as well
    pause: float = 15.0

    def run(self, stopped: threading.Event) -> None:
        """Listen until stopped; a failure is logged once, and listening begins anew."""
        fails = False
        while not stopped.is_set():
            try:
                arrived = self.arrivals.wait(self.slice)
            except Exception as exc:
                problem = exc if isinstance(exc, TemporaryError) else shortage(exc)
                if not problem:
                    raise
                if not fails:
                    log.warning("new work is found late: %s", problem)
                fails = True
                stopped.wait(self.pause)
                self.found()
                continue
            fails = False
            if arrived:
                self.found()
                stopped.wait(self.rest)
