"""The banner of all pages: paused lanes, and what a person should look at."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.model.health import Level
from fedora_openqa.model.stories import Status
from fedora_openqa.views.times import when

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the banner."""

    #: ``"critical"``, ``"warning"`` or ``"paused"``
    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Banner:
    """What is out of the ordinary."""

    lines: tuple[Line, ...]
    #: when the store was read: ``"2026-11-21T05:12:32Z"``; None: it does not answer
    as_of: str | None = None


def read_banner(status: Callable[[], Status]) -> Banner:
    """Return the banner that follows from the state of all lanes."""
    try:
        now = status()
    except FedoraOpenQAError as exc:
        log.warning("no banner: %s", exc)
        return Banner((Line("critical", "the store does not answer"),))
    lines = [
        Line("critical" if one.level is Level.CRITICAL else "warning", one.text)
        for one in now.problems
    ]
    lines += [
        Line("paused", f"{lane} by the configuration: {reason}")
        for lane, reason in now.configured.items()
    ]
    lines += [
        Line("paused", f"{one.lane} by {one.by} since {when(one.since)}: {one.reason}")
        for one in now.pauses
    ]
    return Banner(tuple(lines), when(now.now))
