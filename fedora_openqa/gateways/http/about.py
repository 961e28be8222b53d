"""What Greenwave and WaiverDB say about themselves."""

import msgspec


class About(msgspec.Struct, frozen=True):
    """The answer of ``GET about``."""

    version: str
