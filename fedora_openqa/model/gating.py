"""What Greenwave requires before something is let through."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class GatingRule:
    """A test that must have passed."""

    #: the id of the policy it stands in
    policy: str
    #: ``("fedora-43", "fedora-42")``, with ``*`` for anything
    product_versions: tuple[str, ...]
    #: ``("bodhi_update_push_stable_core_critpath",)``
    contexts: tuple[str, ...]
    #: ``"bodhi_update"``, ``"compose"``
    subject_type: str
    #: ``"update.podman"``
    testcase: str
    #: ``"fedora.updates-container.x86_64.64bit"``; none: any
    scenario: str | None


@dataclass(frozen=True, slots=True)
class GatingQuestion:
    """May this be let through?"""

    #: ``"fedora-43"``, ``"fedora-rawhide"``
    product_version: str
    #: all that are to be satisfied: ``("bodhi_update_push_stable",)``
    contexts: tuple[str, ...]
    #: ``"bodhi_update"``, ``"compose"``
    subject_type: str
    #: ``"FEDORA-2026-1bd5f4a0c2"``
    subject: str


class RequirementState(StrEnum):
    """How things stand with one requirement."""

    PASSED = "passed"
    FAILED = "failed"
    #: the test ended without saying anything about what it tested
    ERRORED = "errored"
    #: a result says that the test waits or runs
    RUNNING = "running"
    #: there is no result
    MISSING = "missing"
    WAIVED = "waived"
    #: something else that Greenwave says, about a gating.yaml for instance
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A test that is asked for, and how things stand with it."""

    state: RequirementState
    #: Greenwave's own word: ``"test-result-missing"``
    type: str
    #: ``"update.podman"``; empty: it is about no test
    testcase: str
    #: ``"fedora.updates-container.x86_64.64bit"``; nothing: any
    scenario: str | None
    #: of the result in ResultsDB
    result_id: int | None = None
    waiver_id: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Greenwave's answer."""

    satisfied: bool
    #: Greenwave's words: ``"Of 5 required tests, 1 result missing"``
    summary: str
    requirements: tuple[Requirement, ...]
    #: the policies that are about it
    policies: tuple[str, ...] = ()
    #: result id to where it leads, of all results that Greenwave looked at
    ref_urls: tuple[tuple[int, str], ...] = ()

    @property
    def unsatisfied(self) -> tuple[Requirement, ...]:
        """What is still wanted."""
        done = {RequirementState.PASSED, RequirementState.WAIVED}
        return tuple(one for one in self.requirements if one.state not in done)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A test does not matter this time."""

    subject_type: str
    subject: str
    testcase: str
    product_version: str
    comment: str
    #: nothing: in every scenario
    scenario: str | None = None
