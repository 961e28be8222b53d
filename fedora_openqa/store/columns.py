"""Types of columns that hold text: whatever is written through them can be stored.

PostgreSQL refuses a NUL, half a surrogate pair and a text that is too long; the rest of the
control characters would reach a terminal. All of that is replaced or cut here, on both databases.
"""

import hashlib
from typing import Any

from sqlalchemy import JSON, Dialect, String, Text, TypeDecorator

from fedora_openqa.texts import one_line

#: characters of a text for people that are kept
TEXT_SIZE = 2000

#: characters of a text within JSON that are kept
JSON_TEXT_SIZE = 200_000

#: characters of the digest that tells names apart that cannot be stored as they are
DIGEST_SIZE = 16


class Name(TypeDecorator[str]):
    """A text that identifies something: two that differ do so when stored."""

    impl = String
    cache_ok = True

    def __init__(self, size: int) -> None:
        """Hold that many characters."""
        super().__init__(size)
        self.size = size

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return a text as it is stored."""
        if value is None:
            return None
        start = one_line(value[: self.size])
        if start == value:
            return start
        digest = hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:DIGEST_SIZE]
        return f"{start[: self.size - DIGEST_SIZE - 1]}…{digest}"


class Prose(TypeDecorator[str]):
    """A text for people, of at most so many characters."""

    impl = Text
    cache_ok = True

    def __init__(self, size: int = TEXT_SIZE) -> None:
        """Keep that many characters."""
        super().__init__()
        self.size = size

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return a text as it is stored."""
        if value is None or len(value) <= self.size:
            return None if value is None else one_line(str(value))
        return f"{one_line(value[: self.size - 1])}…"


class Facts(TypeDecorator[Any]):
    """Plain values as JSON; each text among them is one printable line."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - JSON
        """Return values as they are stored."""
        return _storable(value)


def _storable(value: Any) -> Any:  # noqa: ANN401 - JSON
    match value:
        case str():
            return one_line(value[:JSON_TEXT_SIZE])
        case dict():
            return {_storable(key): _storable(item) for key, item in value.items()}
        case list() | tuple():
            return [_storable(item) for item in value]
        case _:
            return value
