"""Measures how well flaky tests are told from others, on made-up history with known causes.

For each seed 90 days are made up; of the last 60 as much is looked at as `flakes` reads of a store.
The scenarios of the last 30 days are ranked by our score and by three rivals: flips (passed to
failed or back, among the runs that are considered, as TestGrid counts them), flips that have the 30
days before as well, at half as ours, and the plain failure rate. All rivals get the courses of each
release apart; flips also without failures of workers. AUC: the probability that a flaky scenario is
ranked above another one; ties count half. Flaky are those that failed at random at least once in
these 30 days, and in a second count at least twice; in each, those that fail at random but did so
less often are left out. The generator is our own: it tells which score is better, not how good it
is for a real openQA.
"""

import re
import statistics
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from bench.tables import Row, at_least, at_most, show
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.model.flakes import FAILED, PASSED, Courses, Failure
from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import FAILED_RESULTS
from fedora_openqa.policy.flakes import (
    BEFORE,
    BROKEN,
    CERTAIN,
    courses_of,
    flaky_scenarios,
    telling,
)
from fedora_openqa.sandbox.made_causes import CauseKind
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import MadeHistory, shape_of
from fedora_openqa.workflows.flakes import DAYS as SPAN
from fedora_openqa.workflows.flakes import Flakes

SEEDS = range(1, 9)
JOBS = 100_000
DAYS = 90.0
DAY = 86_400.0

#: seconds since the epoch; a fixed time, so that a seed always makes the same jobs
END = 1_790_000_000.0

#: what makes it harder: rare flakes, short times in which something is broken
HARDER: Mapping[str, Any] = {
    "flake_range": (0.02, 0.3),
    "toggling": 0.1,
    "broken_days": (0.5, 4.0),
    "broken": 0.08,
    "regressions": 12.0,
}

#: wanted
LEAST_AUC = 0.95

#: failures at random that make a scenario a flaky one, in the two counts
LEAST_FAILURES = (1, 2)

RULES = load_reason_rules()

#: failures in a row, which flips leave out
STREAK = re.compile(f"{FAILED}{{{BROKEN},}}")

#: scenario to its score
Scores = Mapping[Scenario, float]


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.flakes", description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args()
    print(f"AUC by seed, {options.jobs:,} jobs of {DAYS:.0f} days: {', '.join(RANKINGS)};")
    print(f"flaky: failed at random at least {' / '.join(map(str, LEAST_FAILURES))} times")
    found: dict[tuple[int, str], list[float]] = defaultdict(list)
    called: Counter[str] = Counter()
    for seed in options.seeds:
        shape = shape_of(options.jobs, end=END, days=DAYS, seed=seed)
        made = make_history(replace(shape, **HARDER))
        courses = recent_courses(made)
        failures = failures_at_random(made, courses.middle)
        middle = courses.middle
        seen = {one.job.scenario for one in made.jobs if one.job.is_ok and one.job.id >= middle}
        for name, score in RANKINGS.items():
            scores = score(courses)
            for least in LEAST_FAILURES:
                flaky = {one for one, number in failures.items() if number >= least}
                others = seen - made.flaky.keys()
                found[least, name].append(auc(scores, flaky, others))
        cells = (
            " / ".join(f"{found[least, name][-1]:.4f}" for least in LEAST_FAILURES)
            for name in RANKINGS
        )
        print(f"  seed {seed}: {'   '.join(cells)}", flush=True)
        listed = {one.scenario for one in Flakes(lambda made=courses: made, RULES).worst()}  # type: ignore[misc]
        called["flaky, listed"] += len(listed & failures.keys())
        called["flaky"] += len(failures)
        called["others"] += len(listed - made.flaky.keys())
        called["broken and healed"] += len((listed & made.toggling) - made.flaky.keys())
    show(
        f"{len(options.seeds)} seeds",
        [
            *(row for least in LEAST_FAILURES for row in rows_of(least, found)),
            Row(
                f"flaky that are listed (at least {CERTAIN:.0%})",
                f"{called['flaky, listed']} of {called['flaky']}",
            ),
            Row("others that are listed", f"{called['others']}"),
            at_most("broken and healed that are listed", called["broken and healed"], 0),
        ],
    )


def rows_of(least: int, found: Mapping[tuple[int, str], Sequence[float]]) -> list[Row]:
    """Return the rows of a count of flaky scenarios.

    :param least: failures at random that make a scenario a flaky one
    """
    title = f"{least}+ failures, "
    ours, flipped = found[least, OURS], found[least, FLIPS]
    return [
        *(
            Row(f"{title}AUC by {name}", f"{statistics.median(some):.4f}, least {min(some):.4f}")
            for name in RANKINGS
            for some in [found[least, name]]
        ),
        at_least(f"{title}smallest AUC by {OURS}", min(ours), LEAST_AUC),
        at_least(
            f"{title}smallest lead over {FLIPS}",
            min(one - other for one, other in zip(ours, flipped, strict=True)),
            0.0,
        ),
    ]


def recent_courses(made: MadeHistory) -> Courses:
    """Return the courses that a store would find at the end of the time."""
    since, middle = END - 2 * SPAN * DAY, END - SPAN * DAY
    failed = [
        one.job
        for one in made.jobs
        if one.job.is_ended and not one.job.is_ok and (one.job.finished or 0.0) >= since
    ]
    first = min(job.id for job in failed)
    return courses_of(
        (one.job for one in made.jobs if one.job.id >= first),
        middle=min(job.id for job in failed if (job.finished or 0.0) >= middle),
    )


def failures_at_random(made: MadeHistory, middle: int) -> Mapping[Scenario, int]:
    """Return how often each scenario failed at random since a job."""
    return Counter(
        one.job.scenario
        for one in made.jobs
        if one.cause
        and one.cause.kind is CauseKind.FLAKE
        and one.job.id >= middle
        # others are skipped because of it, or end beside it
        and one.job.scenario in one.cause.scenarios
        and one.job.result in FAILED_RESULTS
    )


def ours(courses: Courses) -> Scores:
    return {one.scenario: one.score for one in flaky_scenarios(courses, RULES)}


def flips(courses: Courses, *, before: float) -> Scores:
    """Return the shares of runs that ended otherwise than the run before.

    :param before: what a run before the middle of the time counts
    """
    hits: dict[Scenario, float] = defaultdict(float)
    number: dict[Scenario, float] = defaultdict(float)
    for course in courses.courses:
        marks, failures = telling(course, RULES)
        runs = weighted(marks, failures, middle=courses.middle, before=before)
        text = "".join(mark for mark, _weight in runs)
        in_a_row = {at for it in STREAK.finditer(text) for at in range(*it.span())}
        considered = [one for at, one in enumerate(runs) if at not in in_a_row]
        for (mark, _weight), (after, weight) in pairwise(considered):
            hits[course.scenario] += weight * (mark != after)
        number[course.scenario] += sum(weight for _mark, weight in considered)
    return shares(hits, number)


def failure_rate(courses: Courses) -> Scores:
    hits: dict[Scenario, float] = defaultdict(float)
    number: dict[Scenario, float] = defaultdict(float)
    for course in courses.courses:
        runs = weighted(course.marks, course.failures, middle=courses.middle, before=0.0)
        hits[course.scenario] += sum(mark == FAILED for mark, _weight in runs)
        number[course.scenario] += len(runs)
    return shares(hits, number)


def shares(hits: Mapping[Scenario, float], number: Mapping[Scenario, float]) -> Scores:
    return {scenario: hits[scenario] / runs for scenario, runs in number.items() if runs}


def weighted(
    marks: str, failures: Sequence[Failure], *, middle: int, before: float
) -> Sequence[tuple[str, float]]:
    """Return the runs that count: passed or failed, and what each counts."""
    left = iter(failures)
    runs = []
    for mark in marks:
        is_recent = next(left).id >= middle if mark == FAILED else mark == PASSED
        weight = 1.0 if is_recent else before
        if weight:
            runs.append((mark.upper(), weight))
    return runs


def auc(scores: Scores, flaky: Collection[Scenario], others: Collection[Scenario]) -> float:
    good = [scores.get(one, 0.0) for one in others]
    bad = [scores.get(one, 0.0) for one in flaky]
    wins = sum((one > other) + (one == other) / 2 for one in bad for other in good)
    return wins / (len(bad) * len(good))


OURS, FLIPS = "this score", "flips"

RANKINGS: Mapping[str, Callable[[Courses], Scores]] = {
    OURS: ours,
    FLIPS: partial(flips, before=0.0),
    "flips of both times": partial(flips, before=BEFORE),
    "failure rate": failure_rate,
}

main()
