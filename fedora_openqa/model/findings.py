"""What a comparison of our tables with somebody else's finds."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """What is wrong, in the words people see."""

    NO_PRODUCT = "scheduled, but openQA has no product"
    NO_JOB_TEMPLATE = "scheduled, but openQA's product has no job templates"
    NEVER_SCHEDULED = "a product of openQA, but never scheduled"
    GATED_NEVER_SCHEDULED = "gated but never scheduled"
    GATED_NO_JOB_TEMPLATE = "gated but openQA has no such job template"
    GATED_FOR_ALL = "gated for every update, but scheduled for some only"
    UNREADABLE_SCENARIO = "gated, but we cannot read the scenario"


#: what may well be on purpose
NOTICES = frozenset(
    {
        FindingKind.NEVER_SCHEDULED,
        FindingKind.GATED_FOR_ALL,
        FindingKind.UNREADABLE_SCENARIO,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit."""

    kind: FindingKind
    #: what it is about: ``"Server-dvd-iso x86_64"``
    about: str

    @property
    def is_problem(self) -> bool:
        """Whether somebody has to mend something."""
        return self.kind not in NOTICES

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.kind}: {self.about}"


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Leave out what was found before."""
    return tuple(dict.fromkeys(findings))
