"""Whether openQA answers, for all workers of a process; while it does not, their lanes wait."""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from fedora_openqa import ports
from fedora_openqa.errors import PermanentError, TemporaryError, shortage

log = logging.getLogger(__name__)

#: seconds between two looks; each process spreads them by a third
LOOK_SECONDS = 15.0


@dataclass(slots=True)
class Lookout:
    """Asks openQA for a sign of life every now and then, and whenever an attempt has failed."""

    openqa: ports.Presence
    #: called when openQA answers again
    back: Callable[[], None] = lambda: None
    every: float = LOOK_SECONDS
    #: why openQA was away at the last look; None: it was not
    absence: str | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def run(self, stopped: threading.Event) -> None:
        """Look until stopped."""
        while not stopped.wait(self.every * random.uniform(0.67, 1.0)):  # noqa: S311 - no secret
            try:
                self.look()
            except Exception as exc:
                if not (short := shortage(exc)):
                    raise
                log.warning("openQA is not looked at: %s", short)

    def look(self) -> str | None:
        """Ask openQA; return why it is away, or None. A change is logged."""
        try:
            self.openqa.reach()
        except TemporaryError as exc:
            self._note(str(exc))
        except PermanentError:
            # a refusal is an answer
            self._note(None)
        else:
            self._note(None)
        return self.absence

    def unready(self) -> tuple[str, ...]:
        """Return that openQA does not answer; empty: it does."""
        return ("openQA does not answer",) if self.absence else ()

    def _note(self, absence: str | None) -> None:
        with self._lock:
            before, self.absence = self.absence, absence
        if absence and not before:
            log.warning("openQA is away: %s", absence)
        if before and not absence:
            log.warning("openQA answers again")
            self.back()
