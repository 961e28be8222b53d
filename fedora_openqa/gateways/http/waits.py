"""``Retry-After``: how long a service asks us to wait."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime

#: seconds that we wait at the most, whatever a service asks for
LONGEST = 3600.0


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return the seconds to wait, at most `LONGEST`; None: the answer does not say.

    :param headers: of the answer; names in any case
    :param now: seconds since 1970, where the answer has no ``Date``
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdecimal():
        # not read as a number: it may have thousands of digits
        return LONGEST if len(value) > len(f"{LONGEST:.0f}") else min(float(value), LONGEST)
    until = _moment(value)
    if until is None:
        return None
    # by the clock of the service
    since = _moment(headers.get("Date", ""))
    return min(max(until - (now if since is None else since), 0.0), LONGEST)


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None
