"""What an embedded ResultsDB is told when it starts."""

import time
from collections.abc import Callable
from dataclasses import dataclass

#: ResultsDB's own four, and those that Fedora adds
OUTCOMES = (
    "PASSED",
    "INFO",
    "FAILED",
    "NEEDS_INSPECTION",
    "QUEUED",
    "RUNNING",
    "CRASHED",
    "ERROR",
)


@dataclass(frozen=True, slots=True)
class ResultsDBOptions:
    """Everything that an embedded ResultsDB needs."""

    #: all others are refused
    outcomes: tuple[str, ...] = OUTCOMES
    #: who may write; empty: everybody
    user: str = ""
    password: str = ""
    #: how long the first use of a test case or a group takes; whoever comes with the same name
    #: meanwhile gets a 500, as with a real one; 0 for none of that
    first_use_seconds: float = 0.005
    #: seconds since 1970, for the time a result is stored
    clock: Callable[[], float] = time.time
