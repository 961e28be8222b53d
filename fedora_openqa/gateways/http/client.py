"""Sessions of HTTP for the other gateways: files are read and JSON is posted, within limits.

Knows no foreign system. What a session may do is in `transport`, what its errors mean in `answers`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from fedora_openqa import __version__
from fedora_openqa.errors import ConfigError, ServiceUnavailableError
from fedora_openqa.gateways.http.answers import decode_answer, refused, repeated, unanswered
from fedora_openqa.gateways.http.connections import Network
from fedora_openqa.gateways.http.hosts import Hosts, origin
from fedora_openqa.gateways.http.transport import LimitedAdapter, Limits, redirect_target
from fedora_openqa.texts import shown_url

T = TypeVar("T")

#: hops until a file is found; Fedora's download server sends readers to a mirror
MAX_REDIRECTS = 5


def limit_session(
    session: requests.Session,
    limits: Limits,
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
        self, limits: Limits, *, hosts: Hosts | None = None, network: Network | None = None
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


def read_json(reader: Reader, url: str, shape: type[T]) -> T | None:
    """Return the JSON at a URL as a shape; None: the server says there is none.

    Raises:
        ServiceUnavailableError: no answer, or one that is not JSON of that shape.
        RequestRefusedError: another answer of 4xx.
    """
    return decode_answer(reader.fetch(url), shape, method="GET", url=url)


def require_json(reader: Reader, url: str, shape: type[T]) -> T:
    """Return the JSON at a URL, which must exist, as a shape.

    Raises: as `read_json`; ServiceUnavailableError: also if the server says there is none.
    """
    found = read_json(reader, url, shape)
    if found is None:
        raise ServiceUnavailableError(f"GET {url}: not there")
    return found


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, whatever its status."""

    url: str
    status: int
    content: bytes

    def decode(self, shape: type[T]) -> T:
        """Return the JSON of a success as a shape.

        Raises:
            RequestRefusedError, AmbiguousWriteError: it is no success, or not JSON of that shape.
        """
        return decode_answer(self.require_success(), shape, method="POST", url=self.url)

    def require_success(self) -> bytes:
        """Return the body of a success.

        Raises:
            RequestRefusedError, AmbiguousWriteError: it is not a success.
        """
        if self.status < 300:  # noqa: PLR2004 - HTTP's successes
            return self.content
        text = self.content.decode(errors="replace")
        raise refused("POST", self.url, status=self.status, text=text)


class Poster:
    """Posts JSON, in a session in which nothing can hang."""

    def __init__(self, limits: Limits, *, token: str = "") -> None:
        """Post within limits.

        :param token: who we are: a Bearer token; empty: nobody in particular
        """
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"fedora-openqa/{__version__}"
        if token:
            self._session.auth = _bearer(token)
        limit_session(self._session, limits)

    def post(self, url: str, body: object) -> Reply:
        """Post once.

        Raises:
            ConfigError: the URL leads elsewhere.
            ServiceUnavailableError: the service was not reached.
            AmbiguousWriteError: there was no usable answer.
        """
        try:
            # after a redirect it would be a GET, or the token would be somebody else's
            response = self._session.post(url, json=body, allow_redirects=False)
        except requests.RequestException as exc:
            raise unanswered("POST", url, exc) from exc
        if response.is_redirect:
            raise ConfigError(f"POST {url}: redirected: is this the URL of the service itself?")
        return Reply(url, response.status_code, response.content)


def _bearer(token: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    return sign
