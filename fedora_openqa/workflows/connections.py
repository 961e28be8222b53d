"""Tries the services that a deployment uses; writes to none of them."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.logs import ContextPool

#: services that are asked at a time
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Probe:
    """One request to a service, or a few."""

    #: ``"openQA"``
    service: str
    #: its URL, without secrets
    place: str
    #: asks, and returns what works: ``"the API key is accepted"``
    ask: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Connection:
    """The outcome of a probe."""

    service: str
    place: str
    #: what works, or why it does not
    text: str
    works: bool
    seconds: float

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.service} {self.place}: {self.text} ({self.seconds:.2f} s)"


def try_all(probes: Iterable[Probe]) -> tuple[Connection, ...]:
    """Try services side by side, each once; return the outcomes in order."""
    distinct = {(probe.service, probe.place): probe for probe in reversed(list(probes))}
    with ContextPool(max_workers=AT_ONCE) as pool:
        return tuple(pool.map(_outcome, reversed(distinct.values())))


def _outcome(probe: Probe) -> Connection:
    begun = time.monotonic()
    try:
        text, works = probe.ask(), True
    except FedoraOpenQAError as exc:
        text, works = str(exc), False
    return Connection(probe.service, probe.place, text, works, time.monotonic() - begun)
