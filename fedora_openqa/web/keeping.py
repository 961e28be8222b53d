"""What is read once for all visitors, and kept for some seconds."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class Kept(Generic[T]):
    """An answer that is read anew by one thread at a time; the others get the one before."""

    read: Callable[[], T]
    #: how long an answer is kept
    seconds: float
    clock: Callable[[], float] = time.monotonic
    #: the answers and their times; at most one
    _answers: list[tuple[float, T]] = field(default_factory=list, init=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, init=False)

    def get(self) -> T:
        """Return the answer; an error is raised, and not kept."""
        kept = self._answers[:1]
        if kept and self.clock() - kept[0][0] < self.seconds:
            return kept[0][1]
        if not self._reading.acquire(blocking=not kept):
            return kept[0][1]
        try:
            if not kept and (read := self._answers[:1]):
                # another thread has read it while this one waited
                return read[0][1]
            answer = self.read()
            self._answers[:] = [(self.clock(), answer)]
            return answer
        finally:
            self._reading.release()

    def forget(self) -> None:
        """Read anew for the next visitor, after a change."""
        self._answers.clear()
