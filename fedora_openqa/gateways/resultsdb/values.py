"""Values that ResultsDB can store: cleaned if that loses nothing, otherwise refused.

ResultsDB always answers 500 to a value that its database cannot store, which looks like a temporary
failure. So values are checked before they are sent.
"""

from collections.abc import Mapping
from typing import Any

from fedora_openqa.errors import RequestRefusedError
from fedora_openqa.texts import first_line, one_line

#: bytes of the longest text that its database can index; a note is not indexed
MOST_BYTES = 8000


def storable(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value of a result without the characters that ResultsDB cannot store.

    Raises:
        RequestRefusedError: a text is longer than its database can index.
    """
    match value:
        case str():
            if len(value.encode(errors="replace")) > MOST_BYTES:
                raise RequestRefusedError(
                    f"ResultsDB cannot store a text of {len(value)} characters: {first_line(value)}"
                )
            return one_line(value)
        case Mapping():
            return {name: storable(one) for name, one in value.items()}
        case list():
            return [storable(one) for one in value]
        case _:
            return value


def storable_key(name: str) -> str:
    """Return the key of a value; raises RequestRefusedError for a key that ResultsDB refuses."""
    if ":" in name:
        raise RequestRefusedError(f"ResultsDB takes no colon in a key: {name!r}")
    return name
