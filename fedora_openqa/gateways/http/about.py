"""What Greenwave and WaiverDB say about themselves."""

import msgspec

from fedora_openqa.gateways.http.client import Reader, require_json


class _About(msgspec.Struct, frozen=True):
    """The answer of ``GET about``."""

    version: str


def read_version(reader: Reader, url: str) -> str:
    """Return the version of the service whose API is at a URL.

    Raises:
        RequestRefusedError, ServiceUnavailableError
    """
    return require_json(reader, f"{url}/about", _About).version
