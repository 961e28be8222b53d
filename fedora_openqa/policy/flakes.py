"""Which tests fail now and then whatever is tested: evidence is counted, and nothing is concluded.

A failure is evidence when the same build passed, too, or when it stands alone, or almost, between
runs that passed. What fails several times in a row is broken, and what workers or the network did
says nothing about a test.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

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

#: what a failure counts if the same build passed, too; if it only stands alone; and if it does so
#: but for one more failure, in a row with it or of another scenario
BOTH_WAYS, ALONE, ALMOST_ALONE = 1.0, 0.5, 0.25

#: what a run before the middle of the time counts, beside one since then
BEFORE = 0.5

#: as many failures in a row are not random, even if a run between them passed by chance
BROKEN = 3

#: as many runs must pass before a failure that stands alone, and after it
CALM = 3

#: the quantile of the normal distribution for a confidence of 95 %
CONFIDENCE = 1.96

#: a scenario is called flaky if at least this share of its runs is certain to fail at random
CERTAIN = 0.02

#: BUILDs of updates begin with it; the content of an update may change under the same BUILD
UPDATE_BUILD = "Update-"

_IN_A_ROW = re.compile(f"{FAILED}+")

#: build and place of failures, to the number of scenarios that failed so
_Shared = Mapping[tuple[str, str], int]


def flaky_scenarios(
    found: Courses, rules: Sequence[ReasonRule], *, version: str = "", arch: str = ""
) -> tuple[FlakyScenario, ...]:
    """Return the scenarios with evidence, the worst first; all of it may be before the middle.

    :param rules: what reasons of failures say about their cause
    :param version: only runs of this VERSION; empty: of all
    :param arch: only scenarios of this arch; empty: of all
    """
    by_scenario: dict[Scenario, list[Course]] = defaultdict(list)
    for course in found.courses:
        by_scenario[course.scenario].append(course)
    shared = _shared(by_scenario.values())
    flaky = (
        _flaky(scenario, [_count(one, found.middle, rules, shared) for one in wanted], found.middle)
        for scenario, courses in by_scenario.items()
        if arch in ("", scenario.arch)
        and (wanted := [one for one in courses if version in ("", one.version)])
    )
    return tuple(sorted((one for one in flaky if one.score), key=_worst_first))


def _worst_first(one: FlakyScenario) -> tuple[float, Scenario]:
    return -one.score, one.scenario


def _shared(scenarios: Iterable[Sequence[Course]]) -> _Shared:
    """Return in how many scenarios a build failed at the same place.

    :param scenarios: the courses of each
    """
    found: Counter[tuple[str, str]] = Counter()
    for courses in scenarios:
        found.update({(one.build, one.place) for course in courses for one in course.failures})
    return found


class _Count(NamedTuple):
    """What counts in a course."""

    evidence: Sequence[Evidence]
    #: number of runs since the middle of the time, and before
    recent: int
    before: int


def _count(course: Course, middle: int, rules: Sequence[ReasonRule], shared: _Shared) -> _Count:
    marks, failures = telling(course, rules)
    rows = _random(_in_a_row(marks, failures))
    recent = [one.id >= middle for row in rows for one in row.failures]
    return _Count(
        evidence=[it for row in rows for it in _evidence(row, marks, shared)],
        recent=marks.count(PASSED) + recent.count(True),
        before=marks.count(PASSED_BEFORE) + recent.count(False),
    )


def _flaky(scenario: Scenario, counts: Sequence[_Count], middle: int) -> FlakyScenario:
    evidence = [it for count in counts for it in count.evidence]
    recent = sorted(
        (it for it in evidence if it.failure.id >= middle), key=lambda it: -it.failure.id
    )
    counted = sum(it.weight for it in recent)
    earlier = sum(it.weight for it in evidence) - counted
    considered = sum(count.recent for count in counts)
    before = sum(count.before for count in counts)
    return FlakyScenario(
        scenario=scenario,
        score=lower_bound(counted + BEFORE * earlier, considered + BEFORE * before),
        evidence=tuple(recent),
        considered=considered,
        before=lower_bound(earlier, before) if before else None,
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


class _Row(NamedTuple):
    """Failures in a row, with the places in a course where they begin and end."""

    start: int
    end: int
    failures: Sequence[Failure]


def _in_a_row(marks: str, failures: Sequence[Failure]) -> Sequence[_Row]:
    rows = []
    done = 0
    for match in _IN_A_ROW.finditer(marks):
        start, end = match.span()
        rows.append(_Row(start, end, failures[done : done + end - start]))
        done += end - start
    return rows


def _random(rows: Sequence[_Row]) -> Sequence[_Row]:
    """Return the rows that do not show that something is broken.

    What is broken may pass once by chance, and then fails at the same place as before.
    """
    broken = {row.start for row in rows if len(row.failures) >= BROKEN}
    for row, after in pairwise(rows):
        if (
            after.start - row.end == 1
            and len(row.failures) + len(after.failures) >= BROKEN
            and row.failures[-1].place == after.failures[0].place
        ):
            broken |= {row.start, after.start}
    return [row for row in rows if row.start not in broken]


def _evidence(row: _Row, marks: str, shared: _Shared) -> Iterator[Evidence]:
    around = marks[max(row.start - CALM, 0) : row.start] + marks[row.end : row.end + CALM]
    calm = len(around) == 2 * CALM and FAILED not in around
    for one in row.failures:
        scenarios = shared.get((one.build, one.place), 0)
        if one.passed:
            yield Evidence(failure=one, weight=BOTH_WAYS)
        elif calm and scenarios == len(row.failures) == 1:
            yield Evidence(failure=one, weight=ALONE)
        elif calm and scenarios in (1, 2):
            yield Evidence(failure=one, weight=ALMOST_ALONE)


def lower_bound(hits: float, number: float) -> float:
    """Return the lower bound of a share by Wilson's interval, at a confidence of 95 %.

    It is small where there are few runs, however many of them are hits.
    """
    if not hits:
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


def failures_on_unchanged(
    runs: Sequence[StoredJob], rules: Sequence[ReasonRule]
) -> tuple[int, int]:
    """Return how many runs failed at random although the same build passed, and the number of runs.

    :param runs: of one scenario
    :param rules: what reasons of failures say about their cause
    """
    failed = sum(
        it.weight == BOTH_WAYS
        for course in courses_of(runs).courses
        for it in _count(course, 0, rules, {}).evidence
    )
    return failed, sum(run.is_ended and run.result in TELLING_RESULTS for run in runs)


def is_same_content(job: StoredJob, other: StoredJob) -> bool:
    """Return whether two runs of a scenario tested the same.

    An update may be edited between two requests for its tests, but not between restarts.
    """
    return job.build == other.build and (
        job.origin_id == other.origin_id or not job.build.startswith(UPDATE_BUILD)
    )
