"""The table of createhdds, ``hdds.json``: a file of its checkout, or at a URL.

createhdds makes the base disk images of Fedora's openQA.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Annotated

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import ConfigError
from fedora_openqa.gateways.http.client import Reader, require_json
from fedora_openqa.model.base_images import ImageTable, InstalledImage

#: days after which createhdds makes an image anew whose row has no ``maxage``
MAX_AGE = 7

Word = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9._-]+\Z")]
#: a word or a number of a release
Release = Annotated[
    str, msgspec.Meta(pattern=r"^(stable|branched|rawhide|-[12]|[1-9][0-9]{0,2})\Z")
]


class _Installed(msgspec.Struct, frozen=True):
    name: Word
    releases: dict[Release, tuple[Word, ...]]
    imgver: Word | None = None
    # texts and numbers are both used
    maxage: (
        Annotated[int, msgspec.Meta(ge=0)] | Annotated[str, msgspec.Meta(pattern=r"^\d{1,5}\Z")]
    ) = MAX_AGE


class _Plain(msgspec.Struct, frozen=True):
    name: Word
    imgver: Word | None = None
    labels: tuple[Word, ...] = ()
    filesystems: tuple[Word, ...] = ()


class _Table(msgspec.Struct, frozen=True):
    virtinstall: tuple[_Installed, ...]
    guestfs: tuple[_Plain, ...] = ()


class ImageFile(ports.BaseImages):
    """The table in a file."""

    def __init__(self, path: Path) -> None:
        """Read from ``path``."""
        self._path = path

    @override
    def load(self) -> ImageTable:
        try:
            return _as_table(msgspec.json.decode(self._path.read_bytes(), type=_Table))
        except OSError as exc:
            raise ConfigError(f"{self._path}: cannot be read: {exc.strerror}") from exc
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise ConfigError(f"{self._path}: not hdds.json of createhdds: {exc}") from exc


class ImageUrl(ports.BaseImages):
    """The table at a URL."""

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from ``url``."""
        self._reader = reader
        self._url = url

    @override
    def load(self) -> ImageTable:
        return _as_table(require_json(self._reader, self._url, _Table))


def _as_table(table: _Table) -> ImageTable:
    return ImageTable(
        installed=tuple(
            InstalledImage(row.name, row.imgver or "", row.releases, int(row.maxage))
            for row in table.virtinstall
        ),
        plain=tuple(name for row in table.guestfs for name in _plain_files(row)),
    )


def _plain_files(row: _Plain) -> Iterator[str]:
    # a name has the file system and the label only where there are several
    filesystems = row.filesystems if len(row.filesystems) > 1 else ("",)
    labels = row.labels if len(row.labels) > 1 else ("",)
    for filesystem, label in product(filesystems, labels):
        words = ("disk", row.name, row.imgver, filesystem, label)
        yield f"{'_'.join(filter(None, words))}.img"
