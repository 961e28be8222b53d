"""Answers in JSON, checked against a shape; every gateway reads JSON through this.

An answer that is not the format at all (a proxy's page, cut JSON, 100,000 nested brackets)
is no answer of the service: a read was not answered, and a write may have happened.
"""

import contextlib
from collections.abc import Iterator
from typing import TypeVar, overload

import msgspec

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader, unreadable

T = TypeVar("T")

#: what parsers raise for text that is not their format; errors of msgspec, json and codecs are
#: all ValueErrors
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
        # an exception keeps this frame, and may be kept itself
        del content
        raise unreadable(method, url, exc) from exc


@contextlib.contextmanager
def understood(method: str, url: str) -> Iterator[None]:
    """Translate what a parser raises about an answer; for answers that a library parses.

    Raises: as `decode_answer`.
    """
    try:
        yield
    except UNREADABLE as exc:
        raise unreadable(method, url, exc) from exc


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
