"""Types of configuration values, and what is accepted as one."""

import re
from typing import Annotated

import msgspec

Word = Annotated[str, msgspec.Meta(min_length=1)]


#: http or https, without a user name: it would be shown in logs, and is not sent
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s@?#\\]+\Z")]


#: a value of a job setting, or a part of one
Printable = Annotated[str, msgspec.Meta(pattern=r"^[ -~]*\Z")]


#: "host", "host:port", "[::1]:port"
Host = Annotated[
    str, msgspec.Meta(pattern=r"^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?\Z")
]


#: a time of at most about a day in seconds; the system's clocks have no longer ones
Seconds = Annotated[float, msgspec.Meta(gt=0, le=100_000)]


Share = Annotated[float, msgspec.Meta(ge=0)]


Count = Annotated[int, msgspec.Meta(ge=1)]


#: "90m", "24h", "3d"
Duration = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,4}[mhdMHD]\Z")]


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


def template(*names: str) -> object:
    """Return the check that a text has each of these placeholders, and no others."""
    places = "|".join(rf"\{{{name}\}}" for name in names)
    each = "".join(rf"(?=.*\{{{name}\}})" for name in names)
    return msgspec.Meta(pattern=rf"^{each}([ -z|~]|{places})+\Z")


def seconds_in(duration: str) -> float:
    """Return the seconds of ``"90m"``, ``"24h"`` or ``"3d"``, in any letter case.

    Raises:
        ValueError: the text is no such time.
    """
    if not re.fullmatch(r"[1-9][0-9]{0,4}[mhd]", duration.lower()):
        raise ValueError(f"{duration!r} is not a time like 90m, 24h or 3d")
    return float(duration[:-1]) * {"m": 60, "h": 3600, "d": 86400}[duration[-1].lower()]
