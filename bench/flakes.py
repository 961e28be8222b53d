"""Measures how well flaky tests are told from others, on made-up history with known causes.

For each seed 90 days are made up, and the scenarios of the last 30 are ranked by our score, by
flips (passed to failed or back, among the runs that are considered, as TestGrid counts them) and
by the plain failure rate. Both rivals get the courses of each release apart; flips also without
failures of workers. AUC: the probability that a flaky scenario is ranked above another one; ties
count half. A flaky scenario that failed at random less than twice in these 30 days is
left out. The generator is
our own: it tells which score is better, not how good it is for a real openQA.
"""

import re
import statistics
import time
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.tables import Row, at_least, at_most, show
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.model.flakes import Course, Courses
from fedora_openqa.model.history import Scenario
from fedora_openqa.policy.flakes import BROKEN, CERTAIN, courses_of, flaky_scenarios, telling
from fedora_openqa.sandbox.made_causes import CauseKind
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import shape_of

SEEDS = range(1, 9)
JOBS = 100_000
DAYS = 90.0
DAY = 86_400.0

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

RULES = load_reason_rules()

#: scenario to its score
Scores = Mapping[Scenario, float]


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.flakes", description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args()
    names = ("ours", "flips", "failure rate")
    print(f"AUC by seed, {options.jobs:,} jobs of {DAYS:.0f} days: {', '.join(names)};")
    print("then the mean score of flaky scenarios, and of those that break and heal")
    found: dict[str, list[float]] = defaultdict(list)
    blamed = hits = wrong = number = 0
    for seed in options.seeds:
        shape = shape_of(options.jobs, end=time.time(), days=DAYS, seed=seed)
        made = make_history(replace(shape, **HARDER))
        start = time.time() - 30 * DAY
        middle = min(
            one.job.id
            for one in made.jobs
            if one.job.is_ended and not one.job.is_ok and (one.job.finished or 0.0) >= start
        )
        courses = courses_of((one.job for one in made.jobs), middle=middle)
        seen = {one.job.scenario for one in made.jobs if one.job.is_ok and one.job.id >= middle}
        # a single failure says nothing
        flaked = Counter(
            one.job.scenario
            for one in made.jobs
            if one.cause and one.cause.kind is CauseKind.FLAKE and one.job.id >= middle
        )
        flaky = {scenario for scenario in made.flaky if flaked[scenario] > 1}
        seen -= made.flaky.keys() - flaky
        cells = []
        for name, scores in (
            ("ours", ours(courses)),
            ("flips", per_scenario(courses, flips)),
            ("failure rate", per_scenario(courses, failure_rate)),
        ):
            found[name].append(auc(scores, seen, flaky))
            means = [mean(scores, some) for some in (flaky, made.toggling)]
            cells.append(f"{found[name][-1]:.4f} ({means[0]:.3f}, {means[1]:.3f})")
            if name == "ours":
                called = {scenario for scenario, score in scores.items() if score >= CERTAIN}
                blamed += len(made.toggling & called)
                hits += len(flaky & called)
                number += len(flaky)
                wrong += len(called - flaky)
        print(f"  seed {seed}: {'   '.join(cells)}", flush=True)
    margins = [one - other for one, other in zip(found["ours"], found["flips"], strict=True)]
    show(
        f"{len(margins)} seeds",
        [
            *(
                Row(f"median AUC, {name}", f"{statistics.median(found[name]):.4f}")
                for name in names
            ),
            at_least("smallest AUC, ours", min(found["ours"]), LEAST_AUC),
            at_least("smallest lead over flips", min(margins), 0.0),
            Row(f"flaky that are called so (at least {CERTAIN:.0%})", f"{hits} of {number}"),
            Row("others that are called so", f"{wrong}"),
            at_most("broken and healed that are called so", blamed, 0),
        ],
    )


def ours(courses: Courses) -> Scores:
    return {one.scenario: one.score for one in flaky_scenarios(courses, RULES)}


def per_scenario(courses: Courses, count: Callable[[Course, int], tuple[int, int]]) -> Scores:
    """Return the shares of scenarios.

    :param count: returns what counts in a course, and the number of runs
    """
    hits: dict[Scenario, int] = defaultdict(int)
    runs: dict[Scenario, int] = defaultdict(int)
    for course in courses.courses:
        some, number = count(course, courses.middle)
        hits[course.scenario] += some
        runs[course.scenario] += number
    return {scenario: hits[scenario] / number for scenario, number in runs.items() if number}


def flips(course: Course, middle: int) -> tuple[int, int]:
    marks, failures = telling(course, RULES)
    recent = since(marks, [one.id >= middle for one in failures])
    # failures in a row are left out
    considered = re.sub(f"F{{{BROKEN},}}", "", recent)
    return len(re.findall("(?=PF|FP)", considered)), len(considered)


def failure_rate(course: Course, middle: int) -> tuple[int, int]:
    recent = since(course.marks, [one.id >= middle for one in course.failures])
    return recent.count("F"), len(recent)


def since(marks: str, is_recent: Sequence[bool]) -> str:
    """Return the marks of a course from the middle on."""
    left = iter(is_recent)
    return "".join(mark for mark in marks if mark == "P" or (mark == "F" and next(left)))


def auc(scores: Scores, seen: Iterable[Scenario], flaky: Iterable[Scenario]) -> float:
    good = [scores.get(one, 0.0) for one in set(seen) - set(flaky)]
    bad = [scores.get(one, 0.0) for one in flaky]
    wins = sum((one > other) + (one == other) / 2 for one in bad for other in good)
    return wins / (len(bad) * len(good))


def mean(scores: Scores, some: Iterable[Scenario]) -> float:
    return statistics.mean(scores.get(one, 0.0) for one in some)


main()
