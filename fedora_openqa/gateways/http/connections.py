"""Connections of urllib3 that lead to allowed addresses, with one deadline for each exchange.

urllib3 only limits the time between two bytes: a header that is sent byte by byte, or an endless
``100 Continue``, would hold a thread for ever. Here each read and write of the socket is limited
to the time that its exchange has left. Only the system's resolver limits the look-up of a name.
"""

import functools
import http.client
import io
import math
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import urllib3
from urllib3 import connection, connectionpool

from fedora_openqa.gateways.http.hosts import Hosts, split_host

#: bytes that are sent or received at once
PIECE = 65536

#: an address as `socket.connect` takes it; its first part is the IP address
SocketAddress: TypeAlias = tuple[Any, ...]


def resolve(host: str, port: int) -> Sequence[tuple[int, SocketAddress]]:
    """Return the family and the socket address of each address of a host."""
    # urllib3 has checked the syntax of the name
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def connect(family: int, address: SocketAddress, timeout: float) -> socket.socket:
    """Connect to an address within ``timeout`` seconds."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(address)
    except BaseException:
        sock.close()
        raise
    return sock


@dataclass(frozen=True, slots=True)
class Network:
    """Looks up names and connects to addresses; tests replace it."""

    resolve: Callable[[str, int], Sequence[tuple[int, SocketAddress]]] = resolve
    connect: Callable[[int, SocketAddress, float], socket.socket] = connect


class Exchange(threading.local):
    """The limits of the exchange of one thread; threads share a session."""

    #: the end, by `time.monotonic`
    deadline = math.inf
    #: seconds between two bytes
    quiet = math.inf
    #: the allowed hosts; None: every host
    hosts: Hosts | None = None

    def __init__(self, network: Network) -> None:
        """Connect through ``network``."""
        self.network = network

    def left(self) -> float:
        """Return the seconds that the next read or write may take.

        Raises:
            TimeoutError: no time is left.
        """
        left = min(self.quiet, self.deadline - time.monotonic())
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class _NotConnectedError(urllib3.exceptions.NewConnectionError):
    """urllib3's error with the bare reason as its text."""

    def __init__(self, connection: Any, reason: str) -> None:  # noqa: ANN401 - of either kind
        super().__init__(connection, reason)
        self._reason = reason

    def __str__(self) -> str:
        return self._reason


class _Incoming(io.RawIOBase):
    """The bytes from a peer; each read is limited to the time that is left."""

    def __init__(self, sock: socket.socket, exchange: Exchange) -> None:
        self._sock = sock
        self._exchange = exchange
        # a reference to the socket, which http.client may close meanwhile
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - the base class's type
        self._sock.settimeout(self._exchange.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer; reads of status line, headers and body are limited to the time that is left."""

    def __init__(self, sock: socket.socket, *args: Any, exchange: Exchange, **how: Any) -> None:  # noqa: ANN401 - http.client's
        super().__init__(sock, *args, **how)
        incoming = io.BufferedReader(_Incoming(sock, exchange))
        self.fp.close()
        self.fp = incoming  # type: ignore[assignment] # typeshed wants a stream of its own


class _Limited:
    """A mixin for connections: connects to allowed addresses, sends within the time left."""

    exchange: Exchange
    # of urllib3's connection
    sock: Any
    host: str
    port: int
    proxy: Any
    timeout: float
    _dns_host: str
    #: the address of the peer; empty: not connected
    _reached: SocketAddress = ()
    connect: Callable[[], None]

    def __init__(self, *args: Any, exchange: Exchange, **how: Any) -> None:  # noqa: ANN401 - urllib3's
        super().__init__(*args, **how)
        self.exchange = exchange
        self.response_class = functools.partial(_Response, exchange=exchange)

    def _new_conn(self) -> socket.socket:
        """Connect; raises urllib3's errors, as the replaced method does."""
        network = self.exchange.network
        last = OSError("the name has no address")
        try:
            for family, address in network.resolve(self._dns_host, self.port):
                self._check(address)
                try:
                    timeout = min(self.timeout, self.exchange.left())
                    sock = network.connect(family, address, timeout)
                    # the TLS handshake follows
                    sock.settimeout(self.exchange.left())
                    self._reached = address
                except OSError as exc:
                    last = exc
                else:
                    return sock
        except (socket.gaierror, UnicodeError) as exc:
            last = OSError(f"the name cannot be looked up: {exc}")
        try:
            if isinstance(last, TimeoutError):
                raise urllib3.exceptions.ConnectTimeoutError(self, "no connection in time")
            raise _NotConnectedError(self, str(last))
        finally:
            # a frame that refers to its own exception would never be freed
            del last

    def request(self, *args: Any, **how: Any) -> None:  # noqa: ANN401 - urllib3's
        """Send a request if the connection leads to an allowed address."""
        if self.sock is not None:
            self._check(self._reached)
        super().request(*args, **how)  # type: ignore[misc]

    def send(self, data: bytes) -> None:
        """Send bytes; each piece within the time left, since the peer may not read."""
        if self.sock is None:
            self.connect()
        view = memoryview(data)
        while view:
            self.sock.settimeout(self.exchange.left())
            view = view[self.sock.send(view[:PIECE]) :]

    def _check(self, address: SocketAddress) -> None:
        hosts = self.exchange.hosts
        if hosts is None or self.proxy is not None or not address:
            return
        asked = f"{split_host(self.host)[0]}:{self.port}"
        if reason := hosts.refuse_address(asked, str(address[0])):
            raise _NotConnectedError(self, reason)


class _HTTPConnection(_Limited, connection.HTTPConnection):  # type: ignore[misc]
    """A connection without TLS."""


class _HTTPSConnection(_Limited, connection.HTTPSConnection):  # type: ignore[misc]
    """A connection with TLS."""


class HTTPPool(connectionpool.HTTPConnectionPool):
    """A pool of connections without TLS."""

    ConnectionCls = _HTTPConnection  # type: ignore[assignment] # a Protocol that mypy does not see


class HTTPSPool(connectionpool.HTTPSConnectionPool):
    """A pool of connections with TLS."""

    ConnectionCls = _HTTPSConnection  # type: ignore[assignment] # as above
