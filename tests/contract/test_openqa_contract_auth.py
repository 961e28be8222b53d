"""Who may write, and what openQA says to everybody else."""

import pytest
import requests

from tests.contract.json_types import Json
from tests.contract.signed import OpenQA

WRITES = ["isos", "jobs/1/set_done", "jobs/1/cancel", "jobs/1/restart", "jobs/restart"]
#: a signed request that gets past the check is then found incomplete
ACCEPTED = (400, "Error: missing parameters: DISTRI VERSION FLAVOR ARCH")


def refused(answer: requests.Response) -> Json:
    assert answer.status_code == 403
    return answer.json()["error"]


@pytest.mark.parametrize("path", [*WRITES, "groups/1/comments"])
def test_writing_needs_a_key(openqa: OpenQA, path: str) -> None:
    answer = requests.post(f"{openqa.url}/api/v1/{path}", timeout=30)
    assert refused(answer) == "no api key"


def test_an_unknown_key_is_not_authorized(openqa: OpenQA) -> None:
    assert refused(openqa.signed("POST", "isos", key="AAAA")) == "Not authorized"


def test_a_read_that_needs_a_key_tells_whether_the_key_is_good(openqa: OpenQA) -> None:
    answer = openqa.signed("GET", "isos/99999999")
    assert (answer.status_code, answer.json()["error"]) == (
        404,
        "Scheduled product does not exist.",
    )
    assert refused(openqa.signed("GET", "isos/99999999", key="AAAA")) == "Not authorized"
    assert requests.get(f"{openqa.url}/api/v1/isos/99999999", timeout=30).status_code == 403


def test_a_wrong_secret_is_guessed_at(openqa: OpenQA) -> None:
    answer = openqa.signed("POST", "isos", secret=openqa.key)
    assert refused(answer) == "unknown error (wrong secret?)"


@pytest.mark.parametrize("secret", [None, "AAAA"])
def test_a_request_signed_ten_minutes_ago_is_too_old(openqa: OpenQA, secret: str | None) -> None:
    answer = openqa.signed("POST", "isos", age=600, secret=secret)
    assert refused(answer) == "timestamp mismatch"


@pytest.mark.parametrize("age", [240, -600])
def test_a_clock_may_be_a_little_late_and_far_ahead(openqa: OpenQA, age: float) -> None:
    answer = openqa.signed("POST", "isos", age=age)
    assert (answer.status_code, answer.text) == ACCEPTED


@pytest.mark.parametrize("microtime", ["yesterday", None])
def test_a_time_that_is_no_number_is_too_old(openqa: OpenQA, microtime: str | None) -> None:
    headers = {"X-API-Key": openqa.key, "X-API-Hash": "0", "X-API-Microtime": microtime}
    answer = requests.post(f"{openqa.url}/api/v1/isos", headers=headers, timeout=30)
    assert refused(answer) == "timestamp mismatch"


@pytest.mark.parametrize("value", ["a b,c/d:e@f+g", "é", "(a)'b!", "a%b", "1&2=3", ""])
def test_the_query_is_signed_as_it_is_sent(openqa: OpenQA, value: str) -> None:
    answer = openqa.signed("POST", "isos", query={"A": value})
    assert (answer.status_code, answer.text) == ACCEPTED


@pytest.mark.parametrize("value", ["a*b", "a~b"])
def test_characters_that_openqa_spells_otherwise_break_the_signature(
    openqa: OpenQA, value: str
) -> None:
    answer = openqa.signed("POST", "isos", query={"A": value})
    assert refused(answer) == "unknown error (wrong secret?)"
    form = openqa.signed("POST", "isos", data={"A": value})
    assert (form.status_code, form.text) == ACCEPTED
