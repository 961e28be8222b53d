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
    """A test that a gating policy requires."""

    #: the id of its policy
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
    #: parts of policies that are not among the rules, or that limit them:
    #: ``"policy builds: RemoteRule: the rules of each package's gating.yaml"``
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GatingQuestion:
    """The question whether a subject passes gating."""

    #: ``"fedora-43"``, ``"fedora-43-flatpaks"``, ``"fedora-rawhide"``
    product_version: str
    #: decision contexts, all of which must be satisfied: ``("bodhi_update_push_stable",)``
    contexts: tuple[str, ...]
    #: ``"bodhi_update"``, ``"compose"``
    subject_type: str
    #: ``"FEDORA-2026-1bd5f4a0c2"``
    subject: str
    #: NVRs of an update's builds, which have their own requirements
    builds: tuple[str, ...] = ()

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """Types and ids of all subjects, in Bodhi's order: builds first."""
        builds = ((KOJI_BUILD, nvr) for nvr in self.builds)
        return (*builds, (self.subject_type, self.subject))


class RequirementState(StrEnum):
    """State of one requirement."""

    PASSED = "passed"
    FAILED = "failed"
    #: the test ended without a result about its subject
    ERRORED = "errored"
    #: a result says that the test waits or runs
    RUNNING = "running"
    #: there is no result
    MISSING = "missing"
    WAIVED = "waived"
    #: any other word of Greenwave, about a gating.yaml for instance
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Requirement:
    """A test that gating requires, and its state."""

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
    #: ids of the policies that apply
    policies: tuple[str, ...] = ()
    #: result id and ref_url of all results that Greenwave considered
    ref_urls: tuple[tuple[int, str], ...] = ()

    @property
    def unsatisfied(self) -> tuple[Requirement, ...]:
        """The requirements that are neither passed nor waived."""
        done = {RequirementState.PASSED, RequirementState.WAIVED}
        return tuple(one for one in self.requirements if one.state not in done)


@dataclass(frozen=True, slots=True)
class Waiver:
    """A waiver, as WaiverDB stores it."""

    subject_type: str
    subject: str
    testcase: str
    product_version: str
    comment: str
    #: None: in every scenario
    scenario: str | None = None


@dataclass(frozen=True, slots=True)
class GivenWaiver:
    """A waiver in WaiverDB, with who gave it."""

    id: int
    #: ``"ada"``
    by: str
    comment: str
    #: seconds since 1970
    given: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverRequest:
    """A waiver, as a person asks for it."""

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
    """A waiver that was posted, or would be in a dry run."""

    waiver: Waiver
    #: WaiverDB's id; 0: a dry run
    id: int
    #: the body of the request
    body: Mapping[str, object]


class Remedy(StrEnum):
    """What would satisfy a requirement."""

    #: the requirement is satisfied
    NOTHING = "nothing"
    #: the job waits or runs
    WAIT = "wait"
    #: openQA has the result, ResultsDB does not
    REPORT = "report"
    #: the job did not pass, or was not reported
    RERUN = "rerun"
    #: openQA has no job of its flavor and arch
    SCHEDULE = "schedule"
    #: openQA has such jobs, and this test is not among them
    NO_SUCH_JOB = "no such job"
    #: the requirement is about a test of another system
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class Standing:
    """A requirement with its job in openQA."""

    requirement: Requirement
    remedy: Remedy
    #: the newest job of this test in this scenario; None: there is none
    job: Job | None = None
    #: the newest such job, if all of them tested other builds of the update
    outdated: Job | None = None
    #: the ref_url of the result in ResultsDB; empty: Greenwave does not say
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
    #: the URL of a compose's ``/compose`` folder, from the LOCATION of its jobs; empty: unknown
    location: str = ""


@dataclass(frozen=True, slots=True)
class GatedUpdate:
    """An update's gating with the waivers that it uses."""

    gated: Gated
    #: by id; those that WaiverDB did not return are left out
    waivers: Mapping[int, GivenWaiver]


@dataclass(frozen=True, slots=True)
class Blocked:
    """An update that waits in Bodhi for results that openQA has."""

    update: Update
    #: the requirements whose results have to be reported
    standings: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class NotAsked:
    """An update whose requirements could not be read."""

    alias: str
    reason: str


@dataclass(frozen=True, slots=True)
class BlockedUpdates:
    """The blocked updates among those that wait for gating."""

    #: number of updates that wait
    waiting: int
    blocked: tuple[Blocked, ...]
    failed: tuple[NotAsked, ...] = ()
    #: updates that were not tried after too many failures
    left: tuple[str, ...] = ()

    @property
    def job_ids(self) -> tuple[int, ...]:
        """Ids of the jobs to report; one job may satisfy several requirements."""
        return tuple(sorted({it.job.id for one in self.blocked for it in one.standings if it.job}))
