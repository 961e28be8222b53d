"""The tables of what Fedora tests, in TOML: loaded and checked.

A directory named in the configuration may replace them file by file.
"""

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import msgspec

from fedora_openqa.data.files import File, Word, Words, distinct, read
from fedora_openqa.model.tables import (
    ComposeTables,
    FlavorTable,
    FlavorTables,
    ImagelessProduct,
    WantedImage,
)

IMAGES = "images.toml"
UPDATES = "updates.toml"

#: a flavor of openQA
FLAVOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of a file; it becomes one row of the table for each arch."""


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


def load_compose_tables(directory: Path | None = None) -> ComposeTables:
    """Load the table of the products of composes.

    :param directory: a directory in which a file ``images.toml`` may replace ours

    Raises:
        ConfigError: the file has another shape; with file, row and what is expected.
    """
    file = read(IMAGES, directory, _Images)
    # openQA has one product for each flavor and arch
    distinct(
        file.name, ((row.flavor, arch) for row in file.content.imageless for arch in row.arches)
    )
    return ComposeTables(
        images=distinct(
            file.name,
            (
                WantedImage(row.subvariant, row.type, row.format, arch)
                for row in file.content.image
                for arch in row.arches
            ),
        ),
        imageless=distinct(
            file.name,
            (
                ImagelessProduct(row.flavor, arch, row.subvariant, row.imagetype)
                for row in file.content.imageless
                for arch in row.arches
            ),
        ),
    )


def load_flavor_tables(directory: Path | None = None) -> FlavorTables:
    """Load the tables of the flavors of updates.

    :param directory: a directory in which a file ``updates.toml`` may replace ours

    Raises:
        ConfigError: the file has another shape; with file, line and what is expected.
    """
    file = read(UPDATES, directory, _Updates)
    return FlavorTables(
        fedora=_flavor_table(file, file.content.fedora), eln=_flavor_table(file, file.content.eln)
    )


def sample_configs() -> Mapping[str, str]:
    """Return the texts of the sample configurations of consumers by file name."""
    folder = resources.files(__package__).joinpath("fedmsg.d")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def _flavor_table(file: File[_Updates], line: _ProductLine) -> FlavorTable:
    return FlavorTable(
        groups={group: _flavors(file, group, row) for group, row in line.groups.items()},
        packages={name: _flavors(file, name, row) for name, row in line.packages.items()},
    )


def _flavors(file: File[_Updates], key: str, flavors: list[str]) -> tuple[str, ...]:
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
