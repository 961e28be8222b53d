"""What answers of HTTP mean: errors translated, JSON decoded, reads repeated.

Every gateway reads JSON through this. An answer that is not the format at all (a proxy's page, cut
JSON, 100,000 nested brackets) is no answer of the service: a read was not answered, and a write may
have happened. Knows no foreign system.
"""

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from typing import TypeVar, overload

import msgspec
import requests
import urllib3

from fedora_openqa.errors import (
    AmbiguousWriteError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.http.transport import READS, HostRefusedError, LaterError, Limits
from fedora_openqa.texts import first_line, shown_url

T = TypeVar("T")

#: the service rejected the request without reading it
TOO_MANY_REQUESTS = 429

#: statuses of 4xx that say something about the moment, not about the request
TEMPORARY = frozenset({408, 425, TOO_MANY_REQUESTS})

#: the longest pause, in seconds, that a call makes because a service asks for it
PATIENCE = 10.0

#: what parsers raise for text that is not in their format; the errors of msgspec, json and codecs
#: are ValueErrors
UNREADABLE = (ValueError, RecursionError)


@overload
def decode_answer(content: bytes | str, shape: type[T], *, method: str, url: str) -> T: ...
@overload
def decode_answer(content: None, shape: type[T], *, method: str, url: str) -> None: ...
@overload
def decode_answer(
    content: bytes | str | None, shape: type[T], *, method: str, url: str
) -> T | None: ...
def decode_answer(
    content: bytes | str | None, shape: type[T], *, method: str, url: str
) -> T | None:
    """Return the JSON of an answer as a shape; None: there is no content.

    :param content: the body of an answer with a status of success

    Raises:
        ServiceUnavailableError: it is not JSON of that shape, and the request was a read.
        AmbiguousWriteError: it is not, and the request was a write.
    """
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=shape)
    except UNREADABLE as exc:
        # the exception refers to this frame and may live long
        del content
        raise unreadable(method, url, exc) from exc


@contextlib.contextmanager
def understood(method: str, url: str) -> Iterator[None]:
    """Translate the errors of a library that parses an answer itself.

    Raises: as `decode_answer`.
    """
    try:
        yield
    except UNREADABLE as exc:
        raise unreadable(method, url, exc) from exc


def repeated(call: Callable[[], T], *, limits: Limits) -> T:
    """Return the result of a call, which is repeated while the service is unavailable.

    The pauses between tries are random. Only `ServiceUnavailableError` is worth repeating: after
    `AmbiguousWriteError` the service must be checked first, and any other error would come again.
    If a service asks for a pause of more than `PATIENCE` seconds, or longer than a request may
    take, the error is raised at once and says when to try again.
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
    method: str, url: str, exc: Exception, *, harmless: bool = False
) -> ServiceUnavailableError | AmbiguousWriteError:
    """Return our error for a request without a usable answer.

    :param harmless: the request may be sent again without a check, although it is a write
    """
    text = f"{method} {shown_url(url)}: {_reason(exc)}"
    seconds = exc.retry_after if isinstance(exc, LaterError) else None
    if harmless or method in READS or _nothing_was_done(exc):
        return ServiceUnavailableError(text, retry_after=seconds)
    return AmbiguousWriteError(text, retry_after=seconds)


def refused(
    method: str, url: str, *, status: int, text: str, harmless: bool = False
) -> RequestRefusedError | ServiceUnavailableError | AmbiguousWriteError:
    """Return our error for an answer that is not a success.

    :param harmless: as of `unanswered`
    """
    message = f"{method} {shown_url(url)}: {status} {first_line(text)}".rstrip()
    # neither a success nor a refusal: a redirect without a target, 304
    odd = not 400 <= status < 500  # noqa: PLR2004 - HTTP's client errors
    if odd or status in TEMPORARY:
        if harmless or method in READS or status == TOO_MANY_REQUESTS:
            return ServiceUnavailableError(message)
        return AmbiguousWriteError(message)
    return RequestRefusedError(message)


def unreadable(
    method: str, url: str, exc: Exception
) -> ServiceUnavailableError | AmbiguousWriteError:
    """Return our error for a success whose content is not in the expected format.

    :param exc: the parser's error
    """
    text = f"{method} {shown_url(url)}: not the answer of this service: {first_line(str(exc))}"
    return ServiceUnavailableError(text) if method in READS else AmbiguousWriteError(text)


def _reason(exc: Exception) -> str:
    """Return the reason of an error of requests in a few words."""
    if isinstance(exc, requests.ConnectTimeout):
        return "no connection in time"
    cause: BaseException = exc
    while inner := _inner(cause):
        cause = inner
    # the time may also end while a request is sent
    if isinstance(exc, requests.Timeout) or isinstance(cause, TimeoutError):
        return "no answer in time"
    # urllib3 puts the repr of the connection before the reason
    return first_line(str(cause).rpartition(">: ")[2] or str(cause) or type(cause).__name__)


def _inner(exc: BaseException) -> BaseException | None:
    """Return the error inside one of requests or urllib3; None: there is no other inside."""
    wrapped = [getattr(exc, "reason", None), *exc.args]
    return next((arg for arg in wrapped if isinstance(arg, BaseException)), None)


def _nothing_was_done(exc: Exception) -> bool:
    """Return whether a service was not reached, or rejected the request without reading it."""
    if isinstance(exc, requests.ConnectTimeout | HostRefusedError):
        return True
    if isinstance(exc, LaterError):
        # a proxy also answers 503 after it lost the server that has the request
        return exc.status == TOO_MANY_REQUESTS
    wrapped = exc.args[0] if exc.args else None
    return isinstance(
        getattr(wrapped, "reason", wrapped), urllib3.exceptions.NewConnectionError
    ) or isinstance(exc, requests.exceptions.SSLError)
