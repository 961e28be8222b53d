"""Gating: the questions to Greenwave, and what would satisfy each requirement."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from fedora_openqa.errors import SubjectError
from fedora_openqa.model.gating import (
    KOJI_BUILD,
    Decision,
    GatingQuestion,
    Remedy,
    Requirement,
    RequirementState,
    Standing,
)
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import NotReported, Outcome
from fedora_openqa.model.subjects import Kind, Update
from fedora_openqa.policy.contents import Content, is_of_other_content
from fedora_openqa.policy.gating_coverage import SCENARIO, TESTCASES
from fedora_openqa.policy.results import NOT_IN_TESTCASE, result_for
from fedora_openqa.policy.results import SCENARIO as SCENARIO_SETTINGS
from fedora_openqa.policy.subject_names import build_of, parse_name

#: Greenwave's subject types of updates and composes
UPDATE, COMPOSE = "bodhi_update", "compose"
#: kind of subject to Greenwave's type
SUBJECT_TYPES = {Kind.UPDATE: UPDATE, Kind.COMPOSE: COMPOSE}

#: product version and decision context of all composes
COMPOSE_VERSION = "fedora-rawhide"
COMPOSE_CONTEXT = "rawhide_compose_sync_to_mirrors"

#: the NVR of a build; version and release have no dashes
NVR = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*-[A-Za-z0-9._+~^]+-[A-Za-z0-9._+~^]+")

#: outcomes that satisfy a requirement
GOOD = frozenset({Outcome.PASSED, Outcome.INFO})


class Push(StrEnum):
    """The repository that an update is pushed to."""

    TESTING = "testing"
    STABLE = "stable"


def subject_of(words: str) -> tuple[str, str]:
    """Return Greenwave's type and id of an update or a compose.

    :param words: an id or a URL

    Raises:
        SubjectError: it is neither an update nor a compose.
    """
    name = parse_name(words)
    if name.kind not in SUBJECT_TYPES:
        raise SubjectError(f"{words!r} is not the id or the URL of an update or a compose")
    return SUBJECT_TYPES[name.kind], name.bare


def waivable_subject_of(words: str) -> tuple[str, str]:
    """Return Greenwave's type and id of an update, a compose or a build.

    :param words: an id or a URL, or the NVR of a build

    Raises:
        SubjectError: it is none of these.
    """
    try:
        return subject_of(words)
    except SubjectError as exc:
        if NVR.fullmatch(words):
            return KOJI_BUILD, words
        raise SubjectError(f"{exc}, nor the name-version-release of a build") from None


def question_about_update(update: Update, push: Push | None = None) -> GatingQuestion:
    """Return the question that Bodhi asks about an update and its builds.

    :param push: None: the repository of Bodhi's own question, by the update's status and request
    """
    if push is None:
        to_testing = (update.status, update.request) == ("pending", "testing")
        push = Push.TESTING if to_testing else Push.STABLE
    context = f"bodhi_update_push_{push}"
    # Bodhi puts each group in front of those before
    groups = [f"{context}_{group}_critpath" for group in reversed(update.groups)]
    if update.critical and not groups:
        groups = [f"{context}_critpath"]
    return GatingQuestion(
        product_version=_product_version(update),
        contexts=(*groups, context),
        subject_type=UPDATE,
        subject=update.alias,
        builds=update.nvrs,
    )


def _product_version(update: Update) -> str:
    """Return Bodhi's product version of a release: ``"fedora-43-flatpaks"``."""
    long_name = update.long_name or f"{update.id_prefix} {update.release}"
    return long_name.lower().replace(" ", "-")


def join_decisions(decisions: Sequence[Decision]) -> Decision:
    """Return the decisions of all batches of one question as one.

    The decision is satisfied only if all are. A requirement of several policies counts once.
    """
    required = [one.summary for one in decisions if one.requirements]
    summaries = required or [one.summary for one in decisions]
    requirements = dict.fromkeys(it for one in decisions for it in one.requirements)
    decision = Decision(
        satisfied=all(one.satisfied for one in decisions),
        summary="; ".join(dict.fromkeys(summaries)),
        requirements=tuple(requirements),
        policies=tuple(dict.fromkeys(it for one in decisions for it in one.policies)),
        ref_urls=tuple(dict.fromkeys(it for one in decisions for it in one.ref_urls)),
    )
    unsatisfied = dict.fromkeys(decision.unsatisfied)
    satisfied = (it for it in requirements if it not in unsatisfied)
    return replace(decision, requirements=(*unsatisfied, *satisfied))


def question_about_compose(compose_id: str) -> GatingQuestion:
    """Return the question whether a compose may be synced to the mirrors."""
    return GatingQuestion(
        product_version=COMPOSE_VERSION,
        contexts=(COMPOSE_CONTEXT,),
        subject_type=COMPOSE,
        subject=compose_id,
    )


def build_for(question: GatingQuestion) -> str:
    """Return openQA's BUILD of a subject."""
    kind = Kind.UPDATE if question.subject_type == UPDATE else Kind.COMPOSE
    return build_of(kind, question.subject)


def whole_testcase(test: str, subject_type: str) -> str:
    """Return the test case of a name: ``update.podman`` of ``podman``.

    A name with a dot is a test case, and so is any name for a build, which openQA does not test.
    """
    whole = "." in test or subject_type not in TESTCASES
    return test if whole else _testcase(test, subject_type)


def needs_jobs(decision: Decision) -> bool:
    """Return whether an unsatisfied requirement is about a test of openQA."""
    return any(map(_is_of_openqa, decision.unsatisfied))


def standings_of(
    decision: Decision, jobs: Iterable[Job], *, subject_type: str, content: Content | None = None
) -> tuple[Standing, ...]:
    """Return each requirement with the newest job of its test in its scenario.

    A job that tested another content of an update does not count.

    :param jobs: all jobs of the build, also those that have a copy
    :param content: the content of the update; None: the subject has none
    """
    # copies have higher ids
    newest_first = sorted(jobs, key=lambda job: job.id, reverse=True)
    current = [job for job in newest_first if not is_of_other_content(job, content)]
    products = {(job.flavor, job.arch) for job in current}
    ref_urls: dict[int | None, str] = dict(decision.ref_urls)

    def standing(one: Requirement) -> Standing:
        job = _newest_for(one, current, subject_type)
        return replace(
            _standing(one, job, products),
            outdated=None if job else _newest_for(one, newest_first, subject_type),
            ref_url=ref_urls.get(one.result_id, ""),
        )

    return tuple(map(standing, decision.requirements))


def _newest_for(one: Requirement, newest_first: Iterable[Job], subject_type: str) -> Job | None:
    """Return the newest job of the test in the scenario; without a scenario, of any."""
    return next(
        (
            job
            for job in newest_first
            if one.scenario in {None, _scenario(job)}
            and one.testcase == _testcase(job.test, subject_type)
        ),
        None,
    )


def _standing(one: Requirement, job: Job | None, products: Collection[tuple[str, str]]) -> Standing:
    if one.state in {RequirementState.PASSED, RequirementState.WAIVED}:
        return Standing(one, Remedy.NOTHING, job)
    if not _is_of_openqa(one):
        waits = one.state is RequirementState.RUNNING
        return Standing(one, Remedy.WAIT if waits else Remedy.ELSEWHERE)
    if job is None:
        scenario = SCENARIO.fullmatch(one.scenario or "")
        known = scenario and (scenario["flavor"], scenario["arch"]) in products
        return Standing(one, Remedy.NO_SUCH_JOB if known else Remedy.SCHEDULE)
    if not job.is_ended:
        return Standing(one, Remedy.WAIT, job)
    result = result_for(job, base_url="")
    if isinstance(result, NotReported):
        return Standing(one, Remedy.RERUN, job, unreported=result.reason)
    # a second bad result beside the known one changes nothing
    is_known = one.state in {RequirementState.FAILED, RequirementState.ERRORED}
    useless = is_known and result.outcome not in GOOD
    return Standing(one, Remedy.RERUN if useless else Remedy.REPORT, job)


def stored_job_for(
    one: Requirement, jobs: Iterable[StoredJob], *, subject_type: str
) -> StoredJob | None:
    """Return the newest stored job of the test in the scenario; None: none is known.

    :param jobs: the newest of each test
    """
    fitting = (
        job
        for job in jobs
        if one.scenario in {None, f"fedora.{'.'.join(job.scenario[1:])}"}
        and one.testcase == _testcase(job.scenario.test, one.subject_type or subject_type)
    )
    return max(fitting, key=lambda job: job.id, default=None) if _is_of_openqa(one) else None


def _scenario(job: Job) -> str:
    return ".".join(job.settings.get(name, "") for name in SCENARIO_SETTINGS)


def _is_of_openqa(one: Requirement) -> bool:
    # openQA tests updates and composes, never builds
    return one.subject_type != KOJI_BUILD and one.testcase.startswith(tuple(TESTCASES.values()))


def _testcase(test: str, subject_type: str) -> str:
    """Return the test case of an openQA test."""
    return f"{TESTCASES[subject_type]}{NOT_IN_TESTCASE.sub('_', test).lower()}"
