"""A guard around the network: no test looks up a name or connects beyond this machine."""

import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest


@dataclass(slots=True)
class Guard:
    """Refuses what leads beyond this machine, and remembers it.

    To refuse is not enough: a worker's thread takes that for a server that is away, and waits.
    """

    #: hosts that were asked for, in that order
    outside: list[str] = field(default_factory=list)

    def admits(self, host: object) -> bool:
        """Return whether a host is this machine; remember it if not."""
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or is_local(str(name)):
            return True
        self.outside.append(str(name))
        return False


def is_local(host: str) -> bool:
    """Return whether a host name or address is this machine's."""
    if host in {"", "localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


@contextmanager
def guarded() -> Iterator[Guard]:
    """Guard the sockets of this process, those of its threads included."""
    guard = Guard()
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - any is passed on
        if not guard.admits(host):
            raise socket.gaierror(socket.EAI_NONAME, f"no test may look up {host}")
        return look_up(host, *args, **options)

    def checked(connect: Callable[..., Any]) -> Callable[..., Any]:
        def connect_inside(self: socket.socket, address: Any) -> Any:  # noqa: ANN401 - as above
            internet = self.family in {socket.AF_INET, socket.AF_INET6}
            if internet and not guard.admits(address[0]):
                raise ConnectionRefusedError(f"no test may connect to {address}")
            return connect(self, address)

        return connect_inside

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, checked(getattr(socket.socket, name)))
        yield guard
