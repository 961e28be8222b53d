"""Stands between a client and a real wiki: counts what is asked, and does something meanwhile."""

import contextlib
import http.client
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias
from urllib.parse import parse_qs, urlsplit

#: asks the wiki, and passes its answer on
Forward: TypeAlias = Callable[[], None]
#: what happens when a request comes; without forwarding it, the client gets no answer
Happening: TypeAlias = Callable[[Forward], None]


def undisturbed(forward: Forward) -> None:
    forward()


class Request(BaseHTTPRequestHandler):
    """A request under way."""

    server: "Middleman"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fields = parse_qs(urlsplit(self.path).query) | parse_qs(body.decode())
        action = fields["action"][0]
        self.server.actions.append(action)
        happening = self.server.on.get(action, undisturbed)
        happening(lambda: self._forward(body))
        self.close_connection = True

    do_POST = do_GET  # noqa: N815 - the standard library's name

    def _forward(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.server.target, timeout=30)
        with contextlib.closing(connection):
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            text = answer.read()
        if self.server.mute:
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name not in {"Connection", "Transfer-Encoding", "Content-Length", "Date", "Server"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


class Middleman(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, target: str) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.target = target
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.actions: list[str] = []
        #: action of the API, to what happens then
        self.on: dict[str, Happening] = {}
        #: forwards, and keeps the answers
        self.mute = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A wiki that is not there is part of the tests."""


@contextlib.contextmanager
def between(target: str) -> Iterator[Middleman]:
    """Listen for a wiki until the block ends."""
    middleman = Middleman(target)
    thread = threading.Thread(target=middleman.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield middleman
    finally:
        middleman.shutdown()
        thread.join()
        middleman.server_close()
