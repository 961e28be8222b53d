"""Loads the files of tables; errors have the file and the line."""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import msgspec

from fedora_openqa.errors import ConfigError

Word = Annotated[str, msgspec.Meta(min_length=1)]
Words = Annotated[list[Word], msgspec.Meta(min_length=1)]
T = TypeVar("T")
Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True, slots=True)
class File(Generic[T]):
    """A loaded file of a table."""

    #: its path, or the name of one of ours
    name: str
    text: str
    content: T

    def error(self, key: str, problem: str) -> ConfigError:
        """Return an error about the value of a key."""
        return ConfigError(f"{self.name}:{_line_of(self.text, key)} {key}: {problem}")


def read(name: str, directory: Path | None, shape: type[T]) -> File[T]:
    """Load a table of ours, or the file that replaces it.

    :param directory: a directory in which a file of that name may replace ours

    Raises:
        ConfigError: it has another shape; with file, line and what is expected.
    """
    replacement = directory / name if directory else None
    source, text = name, b""
    try:
        if directory and not directory.is_dir():
            raise ConfigError(f"{directory}: [tables] directory is not a directory")
        if replacement and replacement.exists():
            source, text = str(replacement), replacement.read_bytes()
        else:
            text = resources.files(__package__).joinpath(name).read_bytes()
        return File(source, text.decode(), msgspec.toml.decode(text, type=shape))
    except OSError as exc:
        raise ConfigError(f"{replacement}: cannot be read: {exc.strerror}") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        line = _line_named_in(str(exc), text.decode(errors="replace"))
        raise ConfigError(f"{source}:{line} {exc}") from exc


def _line_named_in(problem: str, text: str) -> str:
    """Return the line that msgspec's error is about; the error names keys, not lines."""
    unknown = re.search(r"unknown field `([^`]+)`", problem)
    path = re.search(r"at `\$\.?([^`]*)`", problem)
    words = re.findall(r"[A-Za-z_]+", path.group(1)) if path else []
    return _line_of(text, unknown.group(1) if unknown else words[-1] if words else "")


def _line_of(text: str, key: str) -> str:
    """Return ``" line N:"`` of the first line that sets a key or opens a table; empty: none."""
    if not key:
        return ""
    name = rf"[\"']?{re.escape(key)}[\"']?"
    pattern = re.compile(rf"\s*({name}\s*=|\[\[?\s*(\S+\.)?{name}(\.\S+)?\s*\])")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return f" line {number}:"
    return ""


def distinct(path: str, rows: Iterable[Item]) -> tuple[Item, ...]:
    """Return the rows of a file.

    Raises:
        ConfigError: two rows are the same.
    """
    known: dict[Item, None] = {}
    for row in rows:
        if row in known:
            raise ConfigError(f"{path}: twice the same row: {row}")
        known[row] = None
    return tuple(known)
