"""Unusable answers of Greenwave, WaiverDB, and ResultsDB's test cases."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from fedora_openqa.errors import AmbiguousWriteError, ServiceUnavailableError
from fedora_openqa.gateways.greenwave.decisions import GreenwaveDecisions
from fedora_openqa.gateways.greenwave.policies import GreenwaveServer
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.resultsdb.testcases import ResultsDBTestCases
from fedora_openqa.gateways.waiverdb import RestWaivers
from fedora_openqa.model.gating import GatingQuestion, Waiver
from tests.support.limits import LIMITS, limits_for
from tests.support.waiting import wait_for
from tests.support.web import Answer, Web, drop, hang, html, in_turn, text, truncated

DECISION, POLICIES = "POST /api/v1.0/decision", "GET /api/v1.0/policies"
WAIVERS, POST = "GET /api/v1.0/waivers/", "POST /api/v1.0/waivers/"
TESTCASES = "GET /api/v2.0/testcases/update.podman"
QUESTION = GatingQuestion("fedora-43", ("C",), "bodhi_update", "FEDORA-2026-1bd5f4a0c2")
WAIVER = Waiver("bodhi_update", QUESTION.subject, "update.podman", "fedora-43", "x")
NUMBER = "9" * 5000

READS: dict[str, Callable[[str, Limits], object]] = {
    DECISION: lambda url, limits: GreenwaveDecisions(limits, url).decide(QUESTION),
    POLICIES: lambda url, limits: GreenwaveServer(Reader(limits), url).load(),
    WAIVERS: lambda url, limits: RestWaivers(limits, f"{url}/api/v1.0").find(WAIVER),
    TESTCASES: lambda url, limits: ResultsDBTestCases(Reader(limits), f"{url}/api/v2.0").has(
        "update.podman"
    ),
}
UNREADABLE = {
    "a page": html(),
    "nothing": text(""),
    "brackets": text("[" * 100_000),
    "objects": text('{"data":' * 100_000),
    "a list": text("[1]"),
    "half a surrogate": text('{"summary": "\\ud800"}'),
    "a long number": text(f'{{"data": [{{"id": {NUMBER}}}], "policies": [{{"id": {NUMBER}}}]'),
    "cut": truncated('{"data": [], "policies": []}'),
    "dropped": drop,
    "late": hang,
    "502": text("", status=502),
    "503": text("", status=503),
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("request_", READS)
def test_a_read_without_a_readable_answer_is_unavailable(
    web: Web, request_: str, answer: Answer
) -> None:
    web.answers[request_] = answer
    with pytest.raises(ServiceUnavailableError) as failure:
        READS[request_](web.url, replace(limits_for(answer), attempts=1))
    assert str(failure.value).isprintable()


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
def test_a_waiver_without_a_readable_answer_may_be_stored_and_is_sent_once(
    web: Web, answer: Answer
) -> None:
    web.answers[POST] = answer
    waivers = RestWaivers(limits_for(answer), f"{web.url}/api/v1.0", token="t")  # noqa: S106 - of a test
    with pytest.raises(AmbiguousWriteError) as failure:
        waivers.post(WAIVER)
    assert str(failure.value).isprintable()
    wait_for(lambda: web.requests)
    assert web.requests == [POST]


@pytest.mark.parametrize("request_", READS)
@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_names_a_time_is_left_alone_until_then(
    web: Web, request_: str, status: int
) -> None:
    web.answers[request_] = text("", status=status, headers={"Retry-After": "600"})
    with pytest.raises(ServiceUnavailableError) as failure:
        READS[request_](web.url, LIMITS)
    assert failure.value.retry_after == 600
    assert len(web.requests) == 1


def test_a_waiver_that_was_turned_away_with_a_time_was_not_stored(web: Web) -> None:
    web.answers[POST] = text("", status=429, headers={"Retry-After": "600"})
    with pytest.raises(ServiceUnavailableError) as failure:
        RestWaivers(LIMITS, f"{web.url}/api/v1.0", token="t").post(WAIVER)  # noqa: S106 - of a test
    assert failure.value.retry_after == 600
    assert web.requests == [POST]


def test_a_test_case_with_a_result_is_there(web: Web) -> None:
    testcases = ResultsDBTestCases(Reader(LIMITS), f"{web.url}/api/v2.0/")
    web.answers[TESTCASES] = in_turn(
        text(json.dumps({"name": "update.podman"})),
        text(json.dumps({"message": "Testcase not found"}), status=404),
    )
    assert testcases.has("update.podman")
    assert not testcases.has("update.podman")
    web.answers["GET /api/v2.0/testcases/a%2Fb%3Fc"] = text("{}")
    assert testcases.has("a/b?c")
