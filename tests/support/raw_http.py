"""HTTP as bytes over a socket: what clients send that no library would send."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

#: seconds that an answer may take
LONG = 120.0


@dataclass(frozen=True)
class Answer:
    """What came back until the server closed the connection."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def all(self, name: str) -> list[str]:
        """Return the values of all headers of a name."""
        return [value for known, value in self.headers if known == name]


@dataclass(frozen=True)
class RawServer:
    """A server on a port of this machine."""

    port: int

    @contextmanager
    def open(self) -> Iterator[socket.socket]:
        """Open a connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=LONG) as connection:
            yield connection

    def send(self, request: bytes) -> Answer:
        """Send bytes, and read until the server closes the connection."""
        with self.open() as connection:
            # who refuses before all was sent may have answered already
            with suppress(ConnectionError):
                connection.sendall(request)
            return read_answer(connection)

    def ask(
        self,
        target: bytes,
        *,
        method: bytes = b"GET",
        headers: tuple[bytes, ...] = (),
        body: bytes = b"",
    ) -> Answer:
        """Send a request that asks for the end of the connection."""
        lines = (
            method + b" " + target + b" HTTP/1.1",
            b"Host: pages.example.org",
            b"Connection: close",
            *headers,
        )
        return self.send(b"\r\n".join(lines) + b"\r\n\r\n" + body)


def read_answer(connection: socket.socket) -> Answer:
    """Read an answer until the end of the connection; status 0: it was closed without one."""
    received = b""
    with suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            received += chunk
    if not received:
        return Answer(0, (), b"")
    head, separator, body = received.partition(b"\r\n\r\n")
    assert separator, received[:300]
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        assert colon, head
        headers.append((name.lower(), value.strip()))
    return Answer(int(first.split()[1]), tuple(headers), body)
