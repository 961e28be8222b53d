"""The queries of `GET results` and similar routes; it must not store anything.

ResultsDB refuses no parameter: an unknown one is a key of the data, which usually has no results.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from re import Pattern
from typing import TypeAlias

from fedora_openqa.sandbox.resultsdb.refusals import Problem, internal_error, invalid, refused
from fedora_openqa.sandbox.resultsdb.results import Condition, Field, Filed, Result, Results

#: parameter name to all its values, in the order of the query string
Parameters: TypeAlias = Mapping[str, Sequence[str]]

ROWS = 20
DISTINCT_ON = "_distinct_on"
_LIKE = ":like"
_TESTCASES = ("testcases", "testcases:like")
#: parameters that are not conditions
_OTHERS = frozenset({"outcome", "page", "limit", "since", "_sort"})


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list."""

    #: 0 is the first
    number: int
    limit: int

    @property
    def rows(self) -> slice:
        """The rows to read: one more than the page has, which shows that there is a next page."""
        start = self.number * self.limit
        return slice(start, start + self.limit + 1)


def parse_page(parameters: Parameters) -> Page:
    """Parse the page in a query.

    Raises:
        RefusalError: the page is not possible.
    """
    page = Page(_number(parameters, "page", default=0), _number(parameters, "limit", default=ROWS))
    if page.rows.start < 0 or page.limit < -1:
        # PostgreSQL: OFFSET must not be negative
        raise internal_error()
    return page


def search(
    results: Results,
    parameters: Parameters,
    *,
    outcomes: Collection[str],
    always: Sequence[Condition] = (),
) -> list[Result]:
    """Return the results of a query, the newest first unless it sets another order.

    Raises:
        RefusalError: an outcome or a time is wrong.
    """
    conditions = [*always, *_conditions(parameters, _OTHERS)]
    if "outcome" in parameters:
        conditions.append(_outcomes(parameters["outcome"], outcomes))
    rows = _in_time(results.select(conditions), parameters)
    if parameters.get("_sort", ("",))[0] == "asc:submit_time":
        rows.reverse()
    return rows


def search_latest(
    results: Results, parameters: Parameters, *, outcomes: Collection[str]
) -> list[Result]:
    """Return the newest result by test case, or by test case and some data, the newest first.

    As in ResultsDB, `outcome` is checked but does not filter, and `limit` is ignored.

    Raises:
        RefusalError: an outcome or a time is wrong, or there is no condition.
    """
    if "outcome" in parameters:
        _outcomes(parameters["outcome"], outcomes)
    keys = _words(parameters.get(DISTINCT_ON, ()))
    conditions = _conditions(parameters, _OTHERS | {DISTINCT_ON})
    if keys and not conditions and "since" not in parameters:
        raise refused(f"Please, provide at least one filter beside '{DISTINCT_ON}'")
    newest: dict[tuple[str, tuple[tuple[str, ...], ...]], Result] = {}
    for row in _in_time(results.select(conditions), parameters):
        newest.setdefault((row.testcase, tuple(row.values(key) for key in keys)), row)
    return list(newest.values())


def search_groups(results: Results, parameters: Parameters) -> list[Filed]:
    """Return groups by `uuid` and `description`."""
    return [
        group
        for group in results.all_filed(Field.GROUP)
        if _fits(group.name, parameters, "uuid")
        and _fits(group.description or "", parameters, "description")
    ]


def search_testcases(results: Results, parameters: Parameters) -> list[Filed]:
    """Return test cases by `name`."""
    return [
        testcase
        for testcase in results.all_filed(Field.TESTCASE)
        if _fits(testcase.name, parameters, "name")
    ]


def _conditions(parameters: Parameters, others: Collection[str]) -> list[Condition]:
    conditions = [
        _condition(name, given)
        for name, given in parameters.items()
        if name not in others and name not in _TESTCASES
    ]
    if not parameters.keys().isdisjoint(_TESTCASES):
        # only for test cases, a value and a pattern are alternatives
        names, likenesses = (parameters.get(name, ()) for name in _TESTCASES)
        values, patterns = frozenset(_words(names)), _patterns(likenesses)
        conditions.append(Condition(Field.TESTCASE, values, patterns))
    return conditions


def _condition(name: str, given: Sequence[str]) -> Condition:
    if name == "groups":
        return Condition(Field.GROUP, frozenset(_words(given)))
    if name.endswith(_LIKE):
        return Condition(name.removesuffix(_LIKE), frozenset(), _patterns(given))
    return Condition(name, frozenset(_words(given)))


def _outcomes(given: Sequence[str], known: Collection[str]) -> Condition:
    outcomes = frozenset(word.strip().upper() for word in _words(given))
    if not outcomes <= set(known):
        problem = Problem("outcome", f"must be one of: {', '.join(known)}", ",".join(given))
        raise invalid([problem])
    return Condition(Field.OUTCOME, outcomes)


def _in_time(rows: list[Result], parameters: Parameters) -> list[Result]:
    if "since" not in parameters:
        return rows
    given = parameters["since"][0]
    try:
        # ResultsDB drops the zone without a conversion
        start, *end = (
            datetime.fromisoformat(text).replace(tzinfo=None) for text in given.split(",")
        )
    except ValueError:
        raise invalid([Problem("since", "must be in ISO8601 format", given)]) from None
    return [
        row
        for row in rows
        if start <= row.submit_time and all(row.submit_time <= last for last in end)
    ]


def _fits(text: str, parameters: Parameters, name: str) -> bool:
    likeness = f"{name}{_LIKE}"
    return (name not in parameters or text in _words(parameters[name])) and (
        likeness not in parameters
        or any(pattern.fullmatch(text) for pattern in _patterns(parameters[likeness]))
    )


def _number(parameters: Parameters, name: str, *, default: int) -> int:
    if name not in parameters:
        return default
    given = parameters[name][0]
    try:
        return int(given)
    except ValueError:
        raise invalid([Problem(name, "int_parsing", given)]) from None


def _words(given: Sequence[str]) -> list[str]:
    return [word for text in given for word in text.split(",")]


def _patterns(given: Sequence[str]) -> tuple[Pattern[str], ...]:
    return tuple(re.compile("".join(map(_in_pattern, word)), re.DOTALL) for word in _words(given))


def _in_pattern(character: str) -> str:
    # ResultsDB turns its * into SQL's %, and does not escape SQL's _
    return {"*": ".*", "%": ".*", "_": "."}.get(character, re.escape(character))
