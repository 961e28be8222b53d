"""The HTTP server of the pages; the only module that imports waitress."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import waitress

from fedora_openqa.errors import ConfigError

log = logging.getLogger(__name__)

#: connections that are open at once, requests included that wait for a thread
MOST_CONNECTIONS = 1000

#: seconds between two looks whether the server still runs
LOOK_SECONDS = 1.0

#: see `WebServer.finish`
FINISH_SECONDS = 5.0

#: seconds between two looks whether all is sent
SEND_SECONDS = 0.02

#: seconds after which a connection without a request is closed
IDLE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class WebServer:
    """Answers requests in threads until the process ends."""

    #: a WSGI application
    app: Callable[..., Any]
    #: waitress' server, which listens
    server: Any
    #: seconds that requests have at the end which are being answered
    finish: float = FINISH_SECONDS

    def run(self, stopped: threading.Event) -> None:
        """Answer until stopped; requests that are being answered are finished.

        Raises:
            RuntimeError: the server ended by itself, after a fault.
        """
        log.info("pages on http://%s:%s", self.server.effective_host, self.server.effective_port)
        serving = threading.Thread(target=self.server.run, name="waitress", daemon=True)
        serving.start()
        while not stopped.wait(LOOK_SECONDS):
            if not serving.is_alive():
                raise RuntimeError("the HTTP server ended by itself")
        self._finish()

    def _finish(self) -> None:
        """Let the threads finish what they answer, send it, and close; all else is refused."""
        until = time.monotonic() + self.finish
        self.server.accepting = False
        self.server.task_dispatcher.shutdown(timeout=self.finish)
        while time.monotonic() < until and self._sends():
            time.sleep(SEND_SECONDS)
        self.server.close()

    def _sends(self) -> bool:
        channels = tuple(self.server.active_channels.values())
        return any(channel.total_outbufs_len for channel in channels)


def open_server(app: Callable[..., Any], *, host: str, port: int, threads: int) -> WebServer:
    """Open a port for an application.

    Raises:
        ConfigError: the port cannot be opened.
    """
    # each loss of a client would be a line
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    try:
        server = waitress.create_server(
            app,
            host=host,
            port=port,
            threads=threads,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=IDLE_SECONDS,
            # select() fails for ever once the process has a thousand files open
            asyncore_use_poll=True,
            # no name and version of the software
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=1_000_000,
        )
    except (OSError, ValueError) as exc:
        raise ConfigError(f"web.listen: {host}:{port}: {exc}") from exc
    return WebServer(app, server)
