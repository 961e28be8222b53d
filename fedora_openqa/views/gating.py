"""Whether a subject passes gating: each requirement with its job and what would satisfy it."""

import shlex
from collections.abc import Iterable, Iterator

import msgspec

from fedora_openqa.model.gating import KOJI_BUILD, Gated, Remedy, Standing
from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.gating import COMPOSE
from fedora_openqa.policy.gating_coverage import SCENARIO
from fedora_openqa.policy.waivers import command_for

#: a placeholder in commands, which a person replaces
LOCATION = "URL"


class GatingJobView(msgspec.Struct, frozen=True):
    """A job of a required test, as openQA has it now."""

    id: int
    state: str
    result: str


class RequirementView(msgspec.Struct, frozen=True):
    """A requirement and its state."""

    testcase: str
    #: Greenwave's type: ``"bodhi_update"``, ``"compose"``, ``"koji_build"``
    subject_type: str
    subject: str
    #: None: any
    scenario: str | None
    #: a `fedora_openqa.model.gating.RequirementState`
    state: str
    #: Greenwave's own word: ``"test-result-missing"``
    type: str
    #: of the result in ResultsDB
    result: int | None
    waiver: int | None
    #: of the result; empty: Greenwave does not say
    url: str
    #: the newest job of the test in the scenario
    job: GatingJobView | None
    #: the newest such job, if all of them tested other builds of the update
    outdated_job: GatingJobView | None
    #: why the job is not reported; empty: it is
    unreported: str
    #: a `fedora_openqa.model.gating.Remedy`
    remedy: str
    #: commands that can satisfy it, the best first
    commands: tuple[str, ...]


class GatingView(msgspec.Struct, frozen=True):
    """Whether a subject passes gating."""

    subject: str
    subject_type: str
    product_version: str
    #: decision contexts, all of which must be satisfied
    contexts: tuple[str, ...]
    satisfied: bool
    #: Greenwave's words
    summary: str
    #: ids of the policies that apply
    policies: tuple[str, ...]
    #: the unsatisfied first
    requirements: tuple[RequirementView, ...]


def gating_view(gated: Gated) -> GatingView:
    """Return the view of a subject's gating."""
    question, decision = gated.question, gated.decision
    return GatingView(
        subject=question.subject,
        subject_type=question.subject_type,
        product_version=question.product_version,
        contexts=question.contexts,
        satisfied=decision.satisfied,
        summary=decision.summary,
        policies=decision.policies,
        requirements=tuple(_requirement(one, gated) for one in gated.standings),
    )


def _requirement(one: Standing, gated: Gated) -> RequirementView:
    requirement, question = one.requirement, gated.question
    return RequirementView(
        testcase=requirement.testcase,
        subject_type=requirement.subject_type or question.subject_type,
        subject=requirement.subject or question.subject,
        scenario=requirement.scenario,
        state=str(requirement.state),
        type=requirement.type,
        result=requirement.result_id,
        waiver=requirement.waiver_id,
        url=one.ref_url,
        job=_job(one.job),
        outdated_job=_job(one.outdated),
        unreported=one.unreported,
        remedy=str(one.remedy),
        commands=tuple(commands_for(one, gated)),
    )


def _job(job: Job | None) -> GatingJobView | None:
    return GatingJobView(job.id, job.state, job.result) if job else None


def commands_for(one: Standing, gated: Gated) -> Iterator[str]:
    """Yield the commands that can satisfy a requirement, the best first."""
    for arguments in _commands(one, gated):
        yield shlex.join(["fedora-openqa", *arguments])


def _commands(one: Standing, gated: Gated) -> Iterator[Iterable[str]]:
    match one.remedy:
        case Remedy.NOTHING | Remedy.WAIT:
            return
        case Remedy.SCHEDULE:
            yield _schedule(one, gated)
            return
        case Remedy.NO_SUCH_JOB:
            yield ("config", "check", "--openqa", "--greenwave")
        case Remedy.REPORT if one.job:
            yield ("report", str(one.job.id), "--resultsdb")
            if one.job.is_ok:
                return
    if one.job:
        yield _rerun(one.job, gated)
    if one.requirement.testcase:
        requirement = one.requirement
        subject = required_build(one) or gated.question.subject
        yield command_for(subject, requirement.testcase, requirement.scenario)


def _schedule(one: Standing, gated: Gated) -> Iterator[str]:
    scenario = SCENARIO.fullmatch(one.requirement.scenario or "")
    if gated.question.subject_type == COMPOSE:
        yield from ("compose", gated.location or LOCATION)
        if scenario:
            yield from ("--flavors", scenario["flavor"], "--arches", scenario["arch"])
    else:
        yield from ("update", gated.question.subject)
        if scenario:
            yield from ("--flavor", scenario["flavor"], "--arch", scenario["arch"])


def _rerun(job: Job, gated: Gated) -> Iterator[str]:
    yield from ("rerun", gated.question.subject, "--flavor", job.flavor, "--test", job.test)
    yield from ("--arch", job.arch, "--machine", job.machine)


def required_build(one: Standing) -> str:
    """Return the build that is required to pass; empty: the update or compose is."""
    requirement = one.requirement
    return requirement.subject if requirement.subject_type == KOJI_BUILD else ""
