"""Loads the sandbox's TOML tables; it must not know what a row means."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from fedora_openqa.errors import ConfigError

Row = TypeVar("Row")


def load_tables(path: Path | None, own: str, names: Sequence[str]) -> Mapping[str, Any]:
    """Return the lists of a file; without a path, those of the sandbox's own file.

    Raises:
        ConfigError: the file cannot be read, or has other lists.
    """
    source = str(path or own)
    try:
        file = path or resources.files(__package__) / "data" / own
        tables = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{source}: {exc}") from exc
    if set(tables) != set(names):
        raise ConfigError(f"{source}: expected {' and '.join(names)}, and nothing else")
    return tables


def rows_of(
    tables: Mapping[str, Any], name: str, kind: type[Row], *, source: str
) -> tuple[Row, ...]:
    """Return the rows of a list.

    Raises:
        ConfigError: it is not a list, is empty, or a row is wrong; names file and row.
    """
    rows = tables[name]
    if not isinstance(rows, list) or not rows:
        raise ConfigError(f"{source}: {name}: expected a list with a row or more")
    return tuple(
        _row(row, kind, where=f"{source}: {name} {number}") for number, row in enumerate(rows, 1)
    )


def _row(row: object, kind: type[Row], *, where: str) -> Row:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as exc:
        raise ConfigError(f"{where}: {exc} in {row}") from exc
