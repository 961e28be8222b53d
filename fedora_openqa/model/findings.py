"""Findings: differences between our tables and those of services, and faults of a deployment."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """Kind of a finding, as it is printed before what it is about."""

    NO_PRODUCT = "scheduled, but openQA has no product"
    NO_JOB_TEMPLATE = "scheduled, but openQA's product has no job templates"
    NEVER_SCHEDULED = "a product of openQA, but never scheduled"
    GATED_NEVER_SCHEDULED = "gated but never scheduled"
    GATED_NO_JOB_TEMPLATE = "gated but openQA has no such job template"
    GATED_FOR_ALL = "gated for every update, but scheduled for some only"
    GATING_LEFT_OUT = "a part of a gating policy that is not compared"
    UNREADABLE_SCENARIO = "gated, but we cannot read the scenario"
    UNKNOWN_TESTCASE = "a suite passes a test case that testcases.toml does not have"
    UNKNOWN_SUITE = "a suite requires one that testsuites.toml does not have"
    UNTABLED_SUITE = "a suite of openQA that testsuites.toml does not have"
    UNUSED_TESTCASE = "a test case that no suite passes"
    NO_PAGE = "reported, but the wiki has no such page for this compose"
    NO_ROW = "reported, but the wiki has no such row"
    NO_SECTION = "reported, but the wiki has no such section"
    NO_COLUMN = "reported, but the wiki has no such column"
    NEVER_PASSED = "a row of the wiki that no suite passes"
    UNUSABLE = "cannot work"
    NO_KEY = "no API key, so that nothing can be scheduled"
    NO_CONNECTION = "no connection"
    CONSUMER = "a consumer that cannot work"
    NOT_FOR_WORKERS = "worker.threads is 0, and workers do not read it"
    CONSUMER_WARNING = "a consumer's file"


#: kinds that may be on purpose
NOTICES = frozenset(
    {
        FindingKind.NEVER_SCHEDULED,
        FindingKind.GATED_FOR_ALL,
        FindingKind.GATING_LEFT_OUT,
        FindingKind.UNREADABLE_SCENARIO,
        FindingKind.UNTABLED_SUITE,
        FindingKind.UNUSED_TESTCASE,
        FindingKind.NO_PAGE,
        FindingKind.NEVER_PASSED,
        FindingKind.NO_KEY,
        FindingKind.CONSUMER_WARNING,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference or fault."""

    kind: FindingKind
    #: what it is about: ``"Server-dvd-iso x86_64"``
    about: str

    @property
    def is_problem(self) -> bool:
        """Whether something has to be corrected."""
        return self.kind not in NOTICES

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.kind}: {self.about}"


def distinct(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return each finding once."""
    return tuple(dict.fromkeys(findings))
