"""Answers of services, which are asked for once for all visitors, and waited for a moment."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fedora_openqa.errors import FedoraOpenQAError, PermanentError
from fedora_openqa.model.asked import Asked

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Kept(Generic[T]):
    asked: Asked[T]
    #: when it was asked for, with or without an answer
    tried: float
    #: how often everything had been forgotten when it was asked for
    age: int


@dataclass(slots=True)
class Cached(Generic[T]):
    """A reader of a service: of each key one request at a time, whose answer is kept.

    The request goes on in a thread of its own when its visitors wait no longer.
    """

    #: asks the service about a key; its errors are ours
    read: Callable[[str], T]
    #: the name of the service, for people: ``"Greenwave"``
    service: str
    #: how long an answer is kept
    seconds: float = 60.0
    #: how long a failure is kept
    failure_seconds: float = 15.0
    #: how long a visitor waits at most
    wait: float = 2.0
    #: keys that are asked about side by side
    at_once: int = 4
    #: keys whose answers are kept
    most: int = 500
    clock: Callable[[], float] = time.time
    _age: int = field(default=0, init=False)
    _kept: OrderedDict[str, _Kept[T]] = field(default_factory=OrderedDict, init=False)
    _asking: dict[str, threading.Event] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def get(self, key: str) -> Asked[T]:
        """Return the answer about a key, or why there is none that is new."""
        with self._lock:
            kept = self._kept.get(key)
            if kept and self._is_new(kept):
                return kept.asked
            ended = self._asking.get(key) or self._begin(key)
        if ended is None or not ended.wait(self.wait):
            old: Asked[T] = kept.asked if kept else Asked()
            return Asked(old.answer, old.at, f"not known; {self.service} did not answer")
        with self._lock:
            return self._kept[key].asked if key in self._kept else Asked(problem="not known")

    def forget(self) -> None:
        """Ask anew about each key, when it is wanted; old answers are kept for failures."""
        with self._lock:
            self._age += 1

    def _is_new(self, kept: _Kept[T]) -> bool:
        if kept.age != self._age:
            return False
        seconds = self.failure_seconds if kept.asked.problem else self.seconds
        return self.clock() - kept.tried < seconds

    def _begin(self, key: str) -> threading.Event | None:
        """Ask about a key in a thread; None: too many are being asked about."""
        if len(self._asking) >= self.at_once:
            return None
        ended = self._asking[key] = threading.Event()
        # a daemon: a service that never answers keeps no process alive
        threading.Thread(
            target=self._ask, args=(key, ended, self._age), name="asking", daemon=True
        ).start()
        return ended

    def _ask(self, key: str, ended: threading.Event, age: int) -> None:
        problem = "not known; a fault of ours: the log of this process says more"
        answer: T | None = None
        try:
            answer, problem = self.read(key), ""
        except PermanentError as exc:
            problem = f"not known: {exc}"
        except FedoraOpenQAError as exc:
            log.warning("%s: %s", key, exc)
            problem = f"not known; {self.service} did not answer"
        except Exception:
            # the last one to hear of it: the thread ends here
            log.exception("%s", key)
        with self._lock:
            self._keep(key, answer, problem, age=age)
            del self._asking[key]
        ended.set()

    def _keep(self, key: str, answer: T | None, problem: str, *, age: int) -> None:
        now = self.clock()
        old = self._kept.pop(key, None)
        asked = Asked(answer, now)
        if problem:
            asked = (
                Asked(old.asked.answer, old.asked.at, problem)
                if old
                else Asked(None, None, problem)
            )
        self._kept[key] = _Kept(asked, now, age)
        while len(self._kept) > self.most:
            self._kept.popitem(last=False)
