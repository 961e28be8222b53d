"""Measures the memory that is used by answers that are refused for their size.

Garbage collection is off: memory that an exception keeps is counted.
"""

import gc
import gzip
import resource
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from fedora_openqa.config import Http
from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.wiring.gateways import limits_of

READS = 6
MEBIBYTE = 2**20
UNPACKED = 512
BOMB = gzip.compress(bytes(UNPACKED * MEBIBYTE))


class Bombs(BaseHTTPRequestHandler):
    """Answers every request with a decompression bomb."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(BOMB)))
        self.end_headers()
        self.wfile.write(BOMB)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


class Server(ThreadingHTTPServer):
    """A server that expects its clients to disconnect."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet."""


def main() -> None:
    limits = limits_of(Http(attempts=1))
    with Server(("127.0.0.1", 0), Bombs) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/"
        gc.disable()
        read(url, limits, times=1)
        before = used()
        read(url, limits, times=READS)
        after = used()
        server.shutdown()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{READS} refused answers of {len(BOMB) // 1024} KiB,"
        f" {UNPACKED} MiB unpacked, {limits.max_bytes // MEBIBYTE} MiB allowed"
    )
    print(f"memory of the process: {before} MiB before, {most} MiB at most, {after} MiB after")


def read(url: str, limits: Limits, *, times: int) -> None:
    for _ in range(times):
        try:
            Reader(limits).fetch(url)
        except ServiceUnavailableError:
            continue
        raise AssertionError("the bomb was read")


def used() -> int:
    """Return the present memory of the process, MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // MEBIBYTE


main()
