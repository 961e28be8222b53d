"""Compares a compose with the one before it: from facts to the report; pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from check_compose.counting import (
    Counted,
    Scenario,
    causes_of_skips,
    counted,
    last_end_before,
)
from check_compose.facts import ComposeFacts, Facts, GatingFacts, ImageKind, ReportedAs
from check_compose.report import (
    CheckedTest,
    GatingReport,
    GatingState,
    Report,
    SystemReport,
    UnmappedRequirement,
)
from check_compose.system_changes import DEFAULT_THRESHOLDS, Thresholds, changes_between
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.gating import Requirement
from fedora_openqa.model.jobs import Job, JobResult
from fedora_openqa.policy.buckets import end_of
from fedora_openqa.policy.links import job_link, subject_link
from fedora_openqa.texts import first_line, one_line


def compare(facts: Facts, *, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Report:
    """Return the report on a compose, compared with the one before it."""
    compose, previous = facts.compose, facts.previous
    now = counted(compose.jobs)
    before = counted(previous.jobs) if previous else {}
    tests = tuple(_tests(facts, before, now))
    return Report(
        compose=one_line(compose.id),
        location=one_line(compose.location),
        previous=one_line(previous.id) if previous else None,
        missing_images=_missing(facts.missing_images),
        added_images=_only_in(compose, previous),
        removed_images=_only_in(previous, compose),
        gating=_gating(facts.gating, facts, tests) if facts.gating else None,
        tests=tests,
        systems=tuple(_systems(facts, before, now, thresholds)),
        project_url=one_line(facts.project_url),
        jobs=len(compose.jobs),
        page_url=subject_link(facts.pages_url, compose.id),
    )


def _tests(facts: Facts, before: Counted, now: Counted) -> Iterator[CheckedTest]:
    """Yield each test, with those that were skipped because of it."""
    causes = causes_of_skips(facts.compose.jobs, now)
    tests = {
        test.scenario: replace(test, waits_for=now[causes[test.scenario]][0].id)
        if test.scenario in causes
        else test
        for test in _alone(facts, before, now)
    }
    waiting: dict[Scenario, list[CheckedTest]] = {}
    for scenario, test in tests.items():
        if scenario in causes:
            waiting.setdefault(causes[scenario], []).append(test)
    for scenario, test in tests.items():
        yield replace(test, waiting=tuple(waiting.get(scenario, ())))


def _alone(facts: Facts, before: Counted, now: Counted) -> Iterator[CheckedTest]:
    images_before = {(scenario.flavor, scenario.arch) for scenario in before}
    decision = facts.gating.decision if facts.gating else None
    requirements = decision.requirements if decision else ()
    unsatisfied = decision.unsatisfied if decision else ()
    for scenario in sorted(now, key=lambda scenario: scenario.order):
        job, outcome = now[scenario]
        known_as = facts.reported_as.get(job.id)
        outcome_before = before[scenario][1] if scenario in before else None
        yield CheckedTest(
            scenario=scenario,
            id=job.id,
            url=_url(facts, job.id),
            page_url=job_link(facts.pages_url, job.id),
            outcome=outcome,
            end=end_of(job),
            reason=_reason(job, outcome, facts.compose.jobs),
            before=outcome_before,
            is_new=facts.previous is not None and outcome_before is not outcome,
            required=any(_asks_for(one, known_as) for one in requirements),
            gating=any(_asks_for(one, known_as) for one in unsatisfied),
            is_of_new_image=facts.previous is not None
            and (scenario.flavor, scenario.arch) not in images_before,
        )


def _reason(job: Job, outcome: Bucket, jobs: Iterable[Job]) -> str:
    if job.reason:
        return first_line(job.reason)
    earlier = last_end_before(job, jobs) if outcome is Bucket.CANCELLED else None
    if earlier:
        return f"job {earlier.id} before it: {end_of(earlier)}"
    failed = [module.name for module in job.modules if module.result == JobResult.FAILED]
    return first_line(f"in {failed[0]}") if failed and outcome is Bucket.FAILED else ""


def _asks_for(requirement: Requirement, known_as: ReportedAs | None) -> bool:
    return (
        known_as is not None
        and requirement.testcase == known_as.testcase
        and requirement.scenario in {None, known_as.scenario}
    )


def _gating(gating: GatingFacts, facts: Facts, tests: Iterable[CheckedTest]) -> GatingReport:
    name = one_line(gating.name)
    if gating.decision is None:
        reason = one_line(gating.reason)
        return GatingReport(name=name, state=GatingState.UNKNOWN, summary=reason)
    names = [facts.reported_as.get(test.id) for test in tests]
    return GatingReport(
        name=name,
        state=GatingState.PASSES if gating.decision.satisfied else GatingState.FAILS,
        summary=one_line(gating.decision.summary),
        unmapped=tuple(
            UnmappedRequirement(
                type=one_line(one.type.removeprefix("test-result-")).upper(),
                testcase=one_line(one.testcase),
                scenario=None if one.scenario is None else one_line(one.scenario),
            )
            for one in gating.decision.unsatisfied
            if not any(_asks_for(one, known_as) for known_as in names)
        ),
    )


def _missing(images: tuple[ImageKind, ...] | None) -> tuple[ImageKind, ...] | None:
    if images is None:
        return None
    return tuple(
        # fedfind's expected subvariants are in lower case
        ImageKind(image.subvariant[:1].upper() + image.subvariant[1:], image.type, image.arch)
        for image in sorted(map(_clean, images))
    )


def _only_in(one: ComposeFacts | None, other: ComposeFacts | None) -> tuple[ImageKind, ...] | None:
    if one is None or other is None or one.images is None or other.images is None:
        return None
    return tuple(sorted(map(_clean, one.images - other.images)))


def _clean(image: ImageKind) -> ImageKind:
    return ImageKind(*map(one_line, (image.subvariant, image.type, image.arch)))


def _systems(
    facts: Facts, before: Counted, now: Counted, thresholds: Thresholds
) -> Iterable[SystemReport]:
    logs_before = facts.previous.logs if facts.previous else {}
    logs_now = facts.compose.logs
    for scenario in sorted(before.keys() & now, key=lambda scenario: scenario.order):
        old, new = before[scenario][0].id, now[scenario][0].id
        if old not in logs_before or new not in logs_now:
            continue
        changes = changes_between(logs_before[old], logs_now[new], thresholds=thresholds)
        if changes:
            yield SystemReport(
                scenario=scenario,
                changes=changes,
                previous_url=f"{_url(facts, old)}#downloads",
                current_url=f"{_url(facts, new)}#downloads",
            )


def _url(facts: Facts, job_id: int) -> str:
    return f"{one_line(facts.base_url).rstrip('/')}/tests/{job_id}"
