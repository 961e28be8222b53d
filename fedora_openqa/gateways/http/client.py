"""HTTP for the other gateways: every session limited, reads repeated, errors translated.

Knows no foreign system. What a session may do is in `transport`.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from fedora_openqa import __version__
from fedora_openqa.config import Http
from fedora_openqa.errors import (
    AmbiguousWriteError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.http.connections import Network
from fedora_openqa.gateways.http.hosts import Hosts, origin
from fedora_openqa.gateways.http.transport import (
    READS,
    HostRefusedError,
    LaterError,
    LimitedAdapter,
    redirect_target,
)
from fedora_openqa.texts import first_line, shown_url

T = TypeVar("T")

#: the request was turned away unread
TOO_MANY_REQUESTS = 429

#: answers of 4xx that are about the moment, not about the request
TEMPORARY = frozenset({408, 425, TOO_MANY_REQUESTS})

#: hops until a file is found; Fedora's download server sends readers to a mirror
MAX_REDIRECTS = 5

#: seconds that a call waits by itself when a service asks for it; for more it gives up
PATIENCE = 10.0


def limit_session(
    session: requests.Session,
    limits: Http,
    *,
    url: str | None = None,
    post_timeout: float | None = None,
    network: Network | None = None,
) -> LimitedAdapter:
    """Make a session that a foreign library opened one with limits, and return its transport.

    It takes proxies from the environment, but no passwords from ``~/.netrc``.

    :param url: of the service; requests may go to its host alone; None: to every host
    :param post_timeout: seconds that a write may take
    :param network: the system's, if not of a test

    Raises:
        ConfigError: the URL is none.
    """
    hosts = None if url is None else Hosts.of(url)
    adapter = LimitedAdapter(limits, hosts=hosts, post_timeout=post_timeout, network=network)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # requests looks into ~/.netrc where a session has no login of its own
    session.auth = session.auth or _unsigned
    return adapter


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class Reader:
    """Reads files over HTTP, within limits."""

    def __init__(
        self, limits: Http, *, hosts: Hosts | None = None, network: Network | None = None
    ) -> None:
        """Read within limits.

        :param hosts: where a host may redirect to beside itself; Fedora's download servers may
            redirect to every public host, over https
        :param network: the system's, if not of a test
        """
        self._limits = limits
        self._hosts = hosts or Hosts()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"fedora-openqa/{__version__}"
        # Fedora's proxy against scrapers turns requests without it away (as fedfind knows)
        self._session.headers["Accept"] = "*/*"
        self._adapter = limit_session(self._session, limits, network=network)

    def fetch(self, url: str) -> bytes | None:
        """Return the content of a file; None: the server says there is none.

        Raises:
            ConfigError: the URL is none.
            RequestRefusedError: another answer of 4xx.
            ServiceUnavailableError: no answer, one of 5xx, or a redirect that may not be
                followed, as often as we tried.
        """
        return repeated(lambda: self._fetch_once(url), limits=self._limits)

    def _fetch_once(self, url: str) -> bytes | None:
        response, asked = self._answer(url)
        if response.status_code in {404, 410}:
            return None
        if 200 <= response.status_code < 300:  # noqa: PLR2004 - HTTP's successes
            return response.content
        # a page of another host is not quoted
        text = response.text if origin(url) == origin(str(response.url)) else ""
        raise refused("GET", asked, status=response.status_code, text=text)

    def _answer(self, url: str) -> tuple[requests.Response, str]:
        """Return the answer at the end of all redirects, and for errors, which URLs were asked.

        Raises:
            ServiceUnavailableError: there is none.
        """
        limits = self._limits
        hosts = self._hosts | Hosts.of(url)
        asked = shown_url(url)
        at = url
        try:
            with self._adapter.one_exchange(
                hosts=hosts, seconds=limits.total_timeout, quiet=limits.read_timeout
            ) as exchange:
                for _ in range(MAX_REDIRECTS + 1):
                    response = self._session.get(at, allow_redirects=False)
                    if not response.is_redirect:
                        return response, asked
                    before, at = at, redirect_target(response)
                    asked = f"{shown_url(url)}, redirected to {shown_url(at)}"
                    _check_redirect(before, at)
                    exchange.hosts = hosts = hosts.after(before)
                raise requests.TooManyRedirects(f"more than {MAX_REDIRECTS} times")
        except (requests.RequestException, ValueError) as exc:
            raise unanswered("GET", asked, exc) from exc


def _check_redirect(before: str, url: str) -> None:
    """Check a redirect but for its host, which the transport checks.

    Raises:
        ValueError: it leads to no URL of http or https, or from https to http.
    """
    origin(url)
    if urlsplit(before).scheme == "https" and urlsplit(url).scheme != "https":
        raise ValueError("redirected from https to http")


def repeated(call: Callable[[], T], *, limits: Http) -> T:
    """Call until it is no longer unavailable, within bounds, with pauses that differ.

    Only `ServiceUnavailableError` is worth repeating: after `AmbiguousWriteError`
    somebody has to look first, and everything else would be the same again. A service that asks
    for more than `PATIENCE` seconds, or more than a request may take, is left alone: the error
    says when to come back.
    """
    patience = min(PATIENCE, limits.total_timeout)
    for attempt in range(1, limits.attempts):
        try:
            return call()
        except ServiceUnavailableError as exc:
            asked = exc.retry_after or 0.0
            if asked > patience:
                raise
        pause = random.uniform(0, min(0.5 * 2**attempt, PATIENCE))  # noqa: S311 - no secret
        time.sleep(max(pause, asked))
    return call()


def unanswered(
    method: str, url: str, exc: Exception
) -> ServiceUnavailableError | AmbiguousWriteError:
    """Translate a request that got no usable answer."""
    text = f"{method} {shown_url(url)}: {_reason(exc)}"
    seconds = exc.retry_after if isinstance(exc, LaterError) else None
    if method in READS or _nothing_was_done(exc):
        return ServiceUnavailableError(text, retry_after=seconds)
    return AmbiguousWriteError(text, retry_after=seconds)


def refused(
    method: str, url: str, *, status: int, text: str
) -> RequestRefusedError | ServiceUnavailableError | AmbiguousWriteError:
    """Translate an answer that is not a success."""
    message = f"{method} {shown_url(url)}: {status} {first_line(text)}".rstrip()
    # neither a success nor a refusal: a redirect to nowhere, 304
    odd = not 400 <= status < 500  # noqa: PLR2004 - HTTP's client errors
    if odd or status in TEMPORARY:
        if method in READS or status == TOO_MANY_REQUESTS:
            return ServiceUnavailableError(message)
        return AmbiguousWriteError(message)
    return RequestRefusedError(message)


def unreadable(
    method: str, url: str, exc: Exception
) -> ServiceUnavailableError | AmbiguousWriteError:
    """Translate a success whose content is not the format that was asked for.

    :param exc: what the parser of the content raised
    """
    text = f"{method} {shown_url(url)}: not the answer of this service: {first_line(str(exc))}"
    return ServiceUnavailableError(text) if method in READS else AmbiguousWriteError(text)


def _reason(exc: Exception) -> str:
    """Say in a few words what requests says in many."""
    if isinstance(exc, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(exc, requests.Timeout):
        return "no answer in time"
    cause: BaseException = exc
    while inner := _inner(cause):
        cause = inner
    # urllib3 puts the connection's repr before the reason
    return first_line(str(cause).rpartition(">: ")[2] or str(cause) or type(cause).__name__)


def _inner(exc: BaseException) -> BaseException | None:
    """Unwrap what requests wraps around urllib3's errors, and urllib3 around http.client's."""
    wrapped = [getattr(exc, "reason", None), *exc.args]
    return next((arg for arg in wrapped if isinstance(arg, BaseException)), None)


def _nothing_was_done(exc: Exception) -> bool:
    """Tell whether a service has not been reached, or turned the request away unread."""
    if isinstance(exc, requests.ConnectTimeout | HostRefusedError):
        return True
    if isinstance(exc, LaterError):
        # a gateway says 503 also when it has lost the server that it sent the request to
        return exc.status == TOO_MANY_REQUESTS
    wrapped = exc.args[0] if exc.args else None
    return isinstance(
        getattr(wrapped, "reason", wrapped), urllib3.exceptions.NewConnectionError
    ) or isinstance(exc, requests.exceptions.SSLError)
