"""The transport of every HTTP session: where to, how long and how much.

- Where: only to the session's `Hosts`, checked at the URL, at the address before it is connected
  to (so that no name can lead elsewhere) and at the address of a connection that is used again.
  Through an HTTP proxy the proxy resolves names: hosts are checked by name and literal address.
- How long: one deadline for connecting, TLS, sending, headers and body. requests only limits
  the time between two bytes, so that a header a byte at a time or an endless ``100 Continue``
  would hold a thread for ever. Here each single read and write of the socket has what is left
  as its limit. Looking up a name has the limits of the system's resolver.
- How much: an answer is unpacked in small pieces and dropped at the limit. Nothing of it stays
  in the frames that an exception keeps alive.

Knows no foreign system.
"""

import contextlib
import functools
import http.client
import io
import math
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3 import connection, connectionpool
from urllib3.poolmanager import PoolManager

from fedora_openqa.config import Http
from fedora_openqa.gateways.hosts import Hosts, split_host
from fedora_openqa.gateways.waits import retry_after
from fedora_openqa.texts import first_line

#: methods that change nothing
READS = frozenset({"GET", "HEAD"})

#: requests of one session that may be under way at once
POOL_SIZE = 16

#: bytes that are sent, received and unpacked at a time
PIECE = 65536

#: bytes that are kept of an answer that is no success
MOST_OF_A_REFUSAL = 1024 * 1024

#: encodings of text that are read as such; every other one is taken for UTF-8
CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1"})

#: an address as `socket.connect` takes it; its first part is the IP address
SocketAddress: TypeAlias = tuple[Any, ...]


class HostRefusedError(requests.RequestException):
    """A host that may not be reached was asked for; nothing was sent."""


class LaterError(requests.RequestException):
    """The service wants to be asked later: 429, or 503 that says when."""

    def __init__(self, text: str, *, status: int, retry_after: float | None) -> None:
        """Keep the seconds after which to ask again; None: the service does not say."""
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after


def resolve(host: str, port: int) -> Sequence[tuple[int, SocketAddress]]:
    """Return family and address for each address of a host."""
    # urllib3 has checked that the name can be one
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


def connect(family: int, address: SocketAddress, timeout: float) -> socket.socket:
    """Connect to an address within seconds."""
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
    """How names are looked up and addresses connected to."""

    resolve: Callable[[str, int], Sequence[tuple[int, SocketAddress]]] = resolve
    connect: Callable[[int, SocketAddress, float], socket.socket] = connect


class Exchange(threading.local):
    """What the exchange of this thread may do; a session is shared by threads."""

    #: moment of `time.monotonic` at which it ends
    deadline = math.inf
    #: seconds without a byte
    quiet = math.inf
    #: None: every host
    hosts: Hosts | None = None

    def __init__(self, network: Network) -> None:
        """Connect through ``network``."""
        self.network = network

    def left(self) -> float:
        """Return the seconds that the next read or write may take.

        Raises:
            TimeoutError: none are left.
        """
        left = min(self.quiet, self.deadline - time.monotonic())
        if left <= 0:
            raise TimeoutError("timed out")
        return left


class _NotConnectedError(urllib3.exceptions.NewConnectionError):
    """urllib3's error, whose text is the reason alone."""

    def __init__(self, connection: Any, reason: str) -> None:  # noqa: ANN401 - of either kind
        super().__init__(connection, reason)
        self._reason = reason

    def __str__(self) -> str:
        return self._reason


class _Incoming(io.RawIOBase):
    """What a peer sends, each read within what is left."""

    def __init__(self, sock: socket.socket, exchange: Exchange) -> None:
        self._sock = sock
        self._exchange = exchange
        # counts as a user of the socket, which http.client may close meanwhile
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
    """An answer whose status line, headers and body are all read within what is left."""

    def __init__(self, sock: socket.socket, *args: Any, exchange: Exchange, **how: Any) -> None:  # noqa: ANN401 - http.client's
        super().__init__(sock, *args, **how)
        incoming = io.BufferedReader(_Incoming(sock, exchange))
        self.fp.close()
        self.fp = incoming  # type: ignore[assignment] # typeshed wants a stream of its own


class _Limited:
    """Part of a connection: connects to allowed addresses, sends within what is left."""

    exchange: Exchange
    # of urllib3's connection
    sock: Any
    host: str
    port: int
    proxy: Any
    timeout: float
    _dns_host: str
    #: the address that it leads to
    _reached: SocketAddress = ()
    connect: Callable[[], None]

    def __init__(self, *args: Any, exchange: Exchange, **how: Any) -> None:  # noqa: ANN401 - urllib3's
        super().__init__(*args, **how)
        self.exchange = exchange
        self.response_class = functools.partial(_Response, exchange=exchange)

    def _new_conn(self) -> socket.socket:
        """Connect; raises urllib3's errors, as the method that it replaces."""
        network = self.exchange.network
        last = OSError("the name has no address")
        try:
            for family, address in network.resolve(self._dns_host, self.port):
                self._check(address)
                try:
                    timeout = min(self.timeout, self.exchange.left())
                    sock = network.connect(family, address, timeout)
                    # what follows is TLS
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
            # an exception that its own frame refers to would stay
            del last

    def request(self, *args: Any, **how: Any) -> None:  # noqa: ANN401 - urllib3's
        """Send a request, on a connection that leads to an allowed address."""
        if self.sock is not None:
            self._check(self._reached)
        super().request(*args, **how)  # type: ignore[misc]

    def send(self, data: bytes) -> None:
        """Send bytes; each piece within what is left, as the peer may not read."""
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


class _HTTPPool(connectionpool.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection  # type: ignore[assignment] # a Protocol that mypy does not see


class _HTTPSPool(connectionpool.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection  # type: ignore[assignment] # as above


class LimitedAdapter(HTTPAdapter):
    """A transport with limits, for sessions of requests."""

    def __init__(
        self,
        limits: Http,
        *,
        hosts: Hosts | None = None,
        post_timeout: float | None = None,
        network: Network | None = None,
    ) -> None:
        """Limit reads by ``limits``, and what writes may take by ``post_timeout`` seconds.

        :param hosts: where requests may go; None: to every host
        :param network: the system's, if not of a test
        """
        self._limits = limits
        self._hosts = hosts
        self._post_timeout = post_timeout or limits.total_timeout
        self.exchange = Exchange(network or Network())
        super().__init__(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)
        self._limit(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **how: Any) -> Any:  # noqa: ANN401 - requests' types
        """Return the pools of connections through a proxy, with the same limits.

        Raises:
            requests.exceptions.InvalidProxyURL: it is a proxy of SOCKS, which is none of HTTP.
        """
        if proxy.lower().startswith("socks"):
            raise requests.exceptions.InvalidProxyURL("proxies of SOCKS cannot be used")
        return self._limit(super().proxy_manager_for(proxy, **how))

    def _limit(self, manager: PoolManager) -> PoolManager:
        pools: dict[str, Any] = {
            "http": functools.partial(_HTTPPool, exchange=self.exchange),
            "https": functools.partial(_HTTPSPool, exchange=self.exchange),
        }
        manager.pool_classes_by_scheme = pools
        return manager

    @contextlib.contextmanager
    def one_exchange(
        self, *, hosts: Hosts | None, seconds: float, quiet: float
    ) -> Iterator[Exchange]:
        """Let the requests of this thread be one exchange with one deadline."""
        exchange = self.exchange
        exchange.hosts = hosts
        exchange.quiet = quiet
        exchange.deadline = time.monotonic() + seconds
        try:
            yield exchange
        finally:
            exchange.deadline = math.inf

    def send(  # noqa: PLR0917 - requests' signature
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002
        timeout: Any = None,  # noqa: ANN401, ARG002
        verify: bool | str = True,  # noqa: FBT001, FBT002
        cert: Any = None,  # noqa: ANN401
        proxies: Any = None,  # noqa: ANN401
    ) -> requests.Response:
        """Send, and return only with the whole answer.

        Raises:
            requests.RequestException: whatever went wrong, time included.
        """
        send = functools.partial(self._send, request, verify=verify, cert=cert, proxies=proxies)
        if self.exchange.deadline < math.inf:
            return send()
        reads = request.method in READS
        seconds = self._limits.total_timeout if reads else self._post_timeout
        quiet = self._limits.read_timeout if reads else self._post_timeout
        with self.one_exchange(hosts=self._hosts, seconds=seconds, quiet=quiet):
            return send()

    def _send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # noqa: ANN401
        hosts = self.exchange.hosts
        if hosts and (reason := hosts.refuse_url(str(request.url))):
            raise HostRefusedError(reason)
        # others are unpacked here by nobody
        request.headers["Accept-Encoding"] = "gzip"
        try:
            timeout = (min(self._limits.connect_timeout, self.exchange.left()), self.exchange.quiet)
        except TimeoutError as exc:
            raise requests.ConnectTimeout(exc) from exc
        response = super().send(request, stream=True, timeout=timeout, **how)
        # `content` and `json` of the response read from here
        response._content = self._body(response)  # noqa: SLF001
        response._content_consumed = True  # type: ignore[attr-defined] # noqa: SLF001
        # requests would guess, for seconds if the answer is long, or fail for some names
        if (response.encoding or "").lower() not in CHARSETS:
            response.encoding = "utf-8"
        if response.is_redirect:
            redirect_target(response)
        _raise_if_later(response)
        return response

    def _body(self, response: requests.Response) -> bytes:
        body = bytearray()
        refusal = response.status_code >= 300  # noqa: PLR2004 - HTTP's successes are below
        most = MOST_OF_A_REFUSAL if refusal else self._limits.max_bytes
        try:
            for piece in _pieces(response.raw, self.exchange):
                body += piece
                if len(body) > most:
                    if refusal:
                        break
                    raise requests.exceptions.ContentDecodingError(
                        f"the answer has more than {most} bytes"
                    )
            return bytes(body[:most])
        except (urllib3.exceptions.ReadTimeoutError, TimeoutError) as exc:
            raise requests.exceptions.ReadTimeout(exc) from exc
        except (urllib3.exceptions.HTTPError, zlib.error, OSError) as exc:
            if isinstance(exc, requests.RequestException):
                raise
            raise requests.exceptions.ChunkedEncodingError(exc) from exc
        finally:
            # an exception keeps this frame, and may be kept itself
            body.clear()
            response.close()


def _pieces(raw: urllib3.HTTPResponse, exchange: Exchange) -> Iterator[bytes]:
    """Yield an answer's body, unpacked; raises `zlib.error` for one that cannot be, or is cut."""
    encoding = raw.headers.get("Content-Encoding", "").strip().lower()
    packed = encoding in {"gzip", "x-gzip"}
    if not packed and encoding not in {"", "identity"}:
        raise zlib.error(f"packed as {first_line(encoding)!r}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    begun = False
    # read1 returns with what is there
    while part := raw.read1(PIECE, decode_content=False):
        begun = True
        while part:
            exchange.left()
            if not packed:
                yield part
                break
            if unpacker.eof:
                # gzip files may follow one another
                unpacker = zlib.decompressobj(wbits=31)
            yield unpacker.decompress(part, PIECE)
            part = unpacker.unconsumed_tail or unpacker.unused_data
    if packed and begun and not unpacker.eof:
        raise zlib.error("the packed answer is cut")


def redirect_target(response: requests.Response) -> str:
    """Return the URL that an answer redirects to.

    Raises:
        requests.exceptions.InvalidURL: it is none; requests itself would raise all sorts.
    """
    try:
        # as requests does: http.client takes the bytes of headers for Latin-1
        there = response.headers["Location"].encode("latin-1").decode()
        url = urljoin(str(response.url), there)
        _ = urlsplit(url).port
    except ValueError as exc:
        raise requests.exceptions.InvalidURL(f"redirected to no URL: {exc}") from exc
    return url


def _raise_if_later(response: requests.Response) -> None:
    status = response.status_code
    seconds = retry_after(response.headers, now=time.time())
    later = status == requests.codes.service_unavailable and seconds is not None
    if status == requests.codes.too_many_requests or later:
        text = f"{status} {first_line(response.text)}".rstrip()
        raise LaterError(text, status=status, retry_after=seconds)
