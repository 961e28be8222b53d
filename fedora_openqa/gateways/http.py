"""HTTP that cannot hang: every request has time limits, reads are repeated, writes are not.

Knows no foreign system; the other gateways build on this. The only file that
imports requests.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests
import tenacity
import urllib3
from requests.adapters import HTTPAdapter

from fedora_openqa import __version__
from fedora_openqa.config import Http
from fedora_openqa.errors import (
    AmbiguousWriteError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.texts import first_line

T = TypeVar("T")

#: methods that change nothing
READS = frozenset({"GET", "HEAD"})

#: answers of 4xx that are about the moment, not about the request
TEMPORARY = frozenset({408, 425, 429})

#: hops until a file is found; Fedora's download server sends readers to a mirror
MAX_REDIRECTS = 5

#: requests of one session that may be under way at once
POOL_SIZE = 16


class LimitedAdapter(HTTPAdapter):
    """A transport that gives up on slow and on endless answers.

    requests itself only limits the time between two bytes.
    """

    def __init__(self, limits: Http, *, post_timeout: float | None = None) -> None:
        """Limit reads by ``limits``, and what writes may take by ``post_timeout`` seconds."""
        super().__init__(pool_connections=POOL_SIZE, pool_maxsize=POOL_SIZE, max_retries=0)
        self._limits = limits
        self._post_timeout = post_timeout or limits.total_timeout

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
        writes = request.method not in READS
        total = self._post_timeout if writes else self._limits.total_timeout
        quiet = self._post_timeout if writes else self._limits.read_timeout
        deadline = time.monotonic() + total
        response = super().send(
            request,
            stream=True,
            timeout=(self._limits.connect_timeout, quiet),
            verify=verify,
            cert=cert,
            proxies=proxies,
        )
        # `content` and `json` of the response read from here
        response._content = self._body(response, deadline)  # noqa: SLF001
        response._content_consumed = True  # type: ignore[attr-defined] # noqa: SLF001
        return response

    def _body(self, response: requests.Response, deadline: float) -> bytes:
        parts = []
        size = 0
        try:
            # read1 returns with what is there: a drop at a time must not defeat the deadline
            while part := response.raw.read1(65536, decode_content=True):
                parts.append(part)
                size += len(part)
                if size > self._limits.max_bytes:
                    raise requests.exceptions.ContentDecodingError(
                        f"the answer has more than {self._limits.max_bytes} bytes"
                    )
                if time.monotonic() > deadline:
                    raise requests.exceptions.ReadTimeout("the answer took too long")
        except urllib3.exceptions.ReadTimeoutError as exc:
            raise requests.exceptions.ReadTimeout(exc) from exc
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            if isinstance(exc, requests.RequestException):
                raise
            raise requests.exceptions.ChunkedEncodingError(exc) from exc
        finally:
            response.close()
        return b"".join(parts)


def limit_session(
    session: requests.Session, limits: Http, *, post_timeout: float | None = None
) -> None:
    """Make a session that a foreign library opened one in which nothing can hang."""
    adapter = LimitedAdapter(limits, post_timeout=post_timeout)
    session.mount("http://", adapter)
    session.mount("https://", adapter)


class Reader:
    """Reads files, from any host, in a session in which nothing can hang."""

    def __init__(self, limits: Http) -> None:
        """Read within limits."""
        self._limits = limits
        self._session = requests.Session()
        self._session.max_redirects = MAX_REDIRECTS
        self._session.headers["User-Agent"] = f"fedora-openqa/{__version__}"
        # Fedora's proxy against scrapers turns requests without it away (as fedfind knows)
        self._session.headers["Accept"] = "*/*"
        limit_session(self._session, limits)

    def fetch(self, url: str) -> bytes | None:
        """Read a file; nothing if the server says there is none.

        Raises:
            RequestRefusedError: another answer of 4xx.
            ServiceUnavailableError: no answer, or one of 5xx, as often as we tried.
        """
        return repeated(lambda: self._fetch_once(url), limits=self._limits)

    def _fetch_once(self, url: str) -> bytes | None:
        try:
            response = self._session.get(url)
        except requests.RequestException as exc:
            raise unanswered("GET", url, exc) from exc
        if response.status_code in {404, 410}:
            return None
        if not response.ok:
            raise refused("GET", url, status=response.status_code, text=response.text)
        return response.content


def repeated(call: Callable[[], T], *, limits: Http) -> T:
    """Call until it is no longer unavailable, within bounds, with pauses that differ.

    Only `ServiceUnavailableError` is worth repeating: after `AmbiguousWriteError`
    somebody has to look first, and everything else would be the same again.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(ServiceUnavailableError),
        stop=tenacity.stop_after_attempt(limits.attempts),
        wait=tenacity.wait_random_exponential(multiplier=0.5, max=10),
        reraise=True,
    )
    return retrying(call)


def unanswered(
    method: str, url: str, exc: Exception
) -> ServiceUnavailableError | AmbiguousWriteError:
    """Translate a request that got no usable answer."""
    text = f"{method} {url}: {_reason(exc)}"
    if method in READS or _was_never_sent(exc):
        return ServiceUnavailableError(text)
    return AmbiguousWriteError(text)


def refused(
    method: str, url: str, *, status: int, text: str
) -> RequestRefusedError | ServiceUnavailableError | AmbiguousWriteError:
    """Translate an answer that is not a success."""
    message = f"{method} {url}: {status} {first_line(text)}".rstrip()
    if status >= 500 or status in TEMPORARY:  # noqa: PLR2004 - HTTP's server errors
        if method in READS:
            return ServiceUnavailableError(message)
        return AmbiguousWriteError(message)
    return RequestRefusedError(message)


def unreadable(
    method: str, url: str, exc: Exception
) -> ServiceUnavailableError | AmbiguousWriteError:
    """Translate a success whose content is not the format that was asked for.

    :param exc: what the parser of the content raised
    """
    text = f"{method} {url}: not the answer of this service: {first_line(str(exc))}"
    return ServiceUnavailableError(text) if method in READS else AmbiguousWriteError(text)


def _reason(exc: Exception) -> str:
    """Say in a few words what requests says in many."""
    if isinstance(exc, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(exc, requests.Timeout):
        return "no answer in time"
    if isinstance(exc, requests.TooManyRedirects):
        return "redirected"
    cause: BaseException = exc
    while inner := _inner(cause):
        cause = inner
    # urllib3 puts the connection's repr before the reason
    return first_line(str(cause).rpartition(">: ")[2] or str(cause) or type(cause).__name__)


def _inner(exc: BaseException) -> BaseException | None:
    """Unwrap what requests wraps around urllib3's errors, and urllib3 around http.client's."""
    wrapped = [getattr(exc, "reason", None), *exc.args]
    return next((arg for arg in wrapped if isinstance(arg, BaseException)), None)


def _was_never_sent(exc: Exception) -> bool:
    if isinstance(exc, requests.ConnectTimeout):
        return True
    wrapped = exc.args[0] if exc.args else None
    return isinstance(
        getattr(wrapped, "reason", wrapped), urllib3.exceptions.NewConnectionError
    ) or isinstance(exc, requests.exceptions.SSLError)
