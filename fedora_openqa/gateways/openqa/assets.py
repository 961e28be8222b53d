"""The disk images of an openQA server; one read, without a key."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.http.client import Reader, require_json
from fedora_openqa.model.base_images import Asset

#: the type of disk images
DISK = "hdd"

#: the most rows that current openQA returns at once; it has some thousands of assets
LIMIT = 200_000

#: openQA's times are UTC, without saying so
Time = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")]


class _Asset(msgspec.Struct, frozen=True):
    name: str
    type: str
    t_updated: Time
    size: int | None = None


class _Assets(msgspec.Struct, frozen=True):
    assets: tuple[_Asset, ...]


class RestAssets(ports.Assets):
    """The assets of an openQA server.

    openQA does not say when a file was written. It updates a row if the size of the file has
    changed; a new use of the file leaves the time of the row alone.
    """

    def __init__(self, reader: Reader, url: str) -> None:
        """Read from the openQA at ``url``."""
        self._reader = reader
        self._url = url

    @override
    def disks(self) -> tuple[Asset, ...]:
        listed = require_json(self._reader, f"{self._url}/api/v1/assets?limit={LIMIT}", _Assets)
        return tuple(
            Asset(row.name, exists=row.size is not None, changed=_seconds(row.t_updated))
            for row in listed.assets
            if row.type == DISK
        )


def _seconds(time: str) -> float:
    return datetime.fromisoformat(time[:19]).replace(tzinfo=UTC).timestamp()
