"""What ResultsDB accepts, refuses, stores and finds: the embedded one, and a real one if named.

Only names of a test's own are used, so that a real one may have other results, too.
"""

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest
import requests
from resultsdb_api import ResultsDBapi, ResultsDBapiException

from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.contract.json_types import Json

#: the URL of a real one's API: ``http://localhost:5001/api/v2.0``
REAL = os.environ.get("FEDORA_OPENQA_RESULTSDB_URL")
OUTCOMES = "PASSED, INFO, FAILED, NEEDS_INSPECTION, QUEUED, RUNNING, CRASHED, ERROR"
TIMES = ["2024-08-30T01:02:03.000001", "2024-08-30T01:02:03.000002", "2024-08-30T01:02:03.000003"]


@dataclass(frozen=True)
class ResultsDB:
    """One server under test."""

    url: str
    session: requests.Session = field(default_factory=requests.Session, compare=False)

    def ask(self, method: str, path: str, **how: Any) -> requests.Response:  # noqa: ANN401 - whatever requests takes
        return self.session.request(method, f"{self.url}/{path}", timeout=60, **how)

    def post(self, body: Json, path: str = "results") -> requests.Response:
        return self.ask("POST", path, json=body)

    def add(self, body: Json, path: str = "results") -> Json:
        answer = self.post(body, path)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def read(self, path: str, query: Mapping[str, Any] | None = None) -> Json:
        answer = self.ask("GET", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ids(self, query: Mapping[str, Any], path: str = "results") -> list[int]:
        return [row["id"] for row in self.read(path, query)["data"]]


@pytest.fixture(
    scope="module",
    params=[
        "embedded",
        *([pytest.param("real", marks=pytest.mark.service)] if REAL else []),
    ],
)
def resultsdb(request: pytest.FixtureRequest) -> Iterator[ResultsDB]:
    if request.param == "real":
        yield ResultsDB(str(REAL).rstrip("/"))
    else:
        with Sandbox(SandboxOptions(openqa=OpenQAOptions(templates=Templates()))) as sandbox:
            yield ResultsDB(sandbox.resultsdb_url)


@pytest.fixture
def name() -> str:
    """A name of the test's own."""
    return f"contract.{uuid.uuid4().hex[:12]}"


@pytest.fixture
def api(resultsdb: ResultsDB) -> ResultsDBapi:
    return ResultsDBapi(resultsdb.url, max_retries=0)


def report(name: str, **changes: object) -> Json:
    return {"outcome": "PASSED", "testcase": name, "data": {"item": name}, **changes}


# accepting


def test_a_report_is_stored_as_it_is_sent_and_shown_as_it_is_stored(
    resultsdb: ResultsDB, name: str
) -> None:
    groups = [str(uuid.uuid4()), str(uuid.uuid4())]
    answer = resultsdb.post(
        {
            "outcome": "PASSED",
            "testcase": {"name": name, "ref_url": "https://openqa.example.org/tests/1"},
            "groups": [{"uuid": groups[0], "description": "source.openqa"}, groups[1]],
            "note": "",
            "ref_url": "https://openqa.example.org/tests/1",
            "data": {"item": name, "type": "compose", "productmd.compose.respin": 1},
            "_auth_token": None,
            "unknown": "ignored",
        }
    )
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json"
    shown = answer.json()
    number, submit_time = shown["id"], shown["submit_time"]
    assert len(submit_time) == len(TIMES[0])
    assert shown == {
        "data": {"item": [name], "productmd.compose.respin": ["1"], "type": ["compose"]},
        "groups": groups,
        "href": f"{resultsdb.url}/results/{number}",
        "id": number,
        "note": "",
        "outcome": "PASSED",
        "ref_url": "https://openqa.example.org/tests/1",
        "submit_time": submit_time,
        "testcase": {
            "href": f"{resultsdb.url}/testcases/{name}",
            "name": name,
            "ref_url": "https://openqa.example.org/tests/1",
        },
    }
    assert resultsdb.read(f"results/{number}") == shown
    assert resultsdb.read("results", {"item": name})["data"] == [shown]
    assert answer.text == f"{json.dumps(shown, sort_keys=True, separators=(',', ':'))}\n"


def test_an_outcome_and_a_test_case_are_enough(resultsdb: ResultsDB, name: str) -> None:
    shown = resultsdb.add({"outcome": "PASSED", "testcase": name})
    assert (shown["data"], shown["groups"]) == ({}, [])
    assert (shown["note"], shown["ref_url"], shown["testcase"]["ref_url"]) == (None, None, None)


@pytest.mark.parametrize("outcome", [*OUTCOMES.split(", "), "passed", " PASSED ", "Queued"])
def test_outcomes_are_stripped_and_in_capitals(
    resultsdb: ResultsDB, name: str, outcome: str
) -> None:
    assert resultsdb.add(report(name, outcome=outcome))["outcome"] == outcome.strip().upper()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", ["text"]),
        ("", [""]),
        # much, but packed it fits
        ("x" * 10_000, ["x" * 10_000]),
        (1, ["1"]),
        (True, ["True"]),
        (None, ["None"]),
        (["a", "b"], ["a", "b"]),
        ([1, None], ["1", "None"]),
        ([], None),
        ({"k": 1}, ["{'k': 1}"]),
    ],
)
def test_data_comes_back_as_lists_of_texts(
    resultsdb: ResultsDB, name: str, value: object, shown: list[str] | None
) -> None:
    assert resultsdb.add(report(name, data={"key": value}))["data"].get("key") == shown


def test_a_note_may_be_long_and_a_ref_url_anything(resultsdb: ResultsDB, name: str) -> None:
    note = "x" * 1_000_000
    shown = resultsdb.add(report(name, note=note, ref_url="no URL"))
    assert (shown["note"], shown["ref_url"]) == (note, "no URL")


def test_the_same_again_is_another_result(resultsdb: ResultsDB, name: str) -> None:
    first, second = (resultsdb.add(report(name)) for _ in range(2))
    assert first["id"] < second["id"]
    assert resultsdb.ids({"item": name}) == [second["id"], first["id"]]
    own = {"id", "href", "submit_time"}
    assert {key for key in first if first[key] != second[key]} == own


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (TIMES[0], TIMES[0]),
        (f"{TIMES[0]}Z", TIMES[0]),
        (1724979723123, "2024-08-30T01:02:03.123000"),
    ],
)
def test_a_report_may_say_when_it_is_from(
    resultsdb: ResultsDB, name: str, given: object, shown: str
) -> None:
    assert resultsdb.add(report(name, submit_time=given))["submit_time"] == shown


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ({"ref_url": ""}, ""),
        ({"ref_url": "https://example.org/2"}, "https://example.org/2"),
        ({}, "https://example.org/1"),
        (None, "https://example.org/1"),
    ],
)
def test_a_test_case_leads_where_the_last_report_says_even_if_nowhere(
    resultsdb: ResultsDB, name: str, said: dict[str, str] | None, kept: str
) -> None:
    first = {"name": name, "ref_url": "https://example.org/1"}
    resultsdb.add(report(name, testcase=first))
    resultsdb.add(report(name, testcase=name if said is None else {"name": name, **said}))
    assert resultsdb.read(f"testcases/{name}")["ref_url"] == kept
    shown = [
        row["testcase"]["ref_url"] for row in resultsdb.read("results", {"item": name})["data"]
    ]
    assert shown == [kept, kept]


def test_a_group_keeps_what_a_report_does_not_say(resultsdb: ResultsDB, name: str) -> None:
    group = str(uuid.uuid4())
    steps = [
        ({"uuid": group, "description": "a", "ref_url": "b"}, ("a", "b")),
        ({"uuid": group, "description": ""}, ("", "b")),
        (group, ("", "b")),
        ({"uuid": group, "ref_url": "c"}, ("", "c")),
    ]
    for said, kept in steps:
        resultsdb.add(report(name, groups=[said]))
        shown = resultsdb.read(f"groups/{group}")
        assert (shown["description"], shown["ref_url"]) == kept


def test_groups_collapse_and_get_a_uuid_where_they_have_none(
    resultsdb: ResultsDB, name: str
) -> None:
    shown = resultsdb.add(
        report(name, groups=[name, {"uuid": name}, {"description": f"{name}.group"}])
    )
    assert len(shown["groups"]) == 2
    [found] = resultsdb.read("groups", {"description": f"{name}.group"})["data"]
    assert set(shown["groups"]) == {name, found["uuid"]}
    assert str(uuid.UUID(found["uuid"])) == found["uuid"]


# refusing

#: field, pydantic's type, its text
Problem = tuple[str, str, str]


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"outcome": "WIBBLE"}, [("outcome", "value_error", f"Value error, must be one of: {OUTCOMES}")]),
        ({"outcome": ""}, [("outcome", "string_too_short", "String should have at least 1 character")]),
        ({"outcome": None}, [("outcome", "string_type", "Input should be a valid string")]),
        ({"testcase": ""}, [("testcase", "value_error", "Value error, testcase name must be non-empty")]),
        ({"testcase": {}}, [("testcase", "value_error", "Value error, testcase name must be non-empty")]),
        ({"testcase": {"ref_url": "x"}}, [("testcase", "value_error", "Value error, testcase name must be non-empty")]),
        ({"note": 1}, [("note", "string_type", "Input should be a valid string")]),
        ({"ref_url": ["x"]}, [("ref_url", "string_type", "Input should be a valid string")]),
        ({"data": ["x"]}, [("data", "dict_type", "Input should be a valid dictionary")]),
        ({"groups": "x"}, [("groups", "list_type", "Input should be a valid list")]),
        ({"outcome": "", "groups": {}}, [
            ("outcome", "string_too_short", "String should have at least 1 character"),
            ("groups", "list_type", "Input should be a valid list"),
        ]),
    ],
)  # fmt: skip
def test_wrong_fields_are_listed(
    resultsdb: ResultsDB, name: str, changes: dict[str, object], problems: list[Problem]
) -> None:
    body = report(name, **changes)
    answer = resultsdb.post(body)
    assert answer.status_code == 400
    assert answer.json() == {
        "validation_error": [
            {
                "input": body[field],
                "loc": [field],
                "msg": text,
                "type": kind,
                "url": f"https://errors.pydantic.dev/2.6/v/{kind}",
            }
            for field, kind, text in problems
        ]
    }
    assert resultsdb.ids({"item": name}) == []


@pytest.mark.parametrize("missing", [{"outcome"}, {"testcase"}, {"outcome", "testcase"}])
def test_missing_fields_are_listed_with_all_that_was_sent(
    resultsdb: ResultsDB, name: str, missing: set[str]
) -> None:
    body = {key: value for key, value in report(name).items() if key not in missing}
    answer = resultsdb.post(body)
    assert answer.status_code == 400
    problems = answer.json()["validation_error"]
    assert {problem["loc"][0] for problem in problems} == missing
    for problem in problems:
        assert problem["input"] == body
        assert (problem["msg"], problem["type"]) == ("Field required", "missing")


@pytest.mark.parametrize("given", ["2024-08-30T01:02:03", "yesterday", "2024-08-30", [1]])
def test_a_time_without_a_fraction_of_the_second_is_refused(
    resultsdb: ResultsDB, name: str, given: object
) -> None:
    answer = resultsdb.post(report(name, submit_time=given))
    assert answer.status_code == 400
    [problem] = answer.json()["validation_error"]
    assert (problem["loc"], problem["type"]) == (["submit_time"], "value_error")


def test_a_key_with_a_colon_is_refused_with_a_message(resultsdb: ResultsDB, name: str) -> None:
    answer = resultsdb.post(report(name, data={"a:b": 1, "c:like": 2, "item": name}))
    assert answer.status_code == 400
    assert answer.json() == {"message": "Colon not allowed in key name: ['a:b', 'c:like']"}
    assert resultsdb.ids({"item": name}) == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff{}", b"PASSED"])
def test_what_is_no_json_is_a_bad_request(resultsdb: ResultsDB, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = resultsdb.ask("POST", "results", data=content, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"message": "Bad request"})


@pytest.mark.parametrize("body", [[], [{}], "PASSED"])
def test_json_that_is_no_object_is_an_internal_error(resultsdb: ResultsDB, body: Json) -> None:
    answer = resultsdb.post(body)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


@pytest.mark.parametrize(
    "changes",
    [
        {"note": "a\0b"},
        {"note": "\ud800"},
        {"ref_url": "\0"},
        {"data": {"k": "\0"}},
        {"data": {"k\ud800": "x"}},
        {"data": {"k": ["x", "\0"]}},
        {"testcase": {"name": 5}},
        {"testcase": "\0"},
        {"groups": [5]},
        {"groups": ["x" * 37]},
        {"groups": [{"uuid": "y" * 37}]},
        # the row of an index must fit a page
        {"data": {"k": Random(1).randbytes(5_000).hex()}},
    ],
)
def test_what_the_database_cannot_store_is_an_internal_error_and_leaves_nothing(
    resultsdb: ResultsDB, name: str, changes: Json
) -> None:
    data = {"item": name, **changes.get("data", {})}
    answer = resultsdb.post({**report(name, groups=[name]), **changes, "data": data})
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})
    assert resultsdb.ids({"item": name}) == []
    assert resultsdb.ask("GET", f"testcases/{name}").status_code == 404
    assert resultsdb.ask("GET", f"groups/{name}").status_code == 404


@pytest.mark.parametrize("path", ["results", "groups", "testcases"])
def test_a_body_that_does_not_say_it_is_json_gets_a_page(resultsdb: ResultsDB, path: str) -> None:
    for how in ({"data": b"{}"}, {"data": {"outcome": "PASSED"}}):
        answer = resultsdb.ask("POST", path, **how)
        assert answer.status_code == 415
        assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("path", ["results", "results/1", "groups/x", "testcases/x"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_nothing_can_be_changed_or_deleted(resultsdb: ResultsDB, method: str, path: str) -> None:
    answer = resultsdb.ask(method, path, json={})
    assert answer.status_code == 405
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("results/", "Not found"),
        ("nope", "Not found"),
        ("results/999999999", "Result not found"),
        ("testcases/no.such", "Testcase not found"),
        ("groups/no-such", "Group not found"),
    ],
)
def test_what_is_not_there_is_said_in_a_message(
    resultsdb: ResultsDB, path: str, message: str
) -> None:
    answer = resultsdb.ask("GET", path)
    assert (answer.status_code, answer.json()) == (404, {"message": message})


def test_a_result_id_that_is_no_number_is_an_internal_error(resultsdb: ResultsDB) -> None:
    answer = resultsdb.ask("GET", "results/x")
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


# reading


def add_series(resultsdb: ResultsDB, name: str, count: int = 5) -> list[int]:
    """Store results that differ in everything that can be asked for; the newest last."""
    outcomes = ("PASSED", "FAILED")
    return [
        resultsdb.add(
            {
                "outcome": outcomes[number % 2],
                "testcase": f"{name}.case.{number % 3}",
                "groups": [name, f"{name}.{number % 2}"],
                "ref_url": f"https://example.org/{number}",
                "data": {"item": name, "number": str(number), "several": ["all", f"n{number}"]},
            }
        )["id"]
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [4, 3, 2, 1, 0]),
        ({"number": "3"}, [3]),
        ({"number": "3,1"}, [3, 1]),
        ({"number": ["3", "1"]}, [3, 1]),
        ({"number": "3", "several": "n1"}, []),
        ({"several": "all"}, [4, 3, 2, 1, 0]),
        ({"several": "n1,n3,all"}, [4, 3, 2, 1, 0]),
        ({"several:like": "n*"}, [4, 3, 2, 1, 0]),
        ({"several:like": "*1,*2"}, [2, 1]),
        ({"several:like": "n"}, []),
        ({"outcome": "FAILED"}, [3, 1]),
        ({"outcome": " failed,Passed"}, [4, 3, 2, 1, 0]),
        ({"groups": "{name}"}, [4, 3, 2, 1, 0]),
        ({"groups": "{name}.1,unknown"}, [3, 1]),
        ({"testcases": "{name}.case.2"}, [2]),
        ({"testcases": "{name}.case.2,{name}.case.1"}, [4, 2, 1]),
        ({"testcases:like": "{name}*.1"}, [4, 1]),
        ({"testcases": "{name}.case.2", "testcases:like": "*.1"}, [4, 2, 1]),
        ({"testcases": "{name}.case.2", "number": "2", "outcome": "PASSED"}, [2]),
        ({"_sort": "asc:submit_time"}, [0, 1, 2, 3, 4]),
        ({"_sort": "desc:submit_time"}, [4, 3, 2, 1, 0]),
        ({"_sort": "asc:id"}, [4, 3, 2, 1, 0]),
        ({"limit": "2"}, [4, 3]),
        ({"limit": "2", "page": "1"}, [2, 1]),
        ({"limit": "2", "page": "9"}, []),
        ({"limit": "0"}, []),
        ({"limit": "-1"}, []),
        # what is no parameter is a key of the data
        ({"ref_url": "https://example.org/1"}, []),
        ({"note": ""}, []),
        ({"id": "1"}, []),
        ({"testcase": "{name}.case.2"}, []),
        ({"outcomes": "PASSED"}, []),
    ],
)
def test_results_are_found(
    resultsdb: ResultsDB, name: str, query: dict[str, str | list[str]], found: list[int]
) -> None:
    ids = add_series(resultsdb, name)
    asked = {
        key: value.format(name=name) if isinstance(value, str) else value
        for key, value in query.items()
    }
    assert resultsdb.ids({"item": name, **asked}) == [ids[number] for number in found]


def test_a_result_can_be_found_as_soon_as_it_is_stored(resultsdb: ResultsDB, name: str) -> None:
    key = f"{name}/PASSED"
    stored = resultsdb.add(report(name, data={"openqa.report": key}))["id"]
    assert resultsdb.ids({"openqa.report": key}) == [stored]


def test_an_unknown_outcome_is_refused_in_a_question_too(resultsdb: ResultsDB) -> None:
    answer = resultsdb.ask("GET", "results?outcome=passed,wibble")
    assert answer.status_code == 400
    assert answer.json()["validation_error"][0]["loc"] == ["outcome"]


@pytest.mark.parametrize(
    ("since", "found"),
    [
        (TIMES[0], [2, 1, 0]),
        (TIMES[1], [2, 1]),
        (f"{TIMES[1]}Z", [2, 1]),
        # a zone is dropped
        (f"{TIMES[1]}-08:00", [2, 1]),
        (f"{TIMES[0]},{TIMES[1]}", [1, 0]),
        ("2024-09-01", []),
        ("2024-08-30,2024-08-31", [2, 1, 0]),
    ],
)
def test_results_of_some_time_are_found(
    resultsdb: ResultsDB, name: str, since: str, found: list[int]
) -> None:
    ids = [resultsdb.add(report(name, submit_time=time))["id"] for time in TIMES]
    assert resultsdb.ids({"item": name, "since": since}) == [ids[number] for number in found]


def test_the_newest_is_first_whenever_it_was_stored(resultsdb: ResultsDB, name: str) -> None:
    old, new, middle = (
        resultsdb.add(report(name, submit_time=TIMES[number]))["id"] for number in (0, 2, 1)
    )
    assert resultsdb.ids({"item": name}) == [new, middle, old]


def test_a_list_is_paged_by_addresses(resultsdb: ResultsDB, name: str) -> None:
    ids = add_series(resultsdb, name)
    first = resultsdb.read(f"results?item={name}&limit=2")
    assert first["prev"] is None
    assert first["next"] == f"{resultsdb.url}/results?item={name}&limit=2&page=1"
    second = requests.get(first["next"], timeout=60).json()
    assert second["prev"] == f"{resultsdb.url}/results?item={name}&limit=2&page=0"
    last = requests.get(second["next"], timeout=60).json()
    assert last["next"] is None
    pages = (first, second, last)
    assert [row["id"] for page in pages for row in page["data"]] == ids[::-1]


def test_twenty_rows_are_a_page_unless_more_are_asked_for(resultsdb: ResultsDB, name: str) -> None:
    ids = add_series(resultsdb, name, 21)
    page = resultsdb.read(f"results?item={name}")
    assert [row["id"] for row in page["data"]] == ids[:0:-1]
    assert page["next"] == f"{resultsdb.url}/results?item={name}&page=1"
    page = resultsdb.read(f"results?limit=21&item={name}")
    assert (len(page["data"]), page["next"]) == (21, None)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [4, 3, 2]),
        ({"outcome": "FAILED"}, [4, 3, 2]),
        ({"limit": "1"}, [4, 3, 2]),
        ({"groups": "{name}.0"}, [4, 2, 0]),
        ({"number": "0,1"}, [1, 0]),
        ({"_distinct_on": "number"}, [4, 3, 2, 1, 0]),
        ({"_distinct_on": "item,item"}, [4, 3, 2]),
    ],
)
def test_the_latest_are_the_newest_of_each_test_case(
    resultsdb: ResultsDB, name: str, query: dict[str, str], found: list[int]
) -> None:
    ids = add_series(resultsdb, name)
    asked = {key: value.format(name=name) for key, value in query.items()}
    answer = resultsdb.read("results/latest", {"item": name, **asked})
    assert answer.keys() == {"data"}
    assert [row["id"] for row in answer["data"]] == [ids[number] for number in found]


def test_the_latest_of_an_unknown_outcome_are_refused(resultsdb: ResultsDB, name: str) -> None:
    answer = resultsdb.ask("GET", f"results/latest?item={name}&outcome=WIBBLE")
    assert (answer.status_code, answer.json().keys()) == (400, {"validation_error"})


def test_a_distinction_alone_is_no_question(resultsdb: ResultsDB) -> None:
    answer = resultsdb.ask("GET", "results/latest?_distinct_on=scenario")
    message = "Please, provide at least one filter beside '_distinct_on'"
    assert (answer.status_code, answer.json()) == (400, {"message": message})


def test_results_are_listed_by_test_case_and_by_group(resultsdb: ResultsDB, name: str) -> None:
    ids = add_series(resultsdb, name)
    assert resultsdb.ids({}, f"testcases/{name}.case.1/results") == [ids[4], ids[1]]
    assert resultsdb.ids({"number": "3"}, f"groups/{name}.1/results") == [ids[3]]


# test cases and groups


def test_test_cases_can_be_stored_changed_and_found(resultsdb: ResultsDB, name: str) -> None:
    names = [f"{name}.a", f"{name}.b", f"{name}.c"]
    for each in names:
        resultsdb.add({"name": each, "ref_url": f"https://example.org/{each}"}, "testcases")
    changed = resultsdb.add({"name": names[0], "ref_url": "https://example.org/2"}, "testcases")
    assert changed == {
        "href": f"{resultsdb.url}/testcases/{names[0]}",
        "name": names[0],
        "ref_url": "https://example.org/2",
    }
    assert resultsdb.read(f"testcases/{names[0]}") == changed
    assert resultsdb.read("testcases", {"name": names[0]})["data"] == [changed]
    page = resultsdb.read("testcases", {"name:like": f"{name}*", "limit": 2})
    assert len(page["data"]) == 2
    assert page["next"].endswith("&page=1")
    rest = requests.get(page["next"], timeout=60).json()
    assert {row["name"] for row in (*page["data"], *rest["data"])} == set(names)


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": 1}, {"name": "x", "ref_url": 1}])
def test_a_wrong_test_case_is_refused(resultsdb: ResultsDB, body: Json) -> None:
    answer = resultsdb.post(body, "testcases")
    assert answer.status_code == 400
    assert len(answer.json()["validation_error"]) == 1


def test_groups_can_be_stored_changed_and_found(resultsdb: ResultsDB, name: str) -> None:
    number = str(uuid.uuid4())
    resultsdb.add({"uuid": number, "description": f"{name}.old"}, "groups")
    resultsdb.add({"uuid": number, "description": f"{name}.new", "ref_url": "x"}, "groups")
    resultsdb.add(report(name, groups=[number]))
    shown = resultsdb.read(f"groups/{number}")
    assert shown == {
        "description": f"{name}.new",
        "href": f"{resultsdb.url}/groups/{number}",
        "ref_url": "x",
        "results": f"{resultsdb.url}/results?groups={number}",
        "results_count": 1,
        "uuid": number,
    }
    assert len(requests.get(shown["results"], timeout=60).json()["data"]) == 1
    questions = [
        {"uuid": number},
        {"description": f"{name}.new"},
        {"description:like": f"{name}*"},
    ]
    for query in questions:
        assert resultsdb.read("groups", query)["data"] == [shown]
    assert resultsdb.read("groups", {"description": f"{name}.old"})["data"] == []


# its own client


def test_its_client_stores_and_finds(resultsdb: ResultsDB, api: ResultsDBapi, name: str) -> None:
    ids = [
        api.create_result("PASSED", name, note=f"{number}", **{"openqa.job": f"{name}/{number}"})[
            "id"
        ]
        for number in range(3)
    ]
    found: list[int] = []
    page, more = 0, True
    while more:
        answer = api.get_results(page=page, limit=2, testcases_like=[f"{name}*"])
        found += [row["id"] for row in answer["data"]]
        page, more = page + 1, answer["next"] is not None
    assert (found, page) == (ids[::-1], 2)
    assert [row["note"] for row in api.get_results(**{"openqa.job": f"{name}/1"})["data"]] == ["1"]
    assert api.get_result(ids[0])["href"] == f"{resultsdb.url}/results/{ids[0]}"


def test_its_client_names_groups(api: ResultsDBapi, name: str) -> None:
    group = api.create_group(description=name)
    assert api.get_groups(description=name)["data"] == [group]
    assert api.update_group(group["uuid"], ref_url="x")["description"] == name
    api.create_testcase(name, ref_url="x")
    assert api.get_testcases(name_like=f"{name}*")["data"] == [api.get_testcase(name)]


@pytest.mark.parametrize(
    ("outcome", "data", "text"),
    [
        ("WIBBLE", {}, "Unexpected JSON data (HTTP 400): {'validation_error':"),
        ("PASSED", {"a:b": 1}, "Colon not allowed in key name: ['a:b'] (HTTP 400)"),
    ],
)
def test_its_client_tells_of_both_kinds_of_errors(
    api: ResultsDBapi, name: str, outcome: str, data: dict[str, int], text: str
) -> None:
    with pytest.raises(ResultsDBapiException) as refusal:
        api.create_result(outcome, name, **data)
    assert refusal.value.message.startswith(text)
    assert refusal.value.response.status_code == 400
