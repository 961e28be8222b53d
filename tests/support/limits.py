"""Limits of HTTP requests for tests."""

from typing import Any

from fedora_openqa.config import Http
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.wiring.gateways import limits_of


def limits_with(**changes: Any) -> Limits:  # noqa: ANN401 - of several types
    """Return the limits of an empty configuration, with changes."""
    return limits_of(Http(**changes))


#: short enough for tests of what happens beyond them
LIMITS = limits_with(
    connect_timeout=2, read_timeout=0.3, total_timeout=0.5, attempts=2, max_bytes=1_000_000
)
