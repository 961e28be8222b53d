"""The sessions of people who are logged in, in the memory of this process.

A cookie has only the id of a session: what is ended here is ended for each copy of the cookie, and
no restart brings it back. What a session knows of a person is never written to a disk.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from fedora_openqa.model.people import Person

#: bytes of randomness of an id
RANDOM_BYTES = 32

#: sessions of one person at once: the oldest one ends
MOST_SESSIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is known of a person from login to logout."""

    person: Person
    #: the person holds the token of this process; no provider vouches for the name
    by_token: bool = False
    #: when it ends, in seconds since 1970
    until: float

    def is_of(self, other: "Session") -> bool:
        """Return whether two sessions are of one person."""
        return (self.person.name, self.by_token) == (other.person.name, other.by_token)


@dataclass(slots=True)
class KnownSessions:
    """The sessions that have begun and not ended."""

    clock: Callable[[], float] = time.time
    #: by their ids, the oldest first
    _sessions: dict[str, Session] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def begin(self, session: Session) -> str:
        """Keep a session; return its id, which nobody can guess."""
        begun = secrets.token_urlsafe(RANDOM_BYTES)
        with self._lock:
            now = self.clock()
            for number in [it for it, one in self._sessions.items() if one.until <= now]:
                del self._sessions[number]
            same = [it for it, one in self._sessions.items() if one.is_of(session)]
            for number in same[: max(len(same) - MOST_SESSIONS + 1, 0)]:
                del self._sessions[number]
            self._sessions[begun] = session
        return begun

    def get(self, number: str) -> Session | None:
        """Return the session of an id; None: it has ended, or there was none."""
        with self._lock:
            found = self._sessions.get(number)
        return found if found and self.clock() < found.until else None

    def end(self, number: str) -> None:
        """End a session; one that has ended already stays so."""
        with self._lock:
            self._sessions.pop(number, None)

    def end_all(self, number: str) -> None:
        """End all sessions of the person who has a session."""
        with self._lock:
            if (of := self._sessions.get(number)) is None:
                return
            for same in [it for it, one in self._sessions.items() if one.is_of(of)]:
                del self._sessions[same]
