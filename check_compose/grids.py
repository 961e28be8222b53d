"""The tables of the HTML report: a column for each flavor, a row for each test suite; pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from check_compose.report import CheckedTest
from fedora_openqa.model.buckets import Bucket

#: the worst first
WORST = tuple(Bucket)


@dataclass(frozen=True, slots=True)
class Row:
    """A test suite."""

    suite: str
    #: for each flavor the tests, one for each machine; empty: none
    cells: tuple[tuple[CheckedTest, ...], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """All tests of one arch."""

    arch: str
    #: the columns; like the rows, those with the worst outcomes first, for small screens
    flavors: tuple[str, ...]
    #: suites with a test that did not pass
    rows: tuple[Row, ...]
    #: the other suites with their tests
    passed: tuple[tuple[str, tuple[CheckedTest, ...]], ...]


def grids(tests: Iterable[CheckedTest]) -> tuple[Grid, ...]:
    """Return a grid for each arch, in the order of the tests."""
    by_arch = defaultdict(list)
    for test in tests:
        by_arch[test.scenario.arch].append(test)
    return tuple(_grid(arch, of_arch) for arch, of_arch in by_arch.items())


def _grid(arch: str, tests: Sequence[CheckedTest]) -> Grid:
    cells = defaultdict(list)
    of_suite = defaultdict(list)
    for test in tests:
        cells[test.scenario.suite, test.scenario.flavor].append(test)
        of_suite[test.scenario.suite].append(test)
    passed = {
        suite: tuple(some)
        for suite, some in of_suite.items()
        if all(test.outcome is Bucket.PASSED for test in some)
    }
    shown = [test for test in tests if test.scenario.suite not in passed]
    flavors = _worst_first((test.scenario.flavor, test.outcome) for test in shown)
    suites = _worst_first((test.scenario.suite, test.outcome) for test in shown)
    rows = (Row(suite, tuple(tuple(cells[suite, it]) for it in flavors)) for suite in suites)
    return Grid(arch, flavors, tuple(rows), tuple(sorted(passed.items())))


def _worst_first(outcomes: Iterable[tuple[str, Bucket]]) -> tuple[str, ...]:
    worst: dict[str, int] = {}
    for name, outcome in outcomes:
        rank = WORST.index(outcome)
        worst[name] = min(rank, worst.get(name, rank))
    return tuple(sorted(worst, key=lambda name: (worst[name], name)))
