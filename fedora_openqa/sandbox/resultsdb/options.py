"""Options of an embedded ResultsDB."""

import time
from collections.abc import Callable
from dataclasses import dataclass

#: ResultsDB's four outcomes, and those that Fedora adds
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
    """Options of an embedded ResultsDB."""

    #: other outcomes are refused
    outcomes: tuple[str, ...] = OUTCOMES
    #: the user who may write; empty: every client may write
    user: str = ""
    password: str = ""
    #: seconds that the first use of a test case or group takes; another request with the same name
    #: gets a 500 meanwhile, as with a real ResultsDB; 0: no such conflicts
    first_use_seconds: float = 0.005
    #: returns seconds since 1970, for the time when a result is stored
    clock: Callable[[], float] = time.time
