"""For any bytes of a peer, a read and a write end in an answer or in one of our errors."""

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fedora_openqa.errors import FedoraOpenQAError
from tests.support.asking import EVERY
from tests.support.limits import limits_with

ONCE = limits_with(
    connect_timeout=30, read_timeout=30, total_timeout=30, attempts=1, max_bytes=10_000
)


class Peer:
    """Sends the same bytes to every client, and closes."""

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        self.host = f"127.0.0.1:{listening.getsockname()[1]}"
        self.url = f"http://{self.host}"
        self.answer = b""

    def serve(self) -> None:
        while True:
            connection, _ = self.listening.accept()
            with connection, contextlib.suppress(OSError):
                if not connection.recv(65536):
                    return
                connection.sendall(self.answer)
                connection.shutdown(socket.SHUT_WR)
                # an unread request would reset the connection before the answer is read
                connection.settimeout(0.02)
                while connection.recv(65536):
                    pass


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Peer(listening)
        thread = threading.Thread(target=found.serve)
        thread.start()
        yield found
        socket.create_connection(listening.getsockname()).close()
        thread.join()


versions = st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b"ICY", b""])
statuses = st.sampled_from(
    [
        b"200",
        b"204",
        b"302",
        b"304",
        b"400",
        b"404",
        b"429",
        b"503",
        b"100",
        b"000",
        b"999",
        b"-1",
        b"2" * 50,
        b"x",
    ]
)
fields = st.sampled_from(
    [
        b"Content-Length",
        b"Content-Encoding",
        b"Content-Type",
        b"Transfer-Encoding",
        b"Location",
        b"Retry-After",
        b"Date",
        b"Set-Cookie",
        b"Connection",
        b"X",
        b"",
    ]
)
values = st.sampled_from(
    [b"0", b"5", b"-5", b"9" * 5000, b"gzip", b"gzip, gzip", b"br", b"chunked", b"text/html; charset=x\x00y", b"text/html; charset=rot13",
     b"application/json; charset=utf-7", b"text/html; charset=", b"/", b"//", b"http://[", b"http://\xff/", b"\xff\xfe", b"http://x:99999/", b"javascript:x",
     b"Wed, 21 Oct 99999 07:28:00 GMT", b"a=b; expires=x; domain=.", b"close", b"", b"\x00", b"x" * 70_000]
)  # fmt: skip
headers = st.lists(st.tuples(fields, values | st.binary(max_size=20)), max_size=5)
bodies = st.binary(max_size=50) | st.sampled_from(
    [b"5\r\nhello\r\n0\r\n\r\n", b"F" * 50 + b"\r\nx", b"-5\r\nx", b"zz\r\n", b"[" * 5000, b"\x1f\x8b\x08\x00" + b"\x00" * 20]
)  # fmt: skip


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    head = b" ".join([draw(versions), draw(statuses), draw(st.binary(max_size=10))])
    lines = [head, *(name + b": " + value for name, value in draw(headers))]
    return draw(st.just(b"\r\n") | st.just(b"\n")).join([*lines, b"", draw(bodies)])


@given(answer=answers() | st.binary(max_size=200))
@example(answer=b"")
@example(answer=b"HTTP/1.1 200 x\r\n\r\n" + b"[" * 9000)
@example(answer=b"HTTP/1.1 200 x\r\n\r\n" + b'{"id": ' + b"9" * 5000 + b"}")
@example(answer=b"HTTP/1.1 200 x\r\n\r\n" + rb'{"query": {"tokens": {"logintoken": "\ud800"}}}')
@example(answer=b"HTTP/1.1 500 x\r\nContent-Type: text/html; charset=x\x00y\r\n\r\nhello")
@example(answer=b"HTTP/1.1 302 x\r\nLocation: http://x@[::1\r\n\r\n")
@example(answer=b"HTTP/1.1 200 x\r\n" + b"X: y\r\n" * 1000 + b"\r\n")
def test_whatever_a_peer_sends_is_an_answer_or_an_error_of_ours(peer: Peer, answer: bytes) -> None:
    peer.answer = answer
    for ask in EVERY:
        with contextlib.suppress(FedoraOpenQAError):
            ask(peer, ONCE)
