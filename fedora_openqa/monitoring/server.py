"""The HTTP port of a process: ``/live``, ``/ready`` and ``/metrics``."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

log = logging.getLogger(__name__)

#: seconds that a client may take to send its request
CLIENT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Monitor:
    """Answers on a port until the process ends."""

    host: str
    port: int
    #: returns why the process is not ready; empty: it is
    unready: Callable[[], Sequence[str]]
    #: returns the metrics in Prometheus' text format
    metrics: Callable[[], bytes]

    def run(self, stopped: threading.Event) -> None:
        """Answer until stopped; a port that cannot be opened is logged, and work goes on."""
        try:
            server = _Server((self.host, self.port), self)
        except OSError as exc:
            log.error("no monitoring on %s:%d: %s", self.host, self.port, exc.strerror or exc)  # noqa: TRY400 - it names what to mend
            return
        with server:
            log.info("monitoring on http://%s:%d", *server.server_address[:2])
            threading.Thread(target=server.serve_forever, name="monitoring", daemon=True).start()
            stopped.wait()
            server.shutdown()

    def answer(self, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Return status, content type and body of the answer to a request."""
        plain = "text/plain; charset=utf-8"
        match path.partition("?")[0]:
            case "/live":
                return HTTPStatus.OK, plain, b"alive\n"
            case "/ready":
                if reasons := self.unready():
                    lines = "".join(f"{reason}\n" for reason in reasons)
                    return HTTPStatus.SERVICE_UNAVAILABLE, plain, lines.encode()
                return HTTPStatus.OK, plain, b"ready\n"
            case "/metrics":
                return HTTPStatus.OK, "text/plain; version=0.0.4; charset=utf-8", self.metrics()
            case _:
                return HTTPStatus.NOT_FOUND, plain, b"/live, /ready, /metrics\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], monitor: Monitor) -> None:
        super().__init__(address, _Handler)
        self.monitor = monitor


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = CLIENT_SECONDS

    def do_GET(self) -> None:
        status, kind, body = self.server.monitor.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Log at DEBUG: a monitoring system asks several times a minute."""
        log.debug(format, *args)
