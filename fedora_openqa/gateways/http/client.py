"""HTTP sessions for the other gateways, which read files and post JSON within limits.

Knows no foreign system. `transport` limits a session, `answers` translates its errors.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from urllib.parse import urlsplit

import requests

from fedora_openqa import __version__
from fedora_openqa.errors import ConfigError, ServiceUnavailableError
from fedora_openqa.gateways.http.answers import decode_answer, refused, repeated, unanswered
from fedora_openqa.gateways.http.connections import Network
from fedora_openqa.gateways.http.copies import Copies
from fedora_openqa.gateways.http.hosts import Hosts, origin
from fedora_openqa.gateways.http.transport import LimitedAdapter, Limits, redirect_target
from fedora_openqa.texts import shown_url

T = TypeVar("T")

#: the most redirects to a file; Fedora's download server redirects to a mirror
MAX_REDIRECTS = 5


def limit_session(
    session: requests.Session,
    limits: Limits,
    *,
    url: str | None = None,
    post_timeout: float | None = None,
    network: Network | None = None,
) -> LimitedAdapter:
    """Limit a session, for example one that a foreign library opened, and return its transport.

    It takes proxies from the environment, but no passwords from ``~/.netrc``.

    :param url: of the service; requests may go to its host only. None: to every host
    :param post_timeout: seconds that a write may take
    :param network: for tests; None: that of the system

    Raises:
        ConfigError: the URL is not valid.
    """
    hosts = None if url is None else Hosts.of(url)
    adapter = LimitedAdapter(limits, hosts=hosts, post_timeout=post_timeout, network=network)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    # requests reads ~/.netrc if a session has no login of its own
    session.auth = session.auth or _unsigned
    return adapter


def _unsigned(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class Reader:
    """Reads files over HTTP within limits."""

    def __init__(
        self,
        limits: Limits,
        *,
        hosts: Hosts | None = None,
        copies: Copies | None = None,
        network: Network | None = None,
    ) -> None:
        """Open a session.

        :param hosts: other hosts that a host may redirect to; Fedora's download servers may
            redirect to every public host over https
        :param copies: of files that are read again and again. None: none is kept
        :param network: for tests; None: that of the system
        """
        self._limits = limits
        self._hosts = hosts or Hosts()
        self._copies = copies or Copies(most_bytes=0)
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"fedora-openqa/{__version__}"
        # Fedora's proxy against scrapers rejects requests without it (fedfind says so)
        self._session.headers["Accept"] = "*/*"
        self._adapter = limit_session(self._session, limits, network=network)

    def fetch(self, url: str) -> bytes | None:
        """Return the content of a file; None: the server has no such file.

        Raises:
            ConfigError: the URL is not valid.
            RequestRefusedError: an answer of 4xx other than 404 and 410.
            ServiceUnavailableError: every try ended without an answer, with 5xx, or with a
                redirect that may not be followed.
        """
        return repeated(partial(self._fetch_once, url), limits=self._limits)

    def _fetch_once(self, url: str) -> bytes | None:
        response, asked = self._answer(url)
        if response.status_code in {404, 410}:
            return None
        if 200 <= response.status_code < 300:  # noqa: PLR2004 - HTTP's successes
            return response.content
        # no page of another host is quoted
        text = response.text if origin(url) == origin(str(response.url)) else ""
        raise refused("GET", asked, status=response.status_code, text=text)

    def _answer(self, url: str) -> tuple[requests.Response, str]:
        """Return the answer after all redirects, and the URLs that were asked, for errors.

        Raises:
            ServiceUnavailableError: there is no answer.
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
                    response = self._get(at)
                    if not response.is_redirect:
                        return response, asked
                    before, at = at, redirect_target(response)
                    asked = f"{shown_url(url)}, redirected to {shown_url(at)}"
                    _check_redirect(before, at)
                    exchange.hosts = hosts = hosts.after(before)
                raise requests.TooManyRedirects(f"more than {MAX_REDIRECTS} times")
        except (requests.RequestException, ValueError) as exc:
            raise unanswered("GET", asked, exc) from exc

    def _get(self, url: str) -> requests.Response:
        """Return the answer of one request; a file that has not changed is taken from its copy."""
        copy = self._copies.find(url)
        conditions = copy.conditions if copy else {}
        response = self._session.get(url, allow_redirects=False, headers=conditions)
        if copy and response.status_code == requests.codes.not_modified:
            response.status_code = requests.codes.ok
            response._content = copy.content  # noqa: SLF001 - as the transport does
        elif response.status_code == requests.codes.ok:
            self._copies.keep(url, response.content, response.headers)
        return response


def _check_redirect(before: str, url: str) -> None:
    """Check the scheme of a redirect; the transport checks its host.

    Raises:
        ValueError: the target is not http or https, or the redirect leads from https to http.
    """
    origin(url)
    if urlsplit(before).scheme == "https" and urlsplit(url).scheme != "https":
        raise ValueError("redirected from https to http")


def read_json(reader: Reader, url: str, shape: type[T]) -> T | None:
    """Return the JSON at a URL as a shape; None: the server has no such file.

    Raises:
        ServiceUnavailableError: no answer, or one that is not JSON of that shape.
        RequestRefusedError: an answer of 4xx other than 404 and 410.
    """
    return decode_answer(reader.fetch(url), shape, method="GET", url=url)


def require_json(reader: Reader, url: str, shape: type[T]) -> T:
    """Return the JSON at a URL, which must exist, as a shape.

    Raises: as `read_json`; ServiceUnavailableError: also if the server has no such file.
    """
    found = read_json(reader, url, shape)
    if found is None:
        raise ServiceUnavailableError(f"GET {url}: not there")
    return found


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of any status."""

    url: str
    status: int
    content: bytes

    def decode(self, shape: type[T]) -> T:
        """Return the JSON of a success as a shape.

        Raises:
            RequestRefusedError, AmbiguousWriteError: no success, or not JSON of that shape.
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
    """Posts JSON within limits."""

    def __init__(self, limits: Limits, *, token: str = "") -> None:
        """Open a session.

        :param token: a Bearer token; empty: requests carry no login
        """
        self._session = requests.Session()
        self._session.headers["User-Agent"] = f"fedora-openqa/{__version__}"
        if token:
            self._session.auth = _bearer(token)
        limit_session(self._session, limits)

    def post(self, url: str, body: object) -> Reply:
        """Post once.

        Raises:
            ConfigError: the URL redirects.
            ServiceUnavailableError: the service was not reached.
            AmbiguousWriteError: there was no usable answer.
        """
        try:
            # a redirect would make it a GET, or send the token to another server
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
