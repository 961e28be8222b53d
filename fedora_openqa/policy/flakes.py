"""Which tests fail now and then whatever is tested: evidence is counted, and nothing is concluded.

A failure is evidence when the same build passed, too, or when it stands alone between runs that
passed. What fails several times in a row is broken, and what workers or the network did says
nothing about a test.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from fedora_openqa.model.failures import FailureKind, ReasonRule, Signature
from fedora_openqa.model.flakes import (
    FAILED,
    PASSED,
    PASSED_BEFORE,
    Course,
    Courses,
    Evidence,
    Failure,
    FlakyScenario,
)
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import FAILED_RESULTS
from fedora_openqa.policy.history import TELLING_RESULTS
from fedora_openqa.policy.signatures import kind_of

#: what a failure counts if the same build passed, too, and if it only stands alone
BOTH_WAYS, ALONE = 1.0, 0.5

#: as many failures in a row are not random
BROKEN = 3

#: as many runs must pass before a failure that stands alone, and after it
CALM = 3

#: the quantile of the normal distribution for a confidence of 95 %
CONFIDENCE = 1.96

#: a scenario is called flaky if at least this share of its runs is certain to fail at random
CERTAIN = 0.02

#: BUILDs of updates begin with it; the content of an update may change under the same BUILD
UPDATE_BUILD = "Update-"

#: failures in a row; those beside many in a row with a single run between them that passed, too:
#: what is broken may pass once
_STREAK = re.compile(
    "(?:F+[pP])?F{%d,}(?:[pP]F+)?|F+" % BROKEN  # noqa: UP031 - braces
)


def flaky_scenarios(
    found: Courses, rules: Sequence[ReasonRule], *, version: str = "", arch: str = ""
) -> tuple[FlakyScenario, ...]:
    """Return the scenarios with evidence since the middle of the time, the worst first.

    :param rules: what reasons of failures say about their cause
    :param version: only runs of this VERSION; empty: of all
    :param arch: only scenarios of this arch; empty: of all
    """
    courses = [
        one
        for one in found.courses
        if version in ("", one.version) and arch in ("", one.scenario.arch)
    ]
    shared = _shared(found.courses)
    by_scenario: dict[Scenario, list[_Count]] = defaultdict(list)
    for course in courses:
        by_scenario[course.scenario].append(_Count(course, found, rules, shared))
    flaky = (_flaky(scenario, counts, found.middle) for scenario, counts in by_scenario.items())
    return tuple(sorted((one for one in flaky if one.evidence), key=_worst_first))


def _worst_first(one: FlakyScenario) -> tuple[float, Scenario]:
    return -one.score, one.scenario


class _Count:
    """What counts in a course."""

    def __init__(
        self,
        course: Course,
        found: Courses,
        rules: Sequence[ReasonRule],
        shared: Mapping[tuple[str, str], int],
    ) -> None:
        marks, failures = telling(course, rules)
        self.evidence = list(_evidence(marks, failures, shared))
        broken = {
            one.id
            for start, end, found_there in _streaks(marks, failures)
            if end - start >= BROKEN
            for one in found_there
        }
        random = [one for one in failures if one.id not in broken]
        recent = sum(one.id >= found.middle for one in random)
        self.recent = marks.count(PASSED) + recent
        self.before = marks.count(PASSED_BEFORE) + len(random) - recent


def _flaky(scenario: Scenario, counts: Sequence[_Count], middle: int) -> FlakyScenario:
    evidence = [it for count in counts for it in count.evidence]
    recent = sorted(
        (it for it in evidence if it.failure.id >= middle), key=lambda it: -it.failure.id
    )
    considered = sum(count.recent for count in counts)
    considered_before = sum(count.before for count in counts)
    earlier = sum(it.weight for it in evidence if it.failure.id < middle)
    return FlakyScenario(
        scenario=scenario,
        score=lower_bound(sum(it.weight for it in recent), considered),
        evidence=tuple(recent),
        considered=considered,
        before=lower_bound(earlier, considered_before) if considered_before else None,
        lost_seconds=sum(it.failure.seconds for it in recent),
    )


def telling(course: Course, rules: Sequence[ReasonRule]) -> tuple[str, Sequence[Failure]]:
    """Return a course without the failures that say nothing about its test."""
    infra = [
        bool(one.reason) and kind_of(Signature(reason=one.reason), rules) is FailureKind.INFRA
        for one in course.failures
    ]
    if not any(infra):
        return course.marks, course.failures
    left = iter(infra)
    marks = "".join(mark for mark in course.marks if mark != FAILED or not next(left))
    return marks, [
        one for one, is_infra in zip(course.failures, infra, strict=True) if not is_infra
    ]


def _streaks(
    marks: str, failures: Sequence[Failure]
) -> Iterator[tuple[int, int, Sequence[Failure]]]:
    """Yield where failures in a row begin and end in a course, with their jobs."""
    done = 0
    for match in _STREAK.finditer(marks):
        start, end = match.span()
        number = match[0].count(FAILED)
        yield start, end, failures[done : done + number]
        done += number


def _evidence(
    marks: str,
    failures: Sequence[Failure],
    shared: Mapping[tuple[str, str], int],
) -> Iterator[Evidence]:
    for start, end, found in _streaks(marks, failures):
        if end - start >= BROKEN:
            continue
        around = marks[max(start - CALM, 0) : start] + marks[end : end + CALM]
        alone = len(found) == 1 and len(around) == 2 * CALM and FAILED not in around
        for one in found:
            if one.passed:
                yield Evidence(failure=one, weight=BOTH_WAYS)
            elif alone and shared[one.build, one.place] == 1:
                yield Evidence(failure=one, weight=ALONE)


def _shared(courses: Iterable[Course]) -> Mapping[tuple[str, str], int]:
    """Return in how many scenarios a build failed at the same place."""
    found: dict[tuple[str, str], set[Scenario]] = defaultdict(set)
    for course in courses:
        for one in course.failures:
            found[one.build, one.place].add(course.scenario)
    return {place: len(scenarios) for place, scenarios in found.items()}


def lower_bound(hits: float, number: int) -> float:
    """Return the lower bound of a share by Wilson's interval, at a confidence of 95 %.

    It is small where there are few runs, however many of them are hits.
    """
    if not number:
        return 0.0
    share = min(hits / number, 1.0)
    square = CONFIDENCE**2
    middle = share + square / (2 * number)
    spread = CONFIDENCE * math.sqrt(share * (1 - share) / number + square / (4 * number**2))
    return max((middle - spread) / (1 + square / number), 0.0)


def courses_of(jobs: Iterable[StoredJob], *, middle: int = 0) -> Courses:
    """Return the courses of jobs, all from the first failure on.

    :param middle: the id of a job: older runs belong to the time before
    """
    ended = sorted((one for one in jobs if one.is_ended), key=lambda one: one.id)
    telling = [one for one in ended if one.result in TELLING_RESULTS]
    first = min((one.id for one in telling if one.result in FAILED_RESULTS), default=0)
    runs: dict[tuple[Scenario, str], list[StoredJob]] = defaultdict(list)
    passed: dict[tuple[Scenario, str], list[StoredJob]] = defaultdict(list)
    for one in telling:
        runs[one.scenario, one.version].append(one)
        if one.is_ok:
            passed[one.scenario, one.build].append(one)

    def failure(job: StoredJob) -> Failure:
        again = [it.id for it in passed[job.scenario, job.build] if is_same_content(it, job)]
        return Failure(
            id=job.id,
            build=job.build,
            place=job.fatal_module or next(iter(job.failed_modules), job.result),
            reason=job.reason,
            finished=job.finished or 0.0,
            seconds=job.seconds or 0.0,
            passed=max(again, default=None),
        )

    def mark(job: StoredJob) -> str:
        if not job.is_ok:
            return FAILED
        return PASSED_BEFORE if job.id < middle else PASSED

    courses = tuple(
        Course(
            scenario=scenario,
            version=version,
            marks="".join(mark(one) for one in some if one.id >= first),
            failures=tuple(failure(one) for one in some if not one.is_ok),
        )
        for (scenario, version), some in runs.items()
        if not all(one.is_ok for one in some)
    )
    return Courses(courses=courses, middle=middle)


def failures_on_unchanged(runs: Sequence[StoredJob]) -> tuple[int, int]:
    """Return how many runs failed although the same build passed, too, and the number of runs.

    :param runs: of one scenario
    """
    courses = courses_of(runs).courses
    failed = sum(bool(one.passed) for course in courses for one in course.failures)
    return failed, sum(run.is_ended and run.result in TELLING_RESULTS for run in runs)


def is_same_content(job: StoredJob, other: StoredJob) -> bool:
    """Return whether two runs of a scenario tested the same.

    An update may be edited between two requests for its tests, but not between restarts.
    """
    return job.build == other.build and (
        job.origin_id == other.origin_id or not job.build.startswith(UPDATE_BUILD)
    )
