"""Writes TOML: the values that our own files have, with comments."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from fedora_openqa.texts import one_line

#: a key that needs no quotes
BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_of(
    content: Mapping[str, object], comments: Mapping[tuple[str, ...], str] | None = None
) -> str:
    """Return the text of a TOML file.

    :param content: keys to texts, numbers, booleans, lists of texts, tables and lists of tables
    :param comments: path of a key to the line above it
    """
    return "\n".join(_lines(content, (), comments or {})).strip("\n") + "\n"


def _lines(
    table: Mapping[str, object], path: tuple[str, ...], comments: Mapping[tuple[str, ...], str]
) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if _is_inner(value)}
    for key, value in table.items():
        if key in inner:
            continue
        if comment := comments.get((*path, key)):
            yield f"# {one_line(comment)}"
        yield f"{_key(key)} = {_value(value)}"
    for key, value in inner.items():
        place = (*path, key)
        name = ".".join(map(_key, place))
        if isinstance(value, Mapping):
            # a table of tables only needs no heading
            if not value or not all(map(_is_inner, value.values())):
                yield from ("", f"[{name}]")
            yield from _lines(value, place, comments)
        elif isinstance(value, Sequence):
            for row in value:
                yield from ("", f"[[{name}]]")
                yield from _lines(row, place, comments)


def _is_inner(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and any(isinstance(one, Mapping) for one in value)
    )


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _text(name)


def _value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case str():
            return _text(value)
        case Sequence():
            return f"[{', '.join(map(_value, value))}]"
        case _:
            raise TypeError(f"TOML has no {value!r}")


def _text(text: str) -> str:
    # JSON's escapes are TOML's, except that TOML wants one for DEL, too
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
