"""Answers in JSON, checked; for gateways that read more than files."""

from typing import TypeVar

import msgspec

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http import Reader
from fedora_openqa.texts import first_line

T = TypeVar("T")


def read_json(reader: Reader, url: str, shape: type[T]) -> T | None:
    """Read an answer of a shape; nothing if the server says there is none.

    Raises:
        ServiceUnavailableError: no answer, or another one, like a page of a proxy.
        RequestRefusedError: another answer of 4xx.
    """
    text = reader.fetch(url)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        reason = first_line(str(exc))
        raise ServiceUnavailableError(f"GET {url}: not what was asked for: {reason}") from exc


def require_json(reader: Reader, url: str, shape: type[T]) -> T:
    """Read an answer that must be there.

    Raises: as `read_json`.
    """
    found = read_json(reader, url, shape)
    if found is None:
        raise ServiceUnavailableError(f"GET {url}: not there")
    return found
