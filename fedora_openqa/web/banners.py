"""The banner of all pages: paused lanes, what is old, and what a person should look at."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.model.health import Level
from fedora_openqa.model.now import Age
from fedora_openqa.model.stories import Status
from fedora_openqa.views.times import ago, when

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


def read_banner(status: Callable[[], Status], age: Callable[[], Age]) -> Banner:
    """Return the banner that follows from the state of all lanes and the age of what was read."""
    try:
        now, openqa = status(), age()
    except FedoraOpenQAError as exc:
        log.warning("no banner: %s", exc)
        return Banner((Line("critical", "the store does not answer"),))
    lines = [
        Line("critical" if one.level is Level.CRITICAL else "warning", one.text)
        for one in now.problems
    ]
    # where openQA was never read nobody is to watch it
    if openqa.is_stale and openqa.seen is not None:
        errors = "; ".join(("", *openqa.errors[:1]))
        text = f"what openQA has to do was read {ago(openqa.seen, openqa.now)}{errors}"
        lines.append(Line("warning", text))
    lines += [
        Line("paused", f"{lane} by the configuration: {reason}")
        for lane, reason in now.configured.items()
    ]
    lines += [
        Line("paused", f"{one.lane} by {one.by} since {when(one.since)}: {one.reason}")
        for one in now.pauses
    ]
    return Banner(tuple(lines), when(now.now))
