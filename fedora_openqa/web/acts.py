"""What pages need to act for people: logins, plans, and what does them."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.exceptions import BadGateway, ServiceUnavailable

from fedora_openqa import ports
from fedora_openqa.errors import ConfigError, RequestRefusedError, TemporaryError
from fedora_openqa.model.acting import Order, Plan, Wish
from fedora_openqa.model.audit import Role

#: seconds that a request waits for its turn
TURN_SECONDS = 3.0


class Turns:
    """Lets a few requests at once wait for another server: the other threads are for readers."""

    def __init__(self, most: int) -> None:
        """Let so many requests wait at once."""
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Run the block in a turn; answer the errors of servers, before which nothing was done.

        Raises:
            ServiceUnavailable: no turn came, or a server or the store does not answer.
            BadGateway: a server refuses.
        """
        if not self._free.acquire(timeout=TURN_SECONDS):
            raise ServiceUnavailable("Others wait for the same server: try again in a minute.")
        try:
            yield
        except RequestRefusedError as exc:
            raise BadGateway(f"Nothing was done: {exc}.") from exc
        except (ConfigError, TemporaryError) as exc:
            raise ServiceUnavailable(f"Nothing was done: {exc}.") from exc
        finally:
            self._free.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """How people log in, and which role they have then."""

    #: signs the cookies of sessions
    session_key: bytes
    #: seconds until a session ends
    session_seconds: float
    #: the role to the names of groups and people that have it
    roles: Mapping[Role, Collection[str]]
    #: to ask the provider
    turns: Turns
    #: the provider of identities; None: there is none
    identities: ports.Identities | None = None
    #: makes its holder an admin; empty: there is none
    token: str = ""
    #: the name of the holder of the token in the audit
    token_user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """What people may do on pages."""

    logins: Logins
    #: to ask the servers that acts are about
    turns: Turns
    #: returns what would come of a wish
    plan: Callable[[Wish], Plan]
    #: returns the id of the act of a form's key; None: it is not stored
    asked: Callable[[str], int | None]
    #: does what a person has confirmed, and returns the id of the act
    act: Callable[[Order, Plan], int]
    #: the most jobs that an operator may start at once
    bulk: int
