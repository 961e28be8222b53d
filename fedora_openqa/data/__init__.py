"""The tables: what Fedora tests, as TOML; read once, checked, frozen.

A directory named in the configuration replaces them file by file.
"""

from collections.abc import Hashable, Iterable
from importlib import resources
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec

from fedora_openqa.errors import ConfigError
from fedora_openqa.model.tables import ComposeTables, ImagelessProduct, WantedImage

Word = Annotated[str, msgspec.Meta(min_length=1)]
Words = Annotated[list[Word], msgspec.Meta(min_length=1)]
T = TypeVar("T")
Row = TypeVar("Row", bound=Hashable)

IMAGES = "images.toml"


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


def load_compose_tables(directory: Path | None = None) -> ComposeTables:
    """Read which products a compose should have.

    :param directory: where a file ``images.toml`` may replace ours

    Raises:
        ConfigError: the file is not such a table; names file, row and what was expected.
    """
    path, table = _read(IMAGES, directory, _Images)
    return ComposeTables(
        images=_distinct(
            path,
            (
                WantedImage(row.subvariant, row.type, row.format, arch)
                for row in table.image
                for arch in row.arches
            ),
        ),
        imageless=_distinct(
            path,
            (
                ImagelessProduct(row.flavor, arch, row.subvariant, row.imagetype)
                for row in table.imageless
                for arch in row.arches
            ),
        ),
    )


def _read(name: str, directory: Path | None, shape: type[T]) -> tuple[str, T]:
    replacement = directory / name if directory else None
    try:
        if directory and not directory.is_dir():
            raise ConfigError(f"{directory}: [tables] directory is not a directory")
        if replacement and replacement.exists():
            source, text = str(replacement), replacement.read_bytes()
        else:
            source, text = name, resources.files(__package__).joinpath(name).read_bytes()
        return source, msgspec.toml.decode(text, type=shape)
    except OSError as exc:
        raise ConfigError(f"{replacement}: cannot be read: {exc.strerror}") from exc
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{source}: {exc}") from exc


def _distinct(path: str, rows: Iterable[Row]) -> tuple[Row, ...]:
    distinct: dict[Row, None] = {}
    for row in rows:
        if row in distinct:
            raise ConfigError(f"{path}: twice the same row: {row}")
        distinct[row] = None
    return tuple(distinct)
