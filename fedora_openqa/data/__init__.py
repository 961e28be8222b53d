"""The tables: what Fedora tests, as TOML; read once, checked, frozen.

A directory named in the configuration replaces them file by file.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Annotated, Generic, TypeVar

import msgspec

from fedora_openqa.errors import ConfigError
from fedora_openqa.model.tables import (
    ComposeTables,
    FlavorTable,
    FlavorTables,
    ImagelessProduct,
    WantedImage,
)

Word = Annotated[str, msgspec.Meta(min_length=1)]
Words = Annotated[list[Word], msgspec.Meta(min_length=1)]
T = TypeVar("T")
Row = TypeVar("Row", bound=Hashable)

IMAGES = "images.toml"
UPDATES = "updates.toml"

#: what flavors are called in openQA
FLAVOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a file; the product with its arches makes the rows of the table."""


class _Image(_Row, frozen=True):
    subvariant: Word
    type: Word
    format: Word
    arches: Words


class _Imageless(_Row, frozen=True):
    flavor: Word
    subvariant: Word
    imagetype: Word
    arches: Words


class _Images(_Row, frozen=True):
    image: list[_Image]
    imageless: list[_Imageless] = []


class _ProductLine(_Row, frozen=True):
    groups: dict[str, list[str]]
    packages: dict[str, list[str]] = {}


class _Updates(_Row, frozen=True):
    fedora: _ProductLine
    eln: _ProductLine


@dataclass(frozen=True, slots=True)
class _File(Generic[T]):
    """A table's file, read."""

    #: how a person finds it
    name: str
    text: str
    content: T

    def error(self, key: str, problem: str) -> ConfigError:
        """Complain about the value of a key."""
        return ConfigError(f"{self.name}:{_line_of(self.text, key)} {key}: {problem}")


def load_compose_tables(directory: Path | None = None) -> ComposeTables:
    """Read which products a compose should have.

    :param directory: where a file ``images.toml`` may replace ours

    Raises:
        ConfigError: the file is not such a table; names file, row and what was expected.
    """
    file = _read(IMAGES, directory, _Images)
    return ComposeTables(
        images=_distinct(
            file.name,
            (
                WantedImage(row.subvariant, row.type, row.format, arch)
                for row in file.content.image
                for arch in row.arches
            ),
        ),
        imageless=_distinct(
            file.name,
            (
                ImagelessProduct(row.flavor, arch, row.subvariant, row.imagetype)
                for row in file.content.imageless
                for arch in row.arches
            ),
        ),
    )


def load_flavor_tables(directory: Path | None = None) -> FlavorTables:
    """Read which flavors test which updates.

    :param directory: where a file ``updates.toml`` may replace ours

    Raises:
        ConfigError: the file is not such a table; names file, line and what was expected.
    """
    file = _read(UPDATES, directory, _Updates)
    return FlavorTables(
        fedora=_flavor_table(file, file.content.fedora), eln=_flavor_table(file, file.content.eln)
    )


def _flavor_table(file: _File[_Updates], line: _ProductLine) -> FlavorTable:
    return FlavorTable(
        groups={group: _flavors(file, group, row) for group, row in line.groups.items()},
        packages={name: _flavors(file, name, row) for name, row in line.packages.items()},
    )


def _flavors(file: _File[_Updates], key: str, flavors: list[str]) -> tuple[str, ...]:
    if not key:
        raise file.error('""', "a name is expected")
    if not flavors:
        raise file.error(key, "at least one flavor is expected")
    for flavor in flavors:
        if not FLAVOR.fullmatch(flavor) or flavor.startswith("updates-"):
            raise file.error(key, f"a flavor without its prefix updates- is expected: {flavor!r}")
    if len(set(flavors)) < len(flavors):
        raise file.error(key, "twice the same flavor")
    return tuple(flavors)


def _read(name: str, directory: Path | None, shape: type[T]) -> _File[T]:
    replacement = directory / name if directory else None
    source, text = name, b""
    try:
        if directory and not directory.is_dir():
            raise ConfigError(f"{directory}: [tables] directory is not a directory")
        if replacement and replacement.exists():
            source, text = str(replacement), replacement.read_bytes()
        else:
            text = resources.files(__package__).joinpath(name).read_bytes()
        return _File(source, text.decode(), msgspec.toml.decode(text, type=shape))
    except OSError as exc:
        raise ConfigError(f"{replacement}: cannot be read: {exc.strerror}") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        line = _line_named_in(str(exc), text.decode(errors="replace"))
        raise ConfigError(f"{source}:{line} {exc}") from exc


def _line_named_in(problem: str, text: str) -> str:
    """Find the line that msgspec's complaint is about; it names keys, not lines."""
    unknown = re.search(r"unknown field `([^`]+)`", problem)
    path = re.search(r"at `\$\.?([^`]*)`", problem)
    words = re.findall(r"[A-Za-z_]+", path.group(1)) if path else []
    return _line_of(text, unknown.group(1) if unknown else words[-1] if words else "")


def _line_of(text: str, key: str) -> str:
    """Give ``" line N:"`` of the first line that sets a key or opens a table of that name."""
    if not key:
        return ""
    name = rf"[\"']?{re.escape(key)}[\"']?"
    pattern = re.compile(rf"\s*({name}\s*=|\[\[?\s*(\S+\.)?{name}(\.\S+)?\s*\])")
    for number, line in enumerate(text.splitlines(), start=1):
        if pattern.match(line):
            return f" line {number}:"
    return ""


def _distinct(path: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    distinct: dict[Row, None] = {}
    for row in rows:
        if row in distinct:
            raise ConfigError(f"{path}: twice the same row: {row}")
        distinct[row] = None
    return tuple(distinct)
