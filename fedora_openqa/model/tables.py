"""Rows of the tables in `fedora_openqa.data`."""

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
