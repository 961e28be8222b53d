"""Only allowed URLs are requested, after any redirects.

Names are looked up in a table, and every address leads to servers of the test: the reader
believes that it speaks to the Internet.
"""

import contextlib
import gc
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import MAX_REDIRECTS, Reader
from fedora_openqa.gateways.http.connections import Network, SocketAddress
from fedora_openqa.gateways.http.hosts import Hosts
from tests.support.limits import limits_with

TLS = Path(__file__).parent.parent.parent / "data/tls"
LIMITS = limits_with(connect_timeout=30, read_timeout=30, total_timeout=30, attempts=1)

PUBLIC, INNER = "93.184.215.14", "10.3.163.75"
ADDRESSES = {
    # of Fedora's own network, from within
    "download.fedoraproject.org": [INNER],
    "dl.fedoraproject.org": [PUBLIC],
    "composes.example": [INNER],
    "mirror.example": [PUBLIC],
    "other.example": [PUBLIC],
    "inner.example": [INNER],
    "rebound.example": [PUBLIC],
}
ALLOWED = ["composes.example", "composes.example:8080"]


@dataclass
class Internet:
    """Servers for http and https that redirect along a chain, and the URLs they were asked for."""

    chain: Sequence[str] = ()
    asked: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    #: scheme to port
    ports: dict[str, int] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=lambda: dict(ADDRESSES))

    def resolve(self, host: str, port: int) -> Sequence[tuple[int, SocketAddress]]:
        return [(socket.AF_INET, (address, port)) for address in self.names.get(host, [host])]

    def connect(self, _family: int, address: SocketAddress, timeout: float) -> socket.socket:
        self.connected.append(address[0])
        secure = address[1] in {443, 8443}
        return socket.create_connection(
            ("127.0.0.1", self.ports["https" if secure else "http"]), timeout
        )

    def reader(self, *, hosts: Hosts | None = None) -> Reader:
        return Reader(LIMITS, hosts=hosts, network=Network(self.resolve, self.connect))


@contextlib.contextmanager
def serving(internet: Internet) -> Iterator[None]:
    class Request(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
            internet.asked.append(f"{scheme}://{self.headers['Host']}{self.path}")
            number = int(self.path.removeprefix("/"))
            if number + 1 < len(internet.chain):
                self.send_response(302)
                self.send_header("Location", internet.chain[number + 1])
            else:
                self.send_response(200)
            body = b"secret of this host"
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Keep quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, request: object, client_address: object) -> None:
            """Clients that go away are part of the tests."""

    with contextlib.ExitStack() as stack:
        for scheme in ("http", "https"):
            server = stack.enter_context(Server(("127.0.0.1", 0), Request))
            if scheme == "https":
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
                server.socket = context.wrap_socket(server.socket, server_side=True)
            internet.ports[scheme] = server.server_address[1]
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield


@pytest.fixture(scope="module")
def servers() -> Iterator[Internet]:
    internet = Internet()
    with pytest.MonkeyPatch.context() as patch, serving(internet):
        patch.setenv("REQUESTS_CA_BUNDLE", str(TLS / "cert.pem"))
        yield internet


@pytest.fixture
def internet(servers: Internet) -> Internet:
    return fresh(servers, ())


def fresh(servers: Internet, chain: Sequence[str]) -> Internet:
    servers.chain = [url.replace("#", str(number)) for number, url in enumerate(chain)]
    servers.asked.clear()
    servers.connected.clear()
    servers.names = dict(ADDRESSES)
    return servers


def read(internet: Internet, chain: Sequence[str]) -> bytes | None:
    fresh(internet, chain)
    return internet.reader(hosts=Hosts.listed(ALLOWED)).fetch(internet.chain[0])


@pytest.mark.parametrize(
    "chain",
    [
        ["https://composes.example/#"],
        ["http://composes.example/#", "https://composes.example/#"],
        ["http://composes.example/#", "http://composes.example:8080/#"],
        ["https://mirror.example/#", "https://mirror.example/#"],
        ["http://mirror.example/#", "https://mirror.example/#"],
        ["https://mirror.example/#", "https://composes.example/#"],
        [
            "https://download.fedoraproject.org/#",
            "https://mirror.example/#",
            "https://other.example/#",
        ],
        ["https://dl.fedoraproject.org/#", "https://mirror.example:8443/#"],
    ],
)
def test_allowed_hosts_and_mirrors_are_read(internet: Internet, chain: list[str]) -> None:
    assert read(internet, chain) == b"secret of this host"
    assert internet.asked == internet.chain


@pytest.mark.parametrize(
    ("chain", "reason"),
    [
        (["https://composes.example/#", "http://composes.example/#"], "redirected from https to http"),
        (["http://composes.example/#", "http://composes.example:81/#"], "host composes.example:81 is not allowed"),
        (["https://composes.example/#", "https://mirror.example/#"], "host mirror.example:443 is not allowed"),
        (["http://composes.example/#", "http://169.254.169.254/#"], "host 169.254.169.254:80 is not allowed"),
        (["http://composes.example/#", "http://[::1]/#"], "host ::1:80 is not allowed"),
        (["http://composes.example/#", "http://2130706433/#"], "host 2130706433:80 is not allowed"),
        (["http://composes.example/#", "http://composes.example@inner.example/#"], "a user name or password in a URL is not used"),
        (["http://composes.example/#", "//inner.example/#"], "host inner.example:80 is not allowed"),
        (["http://composes.example/#", "file:///etc/passwd"], "'file' is not http or https"),
        (["https://dl.fedoraproject.org/#", "http://mirror.example/#"], "redirected from https to http"),
        (["https://dl.fedoraproject.org/#", "https://inner.example/#"], f"{INNER} is not a public address"),
        (["https://dl.fedoraproject.org/#", "https://169.254.169.254/#"], "169.254.169.254 is not a public address"),
        (["https://dl.fedoraproject.org/#", "https://[::ffff:127.0.0.1]/#"], "is not a public address"),
        (["https://dl.fedoraproject.org/#", "https://mirror.example/#", "https://inner.example/#"], "is not a public address"),
    ],
)  # fmt: skip
def test_others_are_refused_before_they_are_asked(
    internet: Internet, chain: list[str], reason: str
) -> None:
    with pytest.raises(ServiceUnavailableError) as failure:
        read(internet, chain)
    assert reason in str(failure.value)
    # the target is named, its page is not quoted
    assert str(failure.value).startswith(f"GET {internet.chain[0]}, redirected to ")
    assert internet.chain[-1].rpartition("@")[2] in str(failure.value)
    assert "secret" not in str(failure.value)
    assert internet.asked == internet.chain[:-1]


def test_a_mirror_that_moves_into_our_network_is_refused(internet: Internet) -> None:
    chain = ["https://dl.fedoraproject.org/#", "https://rebound.example/#"]
    fresh(internet, chain)
    reader = internet.reader()
    assert reader.fetch(internet.chain[0])
    fresh(internet, chain)
    internet.names["rebound.example"] = [INNER, PUBLIC]
    other = internet.reader()
    with pytest.raises(ServiceUnavailableError, match=f"{INNER} is not a public address"):
        other.fetch(internet.chain[0])
    assert INNER not in internet.connected


def test_a_connection_that_was_allowed_by_name_is_not_used_for_a_redirect(
    internet: Internet,
) -> None:
    fresh(internet, ["https://inner.example/#"])
    reader = internet.reader()
    assert reader.fetch(internet.chain[0])
    fresh(internet, ["https://dl.fedoraproject.org/#", "https://inner.example/#"])
    # the earlier connection is still open, to an address that looks like one of ours
    with pytest.raises(ServiceUnavailableError, match="is not a public address"):
        reader.fetch(internet.chain[0])
    assert internet.asked == internet.chain[:1]


@contextlib.contextmanager
def proxy(internet: Internet, reply: bytes) -> Iterator[str]:
    """Serve one ``CONNECT`` to the servers of the test; they get nothing unless the reply is 200."""

    def pass_on(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def serve() -> None:
        connection, _ = listening.accept()
        target = socket.create_connection(("127.0.0.1", internet.ports["https"]))
        with connection, target:
            asked.append(connection.recv(65536).partition(b"\r\n")[0].decode())
            connection.sendall(reply)
            back = threading.Thread(target=pass_on, args=(target, connection))
            back.start()
            pass_on(connection, target)
            back.join()

    asked = internet.connected
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join()


def test_https_is_read_through_a_proxy_which_looks_names_up(
    internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    internet.chain = ["https://composes.example/0"]
    with proxy(internet, b"HTTP/1.1 200 Connected\r\n\r\n") as url:
        monkeypatch.setenv("https_proxy", url)
        reader = Reader(LIMITS)
        assert reader.fetch("https://composes.example/0") == b"secret of this host"
        del reader
        gc.collect()
    assert internet.connected == ["CONNECT composes.example:443 HTTP/1.0"]
    assert internet.asked == ["https://composes.example/0"]


def test_a_proxy_that_does_not_finish_its_reply_is_left(
    internet: Internet, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(LIMITS, read_timeout=60, total_timeout=3)
    with proxy(internet, b"HTTP/1.1 200 Connected\r\n") as url:
        monkeypatch.setenv("https_proxy", url)
        began = time.monotonic()
        with pytest.raises(ServiceUnavailableError):
            Reader(limits).fetch("https://composes.example/0")
        assert time.monotonic() - began < 30
        gc.collect()


schemes = st.sampled_from(["http", "https"])
places = st.sampled_from(
    [*ADDRESSES, "composes.example:8080", "mirror.example:8443", PUBLIC, INNER, "169.254.169.254"]
)
urls = st.builds(lambda scheme, place: f"{scheme}://{place}/#", schemes, places)


def port_of(url: str) -> int:
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    return int(host.partition(":")[2] or {"http": 80, "https": 443}[scheme])


def may_follow(chain: Sequence[str]) -> bool:
    """Return whether README allows a request to the last URL after the others."""
    first, before, url = chain[0], chain[max(len(chain) - 2, 0)], chain[-1]
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    if len(chain) == 1:
        return True
    if before.startswith("https:") and url.startswith("http:"):
        return False
    first_host = first.partition("://")[2].partition("/")[0].partition(":")[0]
    same = host == first_host and (
        port_of(url) == port_of(first) or (port_of(first), port_of(url)) == (80, 443)
    )
    listed = host == "composes.example" and port_of(url) in {80, 443, 8080}
    passed = any(
        earlier.startswith(("https://dl.fedoraproject.org/", "https://download.fedoraproject.org/"))
        for earlier in chain[:-1]
    )
    public = ADDRESSES.get(host, [host]) == [PUBLIC] and url.startswith("https:")
    return same or listed or (passed and public)


def speaks(url: str) -> bool:
    """Return whether a server of this test has the scheme of a URL and a certificate for it."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].partition(":")[0]
    return (scheme == "https") == (port_of(url) in {443, 8443}) and (
        scheme == "http" or not host[0].isdigit()
    )


@given(chain=st.lists(urls, min_size=1, max_size=MAX_REDIRECTS + 3))
def test_no_url_but_the_allowed_ones_is_ever_asked(servers: Internet, chain: list[str]) -> None:
    expected: list[str] = []
    fresh(servers, chain)
    for number, url in enumerate(servers.chain):
        within = number <= MAX_REDIRECTS
        if not (within and may_follow(servers.chain[: number + 1]) and speaks(url)):
            break
        expected.append(url)
    with contextlib.ExitStack() as stack:
        if len(expected) < len(chain):
            stack.enter_context(pytest.raises(ServiceUnavailableError, match=r"^(?!.*secret)"))
        assert read(servers, chain) == b"secret of this host"
    assert servers.asked == expected
