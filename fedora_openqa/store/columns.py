"""Types of columns that hold text: they make any text storable.

PostgreSQL refuses NUL, unpaired surrogates and texts that are too long; other control characters
would reach a terminal. All of them are replaced or cut here, on both databases.
"""

import hashlib
from typing import Any

from sqlalchemy import JSON, Dialect, String, Text, TypeDecorator

from fedora_openqa.texts import one_line

#: characters that are kept of a text for people
TEXT_SIZE = 2000

#: characters that are kept of a text within JSON
JSON_TEXT_SIZE = 200_000

#: characters of the digest in a name that had to be changed
DIGEST_SIZE = 16


class Name(TypeDecorator[str]):
    """A text that identifies something: different texts stay different when stored."""

    impl = String
    cache_ok = True

    def __init__(self, size: int) -> None:
        """Hold at most `size` characters."""
        super().__init__(size)
        self.size = size

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text to store."""
        if value is None:
            return None
        start = one_line(value[: self.size])
        if start == value:
            return start
        digest = hashlib.sha256(value.encode(errors="surrogatepass")).hexdigest()[:DIGEST_SIZE]
        return f"{start[: self.size - DIGEST_SIZE - 1]}…{digest}"


class Prose(TypeDecorator[str]):
    """A text for people, cut to a number of characters."""

    impl = Text
    cache_ok = True

    def __init__(self, size: int = TEXT_SIZE) -> None:
        """Keep at most `size` characters."""
        super().__init__()
        self.size = size

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return the text to store."""
        if value is None or len(value) <= self.size:
            return None if value is None else one_line(str(value))
        return f"{one_line(value[: self.size - 1])}…"


class Facts(TypeDecorator[Any]):
    """Plain values as JSON; each text in them becomes one printable line."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - JSON
        """Return the values to store."""
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
