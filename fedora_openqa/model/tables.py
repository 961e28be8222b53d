"""Rows of the tables in `fedora_openqa.data`."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WantedImage:
    """A kind of image that is tested if a compose has it, in productmd's terms."""

    subvariant: str
    type: str
    format: str
    arch: str


@dataclass(frozen=True, slots=True)
class ImagelessProduct:
    """A product of full composes that needs no image of the compose."""

    #: ``"universal"``
    flavor: str
    arch: str
    #: the SUBVARIANT setting
    subvariant: str
    #: the IMAGETYPE setting
    imagetype: str


@dataclass(frozen=True, slots=True)
class ComposeTables:
    """The products of composes."""

    images: tuple[WantedImage, ...]
    imageless: tuple[ImagelessProduct, ...]


@dataclass(frozen=True, slots=True)
class FlavorTable:
    """The flavors that test updates of one product line, without their prefix ``updates-``."""

    #: critical path group to flavors
    groups: Mapping[str, tuple[str, ...]]
    #: name of a package that is tested without a critical path group, to flavors
    packages: Mapping[str, tuple[str, ...]]

    @property
    def all_flavors(self) -> tuple[str, ...]:
        """Every flavor of the table, in its order."""
        rows = (*self.groups.values(), *self.packages.values())
        return tuple(dict.fromkeys(flavor for row in rows for flavor in row))


@dataclass(frozen=True, slots=True)
class FlavorTables:
    """The flavor tables of all product lines."""

    fedora: FlavorTable
    eln: FlavorTable
