"""Rows of the tables in `fedora_openqa.data`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WantedImage:
    """A kind of image that is tested when a compose has it; productmd's words."""

    subvariant: str
    type: str
    format: str
    arch: str


@dataclass(frozen=True, slots=True)
class ImagelessProduct:
    """A product of full composes that boots no image of the compose."""

    #: ``"universal"``
    flavor: str
    arch: str
    #: the SUBVARIANT setting
    subvariant: str
    #: the IMAGETYPE setting
    imagetype: str


@dataclass(frozen=True, slots=True)
class ComposeTables:
    """Which products a compose should have."""

    images: tuple[WantedImage, ...]
    imageless: tuple[ImagelessProduct, ...]


@dataclass(frozen=True, slots=True)
class FlavorTable:
    """Which flavors test what of one product line, without their prefix ``updates-``."""

    #: critical path group to flavors
    groups: Mapping[str, tuple[str, ...]]
    #: name of a package that is tested although it is in no group, to flavors
    packages: Mapping[str, tuple[str, ...]]

    @property
    def all_flavors(self) -> tuple[str, ...]:
        """Every flavor of the table, in its order."""
        rows = (*self.groups.values(), *self.packages.values())
        return tuple(dict.fromkeys(flavor for row in rows for flavor in row))


@dataclass(frozen=True, slots=True)
class FlavorTables:
    """The tables of the product lines."""

    fedora: FlavorTable
    eln: FlavorTable
