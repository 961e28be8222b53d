"""A web server for one test that answers as badly as it is told to."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

#: writes an answer, or does not
Answer = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """A request under way; `protocol_version` 1.0: a connection each."""

    server: "Web"

    def do_GET(self) -> None:
        self.server.requests.append(f"{self.command} {self.path}")
        length = int(self.headers.get("Content-Length") or 0)
        self.server.bodies.append(self.rfile.read(length).decode())
        path = self.path.partition("?")[0]
        self.server.answers.get(f"{self.command} {path}", self.server.otherwise)(self)

    do_POST = do_GET  # noqa: N815 - the standard library's name

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


class Web(ThreadingHTTPServer):
    daemon_threads = True
    #: connections that wait; clients open many at once
    request_queue_size = 128
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.answers: dict[str, Answer] = {}
        #: to what has no answer of its own
        self.otherwise: Answer = missing
        self.requests: list[str] = []
        self.bodies: list[str] = []
        self.closing = threading.Event()

    def answer_all(self, answer: Answer) -> None:
        self.otherwise = answer

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that go away are part of the tests."""


@contextlib.contextmanager
def serve() -> Iterator[Web]:
    web = Web()
    thread = threading.Thread(target=web.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield web
    finally:
        web.closing.set()
        web.shutdown()
        thread.join()
        web.server_close()


def text(
    body: str | bytes,
    *,
    status: int = 200,
    type_: str = "application/json",
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Answer:
    def answer(request: Request) -> None:
        data = body.encode() if isinstance(body, str) else body
        request.send_response(status)
        request.send_header("Content-Type", type_)
        request.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def page(body: str, *, more: bool = False) -> Answer:
    """Answer with a page of a list, and say whether it goes on, as openQA does."""
    links = '<http://x/?limit=1&offset=0>; rel="first"'
    if more:
        links += ', <http://x/?limit=1&offset=1>; rel="next"'
    return text(body, headers={"Link": links})


def html(status: int = 200) -> Answer:
    return text("<html><body>Sign in</body></html>", status=status, type_="text/html")


def truncated(body: str) -> Answer:
    """Promise more than is sent."""

    def answer(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body) + 10))
        request.end_headers()
        request.wfile.write(body.encode())

    return answer


def in_turn(*answers: Answer) -> Answer:
    """Answer differently each time, and like the last for ever."""
    left = list(answers)

    def answer(request: Request) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(request)

    return answer


def missing(request: Request) -> None:
    text("not found", status=404, type_="text/plain")(request)


def drop(request: Request) -> None:
    """Close the connection without a word."""
    request.close_connection = True


def hang(request: Request) -> None:
    """Never answer, until the test is over."""
    request.server.closing.wait(60)


def trickle(request: Request) -> None:
    """Send a byte now and then, for ever."""
    request.send_response(200)
    request.end_headers()
    while not request.server.closing.wait(0.05):
        request.wfile.write(b" ")
        request.wfile.flush()


def trickled_status(request: Request) -> None:
    """Send the first line of an answer a byte now and then, for ever."""
    request.wfile.write(b"HTTP/1.1 200 ")
    while not request.server.closing.wait(0.05):
        request.wfile.write(b"O")


def trickled_header(request: Request) -> None:
    """Send headers a byte now and then, for ever."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not request.server.closing.wait(0.02):
        request.wfile.write(b"X")


def endless_headers(request: Request) -> None:
    """Say ``100 Continue`` as fast as can be, for ever."""
    while not request.server.closing.is_set():
        request.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def trickled_continue(request: Request) -> None:
    """Say ``100 Continue`` now and then, for ever."""
    while not request.server.closing.wait(0.05):
        request.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def trickled_chunks(request: Request) -> None:
    """Send a chunk of a byte now and then, for ever."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not request.server.closing.wait(0.05):
        request.wfile.write(b"1\r\nx\r\n")


def endless(request: Request) -> None:
    """Send as fast as can be, for ever."""
    request.send_response(200)
    request.end_headers()
    while not request.server.closing.is_set():
        request.wfile.write(b" " * 65536)
