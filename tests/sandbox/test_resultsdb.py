"""Options and failures of the embedded ResultsDB that the contract with a real one cannot test."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
import requests
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from resultsdb_api import ResultsDBapi, ResultsDBapiException

from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates
from fedora_openqa.sandbox.resultsdb import PREFIX, Results, ResultsDBOptions, add_resultsdb
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.sandbox.serving import serving

BODY = {"outcome": "PASSED", "testcase": "compose.install", "data": {"item": "x"}}
OPEN = ResultsDBOptions(first_use_seconds=0)
PROTECTED = ResultsDBOptions(user="u", password="secret")  # noqa: S106 - a sandbox protects nothing


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SandboxOptions(openqa=OpenQAOptions(templates=Templates()))) as sandbox:
        yield sandbox


def application(options: ResultsDBOptions, results: Results) -> web.Application:
    app = web.Application()
    add_resultsdb(app, options, results)
    return app


def post(sandbox: Sandbox, *, seconds: float = 30) -> requests.Response:
    return requests.post(f"{sandbox.resultsdb_url}/results", json=BODY, timeout=seconds)


def test_stored_results_can_be_read(sandbox: Sandbox) -> None:
    numbers = [post(sandbox).json()["id"] for _ in range(2)]
    stored = sandbox.results.all()
    assert [row.id for row in stored] == numbers
    assert {(row.outcome, row.testcase, row.data["item"]) for row in stored} == {
        ("PASSED", "compose.install", ("x",))
    }


def test_ids_have_gaps() -> None:
    results = Results()
    with serving(application(OPEN, results)) as url:
        for _ in range(12):
            requests.post(f"{url}{PREFIX}/results", json=BODY, timeout=30)
    numbers = [row.id for row in results.all()]
    assert len(numbers) == 12
    assert numbers == sorted(set(numbers))
    assert numbers[-1] > 12


def test_results_are_from_the_servers_time(sandbox: Sandbox) -> None:
    sandbox.faults.clock_offset = 100_000_000
    late = post(sandbox).json()["id"]
    sandbox.faults.clear()
    now = post(sandbox).json()["id"]
    found = requests.get(f"{sandbox.resultsdb_url}/results?item=x", timeout=30).json()["data"]
    assert [row["id"] for row in found] == [late, now]


def test_other_outcomes_can_be_configured() -> None:
    options = ResultsDBOptions(outcomes=("PASSED", "WIBBLE"))
    with serving(application(options, Results())) as url:
        statuses = [
            requests.post(
                f"{url}{PREFIX}/results", json={**BODY, "outcome": outcome}, timeout=30
            ).status_code
            for outcome in ("PASSED", "WIBBLE", "FAILED")
        ]
    assert statuses == [201, 201, 400]


def test_addresses_are_of_the_host_that_was_asked(sandbox: Sandbox) -> None:
    number = post(sandbox).json()["id"]
    url, headers = f"{sandbox.resultsdb_url}/results", {"Host": "resultsdb.example.org"}
    post(sandbox)
    page = requests.get(f"{url}?limit=1&item=x&page=1", headers=headers, timeout=30).json()
    base = "http://resultsdb.example.org/resultsdb/api/v2.0"
    assert page["data"][0]["href"] == f"{base}/results/{number}"
    assert page["prev"] == f"{base}/results?limit=1&item=x&page=0"


# users who may write


@pytest.mark.parametrize("credentials", [None, ("u", "wrong"), ("other", "secret")])
@pytest.mark.parametrize("path", ["results", "groups", "testcases"])
def test_writing_can_need_a_password(path: str, credentials: tuple[str, str] | None) -> None:
    results = Results()
    with serving(application(PROTECTED, results)) as url:
        answer = requests.post(f"{url}{PREFIX}/{path}", json=BODY, auth=credentials, timeout=30)
        assert answer.status_code == 401
        assert answer.headers["Content-Type"].startswith("text/html")
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="resultsdb"'
        assert requests.get(f"{url}{PREFIX}/{path}", timeout=30).json()["data"] == []
    assert results.all() == ()


def test_its_client_gets_in_with_the_password_only() -> None:
    results = Results()
    with serving(application(PROTECTED, results)) as url:
        with pytest.raises(ResultsDBapiException) as refusal:
            ResultsDBapi(f"{url}{PREFIX}").create_result("PASSED", "x")
        assert (refusal.value.message, refusal.value.response.status_code) == ("(HTTP 401)", 401)
        api = ResultsDBapi(f"{url}{PREFIX}", request_auth=("u", "secret"))
        assert [api.create_result("PASSED", "x")["id"]] == [row.id for row in results.all()]


# first uses of a name


def posted_at_once(
    options: ResultsDBOptions, results: Results, *bodies: dict[str, object]
) -> list[int]:
    async def post_all() -> list[int]:
        async with TestClient(TestServer(application(options, results))) as client:
            answers = await asyncio.gather(
                *(client.post(f"{PREFIX}/results", json=body) for body in bodies)
            )
            return [answer.status for answer in answers]

    return asyncio.run(post_all())


@pytest.mark.parametrize(
    ("first", "second", "statuses"),
    [
        ({"testcase": "a"}, {"testcase": "a"}, [201, 500]),
        ({"testcase": "a", "groups": ["g"]}, {"testcase": "b", "groups": ["h", "g"]}, [201, 500]),
        ({"testcase": "a", "groups": ["g"]}, {"testcase": "b", "groups": ["h"]}, [201, 201]),
        ({"testcase": "g"}, {"testcase": "b", "groups": ["g"]}, [201, 201]),
        ({"testcase": "known"}, {"testcase": "known"}, [201, 201]),
    ],
)
def test_a_name_cannot_be_new_twice_at_once(
    first: dict[str, object], second: dict[str, object], statuses: list[int]
) -> None:
    results = Results()
    assert posted_at_once(OPEN, results, {**BODY, "testcase": "known"}) == [201]
    # on a slow machine, too, the second request comes while the first is under way
    options = ResultsDBOptions(first_use_seconds=4.0 if 500 in statuses else 0.1)
    bodies = [{**BODY, **first}, {**BODY, **second}]
    assert sorted(posted_at_once(options, results, *bodies)) == statuses
    assert len(results.all()) == 1 + statuses.count(201)
    # later requests succeed
    assert posted_at_once(options, results, bodies[1]) == [201]


def test_names_can_be_new_at_once_if_that_is_turned_off() -> None:
    results = Results()
    bodies: list[dict[str, object]] = [{**BODY, "testcase": "a"}] * 8
    statuses = posted_at_once(OPEN, results, *bodies)
    assert statuses == [201] * 8


def test_of_requests_at_once_those_that_were_answered_are_stored() -> None:
    results = Results()
    statuses: list[int] = []
    with serving(application(ResultsDBOptions(), results)) as url:

        def post_some() -> None:
            for number in range(20):
                body = {**BODY, "testcase": f"case.{number}", "groups": ["g", f"g{number % 3}"]}
                answer = requests.post(f"{url}{PREFIX}/results", json=body, timeout=30)
                statuses.append(answer.status_code)

        threads = [threading.Thread(target=post_some) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(statuses) == 80
    assert set(statuses) <= {201, 500}
    assert len(results.all()) == statuses.count(201)


# failures on purpose


def test_a_failure_before_storing_stores_nothing(sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule(Kind.ANSWER, method="POST", path="resultsdb", status=500, times=1))
    assert post(sandbox).status_code == 500
    assert sandbox.results.all() == ()


def test_a_failure_after_storing_looks_the_same(sandbox: Sandbox) -> None:
    sandbox.faults.add(
        Rule(Kind.ANSWER_AFTER, method="POST", path="resultsdb", status=500, times=1)
    )
    assert post(sandbox).status_code == 500
    assert len(sandbox.results.all()) == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_reply_can_be_lost(sandbox: Sandbox, *, after: bool) -> None:
    kind = Kind.DROP_AFTER if after else Kind.DROP
    sandbox.faults.add(Rule(kind, method="POST", path="resultsdb", times=1))
    with pytest.raises(requests.ConnectionError):
        post(sandbox)
    assert len(sandbox.results.all()) == after


def test_its_client_repeats_a_request_whose_result_was_stored(sandbox: Sandbox) -> None:
    sandbox.faults.add(
        Rule(Kind.ANSWER_AFTER, method="POST", path="resultsdb", status=500, times=3)
    )
    ResultsDBapi(sandbox.resultsdb_url, backoff_factor=0).create_result("PASSED", "x")
    assert len(sandbox.results.all()) == 4
