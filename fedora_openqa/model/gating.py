"""Gating: Greenwave's policies, questions and decisions, and waivers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fedora_openqa.model.jobs import Job
from fedora_openqa.model.subjects import Update

#: Greenwave's type of a build as subject
KOJI_BUILD = "koji_build"


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
    #: ``"fedora.updates-container.x86_64.64bit"``; None: any
    scenario: str | None


@dataclass(frozen=True, slots=True)
class PolicyRules:
    """The rules of gating policies, as far as they name tests."""

    rules: tuple[GatingRule, ...]
    #: parts that are not among the rules, or that limit them:
    #: ``"policy builds: RemoteRule: the rules of each package's gating.yaml"``
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GatingQuestion:
    """The question whether a subject passes gating."""

    #: ``"fedora-43"``, ``"fedora-43-flatpaks"``, ``"fedora-rawhide"``
    product_version: str
    #: all that are to be satisfied: ``("bodhi_update_push_stable",)``
    contexts: tuple[str, ...]
    #: ``"bodhi_update"``, ``"compose"``
    subject_type: str
    #: ``"FEDORA-2026-1bd5f4a0c2"``
    subject: str
    #: NVRs of an update's builds, which have requirements of their own
    builds: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """Types and ids of all subjects, in Bodhi's order: builds first."""
        builds = ((KOJI_BUILD, nvr) for nvr in self.builds)
        return (*builds, (self.subject_type, self.subject))


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
    #: ``"fedora.updates-container.x86_64.64bit"``; None: any
    scenario: str | None
    #: of the result in ResultsDB
    result_id: int | None = None
    waiver_id: int | None = None
    #: ``"koji_build"``, ``"bodhi_update"``; empty: Greenwave does not say
    subject_type: str = ""
    #: ``"kernel-6.17.4-300.fc43"``; empty: Greenwave does not say
    subject: str = ""


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
    #: None: in every scenario
    scenario: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRequest:
    """A test should not matter this time, as a person says it."""

    #: id or URL of an update or a compose, or the NVR of a build
    subject: str
    #: ``"podman"``, ``"update.podman"``
    test: str
    comment: str
    #: None: in every scenario
    scenario: str | None = None
    #: None: that of the subject
    product_version: str | None = None


@dataclass(frozen=True, slots=True)
class Waived:
    """A waiver, and where it is."""

    waiver: Waiver
    #: in WaiverDB; 0: nowhere, after a dry run
    id: int
    #: the body of the request
    body: Mapping[str, object]


class Remedy(StrEnum):
    """What would bring a requirement on."""

    #: it is satisfied
    NOTHING = "nothing"
    #: the job waits or runs
    WAIT = "wait"
    #: openQA has the result, ResultsDB has not
    REPORT = "report"
    #: the job came to no good end
    RERUN = "rerun"
    #: openQA has no job of its flavor and arch
    SCHEDULE = "schedule"
    #: openQA has such jobs, and this test is not among them
    NO_SUCH_JOB = "no such job"
    #: it is about no test of openQA
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Standing:
    """A requirement beside what openQA has of it."""

    requirement: Requirement
    remedy: Remedy
    #: the newest job of this test in this scenario
    job: Job | None = None
    #: the newest of such jobs if all of them tested other builds of an update
    outdated: Job | None = None
    #: where the result in ResultsDB leads to; empty: Greenwave does not say
    ref_url: str = ""
    #: why the job is not reported; empty: it is
    unreported: str = ""


@dataclass(frozen=True, slots=True)
class Gated:
    """Whether a subject passes gating, and the state of each requirement."""

    question: GatingQuestion
    decision: Decision
    #: in Greenwave's order, the unsatisfied first
    standings: tuple[Standing, ...]
    #: where a compose is, as its jobs say: the URL of its ``/compose`` folder; empty: unknown
    location: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """An update that waits for results that openQA has."""

    update: Update
    #: all of them to be reported
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class NotAsked:
    """An update of which nobody could say what it waits for."""

    alias: str
    reason: str


@dataclass(frozen=True, slots=True)
class BlockedUpdates:
    """What a look through the updates that wait found."""

    #: how many wait
    waiting: int
    blocked: tuple[Blocked, ...]
    failed: tuple[NotAsked, ...] = ()
    #: updates that were not even tried, after too many failures
    left: tuple[str, ...] = ()

    @property
    def job_ids(self) -> tuple[int, ...]:
        """The jobs whose results are waited for; an outcome of one may satisfy several."""
        return tuple(sorted({it.job.id for one in self.blocked for it in one.standings if it.job}))
