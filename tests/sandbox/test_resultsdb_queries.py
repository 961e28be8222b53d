"""A search by the index has the same results as a check of every stored result."""

import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.sandbox.resultsdb.bodies import parse_report
from fedora_openqa.sandbox.resultsdb.queries import parse_page, search, search_latest
from fedora_openqa.sandbox.resultsdb.refusals import RefusalError
from fedora_openqa.sandbox.resultsdb.results import Result, Results

OUTCOMES = ("PASSED", "FAILED")
NOW = datetime(2026, 11, 21)  # noqa: DTZ001 - ResultsDB's times are naive
WORDS = st.sampled_from(["a", "b", "ab", "ba"])
BODIES = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(OUTCOMES),
        "testcase": WORDS,
        "groups": st.lists(WORDS, max_size=2),
        "data": st.dictionaries(st.sampled_from(["x", "y"]), WORDS | st.lists(WORDS)),
    }
)
#: any of these words, or a pattern
ASKED = st.lists(WORDS, min_size=1, max_size=2)
QUERIES = st.fixed_dictionaries(
    {},
    optional={
        "outcome": st.lists(st.sampled_from(OUTCOMES), min_size=1),
        "testcases": ASKED,
        "groups": ASKED,
        "x": ASKED,
        "y": ASKED,
    },
)


def filled(bodies: Sequence[dict[str, object]]) -> Results:
    results = Results()
    for number, body in enumerate(bodies):
        report = parse_report(body, outcomes=OUTCOMES)
        results.add(report, now=NOW + timedelta(minutes=number))
    return results


def fits(row: Result, query: dict[str, list[str]]) -> bool:
    has = {
        "outcome": (row.outcome,),
        "testcases": (row.testcase,),
        "groups": row.groups,
        **{key: row.data.get(key, ()) for key in ("x", "y")},
    }
    return all(set(has[name]) & set(words) for name, words in query.items())


@given(st.lists(BODIES, max_size=8), QUERIES)
def test_the_index_finds_all_stored_results(
    bodies: list[dict[str, object]], query: dict[str, list[str]]
) -> None:
    results = filled(bodies)
    expected = [row for row in reversed(results.all()) if fits(row, query)]
    assert search(results, query, outcomes=OUTCOMES) == expected
    oldest_first = {**query, "_sort": ["asc:submit_time"]}
    assert search(results, oldest_first, outcomes=OUTCOMES) == expected[::-1]


@given(st.lists(BODIES, max_size=8), QUERIES)
def test_the_latest_are_one_of_each_test_case(
    bodies: list[dict[str, object]], query: dict[str, list[str]]
) -> None:
    results = filled(bodies)
    rest = {name: words for name, words in query.items() if name != "outcome"}
    found = [row for row in reversed(results.all()) if fits(row, rest)]
    latest = search_latest(results, query, outcomes=OUTCOMES)
    assert [row.testcase for row in latest] == list(dict.fromkeys(row.testcase for row in found))
    for row in latest:
        assert row == next(other for other in found if other.testcase == row.testcase)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("a*", ["a_c", "abc", "a.c"]),
        ("a_c", ["a_c", "abc", "a.c"]),
        ("a.c", ["a.c"]),
        ("*c,b", ["a_c", "abc", "a.c", "b"]),
        ("*", ["a_c", "abc", "a.c", "b", "x\ny"]),
        ("%B%", []),
        ("x*y", ["x\ny"]),
    ],
)
def test_patterns_are_of_sql_with_one_more_star(pattern: str, found: list[str]) -> None:
    names = ["a_c", "abc", "a.c", "b", "x\ny"]
    results = filled([{"outcome": "PASSED", "testcase": name} for name in names])
    rows = search(results, {"testcases:like": [pattern]}, outcomes=OUTCOMES)
    assert [row.testcase for row in reversed(rows)] == found


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page": ["x"]}, 400),
        ({"limit": ["1.5"]}, 400),
        ({"page": ["-1"]}, 500),
        ({"limit": ["-2"]}, 500),
    ],
)
def test_a_page_that_is_none_is_refused(query: dict[str, list[str]], status: int) -> None:
    with pytest.raises(RefusalError) as refusal:
        parse_page(query)
    assert refusal.value.status == status


@pytest.mark.parametrize("since", ["yesterday", "", "2026-11-21,later"])
def test_a_time_that_is_none_is_refused(since: str) -> None:
    with pytest.raises(RefusalError) as refusal:
        search(Results(), {"since": [since]}, outcomes=OUTCOMES)
    assert refusal.value.status == 400


def test_many_threads_may_store_and_search() -> None:
    results = Results()
    body = {"outcome": "PASSED", "testcase": "a", "data": {"x": "1"}}
    report = parse_report(body, outcomes=OUTCOMES)
    seen: list[int] = []

    def store_and_search() -> None:
        for _ in range(200):
            results.add(report, now=NOW)
            seen.append(len(search(results, {"x": ["1"]}, outcomes=OUTCOMES)))

    threads = [threading.Thread(target=store_and_search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = [row.id for row in results.all()]
    assert len(set(numbers)) == max(seen) == 800
