"""Limits of HTTP requests for tests."""

from typing import Any

from fedora_openqa.config import Http
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.wiring.gateways import limits_of
from tests.support.web import Answer, hang, trickle


def limits_with(**changes: Any) -> Limits:  # noqa: ANN401 - of several types
    """Return the limits of an empty configuration, with changes."""
    return limits_of(Http(**changes))


#: no answer is late, however slow the machine is
LIMITS = limits_with(
    connect_timeout=30, read_timeout=30, total_timeout=30, attempts=2, max_bytes=1_000_000
)
#: for an answer that never comes; a slow machine connects and sends within the total time
SHORT = limits_with(
    connect_timeout=30, read_timeout=1, total_timeout=3, attempts=2, max_bytes=1_000_000
)


def limits_for(answer: Answer) -> Limits:
    """Return short limits for an answer that never comes or never ends."""
    return SHORT if answer in {hang, trickle} else LIMITS
