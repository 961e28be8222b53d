"""Composes, their images, and the current releases."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ComposeName:
    """A compose id and the parts it is made of."""

    #: ``"Fedora-Rawhide-20261120.n.0"``
    id: str
    #: the dist, productmd's short name: ``"Fedora"``, ``"Fedora-IoT"``
    short: str
    #: as job settings spell it: ``"43"``, ``"Rawhide"``, ``"eln"``
    release: str
    #: productmd's release type: ``"ga"``, ``"updates"``, ``"updates-testing"``
    release_type: str


@dataclass(frozen=True, slots=True)
class ComposeFamily:
    """Composes whose ids differ in date and respin only."""

    #: their folder on the compose server: ``"rawhide"``
    folder: str
    #: ``"Fedora"``, ``"Fedora-IoT"``
    short: str
    #: as compose ids spell it: ``"Rawhide"``, ``"43"``
    release: str
    #: nightlies, which have an ``n`` in their ids
    nightly: bool

    def name(self, date: str, respin: int) -> ComposeName:
        """Return the name of a compose of a day, ``"20261120"``."""
        suffix = f"{date}.n.{respin}" if self.nightly else f"{date}.{respin}"
        return ComposeName(
            id=f"{self.short}-{self.release}-{suffix}",
            short=self.short,
            release=self.release,
            release_type="ga",
        )


@dataclass(frozen=True, slots=True)
class Image:
    """One image file of a compose."""

    #: ``"Server"``, ``"Cloud_Base"``
    subvariant: str
    #: ``"dvd"``, ``"live"``, ``"raw-xz"``
    type: str
    #: ``"iso"``, ``"raw.xz"``
    format: str
    #: ``"x86_64"``
    arch: str
    #: where openQA can download it
    url: str
    #: openQA's FLAVOR, fedfind's image identifier: ``"Server-dvd-iso"``
    flavor: str
    #: number of the disc in its set; 1: there is one disc only
    disc_number: int = 1
    bootable: bool = False
    #: bytes; 0: not known
    size: int = 0


@dataclass(frozen=True, slots=True)
class Compose:
    """A finished compose."""

    name: ComposeName
    #: the URL of its ``/compose`` folder as given; a link to the newest compose is resolved
    location: str
    #: productmd's compose type: ``"nightly"``, ``"production"``
    type: str
    #: ``"RC-1.6"``; None: the compose is no candidate
    label: str | None
    #: whether it has a generic install tree; only composes of the whole distribution have one
    full: bool
    images: tuple[Image, ...]


@dataclass(frozen=True, slots=True)
class ReleaseNumbers:
    """The current releases, without those that reached their end of life."""

    #: ``(42, 43)``
    stable: tuple[int, ...]
    #: ``(44,)``, or empty between two branch points
    branched: tuple[int, ...]

    @property
    def rawhide(self) -> int:
        """The number of Rawhide: ``45``."""
        return max(self.stable + self.branched) + 1
