"""POST requests with a body of JSON; for gateways that ask or tell more than a URL says.

It must not know what a status means to a service; that is for the gateway.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import requests

from fedora_openqa import __version__
from fedora_openqa.config import Http
from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.http.answers import decode_answer
from fedora_openqa.gateways.http.client import limit_session, refused, unanswered

T = TypeVar("T")


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

    def __init__(self, limits: Http, *, token: str = "") -> None:
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
