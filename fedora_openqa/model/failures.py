"""Failures of jobs: what identifies one, and what it says about its cause.

Must not decide anything.
"""

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """Where the cause of a failure is."""

    #: what is tested
    PRODUCT = "product"
    #: the code or the schedule of the test
    TEST = "test"
    #: workers, network, openQA itself
    INFRA = "infra"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """What a beginning of openQA's reasons says about the cause."""

    #: in lower case: ``"asset failure"``
    begins: str
    kind: FailureKind


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """What failures of one cause have in common, as far as one job shows it."""

    #: the first failed module that is fatal, or else the first: ``"_console_wait_login"``; empty:
    #: no module failed, or none is known
    module: str = ""
    #: without a module: openQA's result, ``"incomplete"``
    result: str = ""
    #: without a module: openQA's reason, what varies replaced by ``*``; empty: there is none
    reason: str = ""
    kind: FailureKind = FailureKind.UNKNOWN

    def __str__(self) -> str:
        """Return it as text: ``"_console_wait_login"``, ``"incomplete: backend died: *"``."""
        return self.module or ": ".join(part for part in (self.result, self.reason) if part)
