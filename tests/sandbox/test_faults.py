import time
from collections.abc import Iterator

import pytest
import requests

from fedora_openqa.sandbox.faults import Faults, Kind, LoggedRequest, Rule
from fedora_openqa.sandbox.openqa import OpenQAOptions, Templates
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.contract.signed import OpenQA
from tests.support.waiting import wait_for


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    openqa = OpenQAOptions(templates=Templates(), groups=("fedora",))
    with Sandbox(SandboxOptions(openqa=openqa)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared: Sandbox) -> Sandbox:
    shared.faults.clear()
    shared.requests.clear()
    return shared


@pytest.fixture
def openqa(sandbox: Sandbox) -> OpenQA:
    return OpenQA(sandbox.url, sandbox.key, sandbox.secret)


def comments(openqa: OpenQA) -> int:
    return len(openqa.read("groups/1/comments"))


def comment(openqa: OpenQA) -> requests.Response:
    return openqa.signed("POST", "groups/1/comments", data={"text": "x"})


def post_result(sandbox: Sandbox, *, seconds: float) -> requests.Response:
    body = {"outcome": "PASSED", "testcase": "x"}
    return requests.post(f"{sandbox.resultsdb_url}/results", json=body, timeout=seconds)


def test_an_error_before_the_work_changes_nothing(sandbox: Sandbox, openqa: OpenQA) -> None:
    before = comments(openqa)
    sandbox.faults.add(Rule(Kind.ANSWER, method="POST", path="comments", times=1, body="no"))
    answer = comment(openqa)
    assert (answer.status_code, answer.text) == (503, "no")
    assert comments(openqa) == before
    assert comment(openqa).status_code == 200


def test_an_error_after_the_work_hides_it(sandbox: Sandbox, openqa: OpenQA) -> None:
    before = comments(openqa)
    sandbox.faults.add(Rule(Kind.ANSWER_AFTER, path="comments$", status=502, times=1))
    assert comment(openqa).status_code == 502
    assert comments(openqa) == before + 1


def test_a_page_in_place_of_json(sandbox: Sandbox, openqa: OpenQA) -> None:
    sandbox.faults.add(
        Rule(Kind.ANSWER, status=200, body="<html>", content_type="text/html", times=1)
    )
    answer = openqa.get("jobs")
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (200, "text/html")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_connection(sandbox: Sandbox, openqa: OpenQA, *, after: bool) -> None:
    before = comments(openqa)
    sandbox.faults.add(Rule(Kind.DROP_AFTER if after else Kind.DROP, path="comments", times=1))
    with pytest.raises(requests.ConnectionError):
        comment(openqa)
    assert comments(openqa) == before + after
    assert sandbox.requests.all(method="POST")[-1].status is None


def test_an_answer_that_ends_in_the_middle(sandbox: Sandbox, openqa: OpenQA) -> None:
    sandbox.faults.add(Rule(Kind.CUT, path="job_groups", times=1))
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        openqa.get("job_groups")


def test_no_answer_at_all(sandbox: Sandbox) -> None:
    sandbox.faults.add(Rule(Kind.HANG, path="jobs", times=1))
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{sandbox.url}/api/v1/jobs", timeout=0.2)


@pytest.mark.parametrize("after", [False, True])
def test_no_answer_before_or_after_the_work(sandbox: Sandbox, *, after: bool) -> None:
    before = len(sandbox.results.all())
    sandbox.faults.add(Rule(Kind.HANG_AFTER if after else Kind.HANG, path="results", times=1))
    with pytest.raises(requests.ReadTimeout):
        post_result(sandbox, seconds=3)
    # requests take turns: when this one is answered, the work for the other is done
    assert post_result(sandbox, seconds=30).status_code == 201
    assert len(sandbox.results.all()) == before + 1 + after


@pytest.mark.slow
def test_the_work_can_be_done_after_the_client_gave_up(sandbox: Sandbox) -> None:
    before = len(sandbox.results.all())
    sandbox.faults.add(Rule(Kind.DELAY, path="results", seconds=6, times=1))
    with pytest.raises(requests.ReadTimeout):
        post_result(sandbox, seconds=3)
    wait_for(lambda: len(sandbox.results.all()) > before)
    assert len(sandbox.results.all()) == before + 1


def test_rules_are_used_up_in_order(sandbox: Sandbox, openqa: OpenQA) -> None:
    sandbox.faults.add(Rule(Kind.ANSWER, status=500, times=2))
    sandbox.faults.add(Rule(Kind.ANSWER, status=504))
    statuses = [openqa.get("jobs").status_code for _ in range(4)]
    assert statuses == [500, 500, 504, 504]


def test_delays_are_obeyed(sandbox: Sandbox, openqa: OpenQA) -> None:
    sandbox.faults.delay = 0.2
    sandbox.faults.add(Rule(Kind.DELAY, path="job_groups", seconds=0.2))
    for path, least in (("jobs", 0.2), ("job_groups", 0.4)):
        began = time.monotonic()
        assert openqa.get(path).ok
        assert time.monotonic() - began >= least


def test_the_clock_can_be_shifted(sandbox: Sandbox, openqa: OpenQA) -> None:
    sandbox.faults.clock_offset = 400
    assert comment(openqa).json() == {"error": "timestamp mismatch"}


def test_requests_are_logged(sandbox: Sandbox, openqa: OpenQA) -> None:
    openqa.get("jobs", {"build": "a b"})
    openqa.get("no-such-route")
    # a request that an earlier test left without an answer may still be in the log
    assert tuple(one for one in sandbox.requests.all() if one.status is not None) == (
        LoggedRequest("GET", "/api/v1/jobs", "build=a+b", 200),
        LoggedRequest("GET", "/api/v1/no-such-route", "", 404),
    )


@pytest.mark.parametrize(
    ("rule", "strikes"),
    [
        (Rule(Kind.DROP), True),
        (Rule(Kind.DROP, method="GET"), False),
        (Rule(Kind.DROP, method="POST", path=r"/isos$"), True),
        (Rule(Kind.DROP, path="jobs"), False),
    ],
)
def test_which_requests_a_rule_strikes(rule: Rule, *, strikes: bool) -> None:
    faults = Faults()
    faults.add(rule)
    assert (faults.take("POST", "/api/v1/isos") is rule) is strikes
