"""The transport of every HTTP session, which limits hosts, time and size.

- Hosts: a request goes only to the session's `Hosts`. The URL is checked, the address before a
  connection is made (so that no name can lead elsewhere), and the address of a connection that is
  used again. An HTTP proxy looks up names itself: hosts are then checked by name and literal
  address.
- Time: one deadline for connecting, TLS, sending, headers and body; see `connections`.
- Size: an answer is unpacked in small pieces and dropped at the limit. No part of it stays in the
  frames that an exception keeps alive.

Knows no foreign system.
"""

import contextlib
import functools
import math
import time
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.poolmanager import PoolManager

from fedora_openqa.gateways.http.connections import PIECE, Exchange, HTTPPool, HTTPSPool, Network
from fedora_openqa.gateways.http.hosts import Hosts
from fedora_openqa.measures import measures
from fedora_openqa.texts import first_line

#: methods that change nothing
READS = frozenset({"GET", "HEAD"})

#: bytes that are kept of an answer that is not a success
MOST_OF_A_REFUSAL = 1024 * 1024

#: encodings of text that are used; any other is replaced by UTF-8
CHARSETS = frozenset({"utf-8", "us-ascii", "iso-8859-1"})


#: the longest wait, in seconds, that is taken from a service
LONGEST = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of every HTTP request."""

    #: seconds to connect
    connect_timeout: float
    #: seconds without a byte
    read_timeout: float
    #: seconds until the whole answer must be there, redirects included
    total_timeout: float
    #: tries of a read before it has failed
    attempts: int
    #: bytes of the largest answer that is accepted
    max_bytes: int
    #: connections that a session keeps open: as many as requests are under way at once
    connections: int = 16


class HostRefusedError(requests.RequestException):
    """A request to a host that is not allowed; nothing was sent."""


class LaterError(requests.RequestException):
    """The service asks for a later request: 429, or 503 with ``Retry-After``."""

    def __init__(self, text: str, *, status: int, retry_after: float | None) -> None:
        """Keep the seconds until the next request; None: the service does not say."""
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after


class LimitedAdapter(HTTPAdapter):
    """A transport of requests with limits."""

    def __init__(
        self,
        limits: Limits,
        *,
        hosts: Hosts | None = None,
        post_timeout: float | None = None,
        network: Network | None = None,
    ) -> None:
        """Limit reads by ``limits``, and writes to ``post_timeout`` seconds.

        :param hosts: the hosts that requests may go to; None: every host
        :param network: for tests; None: that of the system
        """
        self._limits = limits
        self._hosts = hosts
        self._post_timeout = post_timeout or limits.total_timeout
        self.exchange = Exchange(network or Network())
        size = limits.connections
        super().__init__(pool_connections=size, pool_maxsize=size, max_retries=0)
        self._limit(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **how: Any) -> Any:  # noqa: ANN401 - requests' types
        """Return the pools of connections through a proxy, with the same limits.

        Raises:
            requests.exceptions.InvalidProxyURL: it is a SOCKS proxy, which is not HTTP.
        """
        if proxy.lower().startswith("socks"):
            raise requests.exceptions.InvalidProxyURL("proxies of SOCKS cannot be used")
        return self._limit(super().proxy_manager_for(proxy, **how))

    def _limit(self, manager: PoolManager) -> PoolManager:
        pools: dict[str, Any] = {
            "http": functools.partial(HTTPPool, exchange=self.exchange),
            "https": functools.partial(HTTPSPool, exchange=self.exchange),
        }
        manager.pool_classes_by_scheme = pools
        return manager

    @contextlib.contextmanager
    def one_exchange(
        self, *, hosts: Hosts | None, seconds: float, quiet: float
    ) -> Iterator[Exchange]:
        """Make the requests of this thread one exchange with one deadline."""
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
        """Send a request and return the whole answer.

        Raises:
            requests.RequestException: any failure, also the end of the time limit.
        """
        send = functools.partial(self._measured, request, verify=verify, cert=cert, proxies=proxies)
        if self.exchange.deadline < math.inf:
            return send()
        reads = request.method in READS
        seconds = self._limits.total_timeout if reads else self._post_timeout
        quiet = self._limits.read_timeout if reads else self._post_timeout
        with self.one_exchange(hosts=self._hosts, seconds=seconds, quiet=quiet):
            return send()

    def _measured(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # noqa: ANN401
        begun = time.monotonic()
        failure: str | None = "other"
        try:
            response = self._send(request, **how)
            failure = _failure_of(response.status_code)
        except LaterError as exc:
            failure = _failure_of(exc.status)
            raise
        except requests.Timeout:
            failure = "timeout"
            raise
        except requests.ConnectionError:
            failure = "connection"
            raise
        finally:
            measures().request(str(request.url), time.monotonic() - begun, failure)
        return response

    def _send(self, request: requests.PreparedRequest, **how: Any) -> requests.Response:  # noqa: ANN401
        hosts = self.exchange.hosts
        if hosts and (reason := hosts.refuse_url(str(request.url))):
            raise HostRefusedError(reason)
        # `_pieces` unpacks no other encoding
        request.headers["Accept-Encoding"] = "gzip"
        try:
            timeout = (min(self._limits.connect_timeout, self.exchange.left()), self.exchange.quiet)
        except TimeoutError as exc:
            raise requests.ConnectTimeout(exc) from exc
        response = super().send(request, stream=True, timeout=timeout, **how)
        # `content` and `json` of the response read from here
        response._content = self._body(response)  # noqa: SLF001
        response._content_consumed = True  # type: ignore[attr-defined] # noqa: SLF001
        # requests would guess the encoding, for seconds if the answer is long, or fail
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
            # an exception refers to this frame and may live long
            body.clear()
            response.close()


def _failure_of(status: int) -> str | None:
    # 404 answers the question whether something is there
    refused = status >= 400 and status != requests.codes.not_found  # noqa: PLR2004 - HTTP
    return f"{status // 100}xx" if refused else None


def _pieces(raw: urllib3.HTTPResponse, exchange: Exchange) -> Iterator[bytes]:
    """Yield the unpacked body of an answer; raises `zlib.error` if it is broken or cut."""
    encoding = raw.headers.get("Content-Encoding", "").strip().lower()
    packed = encoding in {"gzip", "x-gzip"}
    if not packed and encoding not in {"", "identity"}:
        raise zlib.error(f"packed as {first_line(encoding)!r}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    begun = False
    # read1 returns as soon as it has some bytes
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
        requests.exceptions.InvalidURL: it is not a URL; requests itself raises various errors.
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


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds of ``Retry-After``, at most `LONGEST`; None: there is no such header.

    :param headers: of the answer; the case of names does not matter
    :param now: seconds since 1970, for answers without ``Date``
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        # not parsed as a number: it may have thousands of digits
        return LONGEST if len(value) > len(f"{LONGEST:.0f}") else min(float(value), LONGEST)
    until = _moment(value)
    if until is None:
        return None
    # by the clock of the service
    since = _moment(headers.get("Date", ""))
    return min(max(until - (now if since is None else since), 0.0), LONGEST)


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
