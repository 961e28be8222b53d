"""Values that ResultsDB can store: cleaned where nothing is lost by it, refused otherwise.

ResultsDB answers 500 to what its database cannot have, for ever, which looks like a failure
that passes. So this is found out before anything is sent.
"""

from collections.abc import Mapping
from typing import Any

from fedora_openqa.errors import RequestRefusedError
from fedora_openqa.texts import first_line, one_line

#: bytes of a text that its database can index; a note is not indexed
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
    """Return the name of a value; raises RequestRefusedError if ResultsDB takes none such."""
    if ":" in name:
        raise RequestRefusedError(f"ResultsDB takes no colon in a key: {name!r}")
    return name
