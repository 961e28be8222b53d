"""Whether openQA answers, for all workers of a deployment; while it does not, their lanes wait.

While openQA answers it is asked nothing here: that it seems to be away is known from what is asked
anyway. Then one process at a time asks for a sign of life, and the store tells the others.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from fedora_openqa import ports
from fedora_openqa.errors import LeaseLostError, PermanentError, TemporaryError

log = logging.getLogger(__name__)

#: seconds between the begins of two looks of all processes
LOOK_SECONDS = 8.0

#: seconds after which another process may look although no look has ended: longer than one takes
LONGEST_LOOK = 40.0


@dataclass(slots=True)
class Lookout:
    """Knows whether openQA is away; without the store, methods raise `ServiceUnavailableError`."""

    openqa: ports.Presence
    looks: ports.Looks
    #: a name that no other process has
    owner: str
    #: called when openQA answers again
    back: Callable[[], None] = lambda: None
    every: float = LOOK_SECONDS
    #: why openQA is away; None: it is not
    absence: str | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def learn(self) -> str | None:
        """Return why openQA is away, or None.

        The store says so. Where openQA was away, this process asks it again if it is time to.
        """
        absence = self.looks.absence()
        if absence:
            with contextlib.suppress(LeaseLostError):
                absence = self._look()
        self._note(absence)
        return absence

    def suspect(self, error: str) -> str | None:
        """Return why openQA is away, or None, after something has failed.

        It is asked, by this process or by another, unless it was asked a moment ago.

        :param error: the text of the failure; one that does not name openQA says nothing of it
        """
        if self.openqa.api_url not in error:
            return None
        try:
            absence = self._look()
        except LeaseLostError:
            # it is being asked: not known yet
            return error
        self._note(absence)
        return absence

    def unready(self) -> tuple[str, ...]:
        """Return that openQA does not answer; empty: it does."""
        return ("openQA does not answer",) if self.absence else ()

    def _look(self) -> str | None:
        """Return why openQA is away, from a look of this process or the last one of another.

        Raises:
            LeaseLostError: somebody looks at this moment.
        """
        if not self.looks.begin(self.owner, seconds=LONGEST_LOOK, every=self.every):
            return self.looks.absence()
        absence = self._ask()
        self.looks.end(self.owner, absence)
        return absence

    def _ask(self) -> str | None:
        try:
            self.openqa.reach()
        except TemporaryError as exc:
            return str(exc)
        except PermanentError:
            # a refusal is an answer
            return None
        return None

    def _note(self, absence: str | None) -> None:
        with self._lock:
            before, self.absence = self.absence, absence
        if absence and not before:
            log.warning("openQA is away: %s", absence)
        if before and not absence:
            log.warning("openQA answers again")
            self.back()
