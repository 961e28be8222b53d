import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.waiverdb import MOST_PAGES, DryRunWaivers, RestWaivers
from fedora_openqa.model.gating import Waiver
from tests.support.limits import LIMITS, limits_for
from tests.support.waiting import wait_for
from tests.support.web import Answer, Request, Web, drop, hang, html, in_turn, text

POST = "POST /api/v1.0/waivers/"
GET = "GET /api/v1.0/waivers/"
BEARER = "a-bearer"
WAIVER = Waiver(
    subject_type="bodhi_update",
    subject="FEDORA-2025-1bd5f4a0c2",
    testcase="update.podman_client",
    product_version="fedora-43",
    comment="known flake",
    scenario="fedora.updates-container.x86_64.64bit",
)
STORED: dict[str, Any] = {
    "id": 50124,
    "subject_type": "bodhi_update",
    "subject_identifier": "FEDORA-2025-1bd5f4a0c2",
    "testcase": "update.podman_client",
    "scenario": "fedora.updates-container.x86_64.64bit",
    "product_version": "fedora-43",
    "waived": True,
    "username": "qadev",
    "proxied_by": None,
    "comment": "known flake",
    "timestamp": "2025-10-20T17:05:00.120044",
}


def waivers(web: Web, token: str = BEARER) -> RestWaivers:
    return RestWaivers(LIMITS, f"{web.url}/api/v1.0", token=token)


def page(*rows: dict[str, Any]) -> Answer:
    return text(json.dumps({"data": rows, "prev": None, "next": None}))


def test_a_waiver_is_posted_once_with_the_token(web: Web) -> None:
    seen: list[str | None] = []

    def created(request: Request) -> None:
        seen.append(request.headers["Authorization"])
        text(json.dumps(STORED), status=201)(request)

    web.answers[POST] = created
    assert waivers(web).post(WAIVER) == 50124
    assert seen == [f"Bearer {BEARER}"]
    assert json.loads(web.bodies[0]) == {
        "subject_type": "bodhi_update",
        "subject_identifier": "FEDORA-2025-1bd5f4a0c2",
        "testcase": "update.podman_client",
        "product_version": "fedora-43",
        "scenario": "fedora.updates-container.x86_64.64bit",
        "comment": "known flake",
        "waived": True,
    }


def test_a_password_for_the_host_is_not_sent_in_place_of_the_token(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    test_a_waiver_is_posted_once_with_the_token(web)


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (
            text('{"message": "Expired"}', status=401),
            ConfigError,
            "the token is refused: .*Expired",
        ),
        (text('{"message": "Not yours"}', status=403), RequestRefusedError, "403 .*Not yours"),
        (text('{"message": "Missing"}', status=400), RequestRefusedError, "400 .*Missing"),
        (text("", status=301, headers={"Location": "/x"}), ConfigError, "redirected"),
        (text("", status=500), AmbiguousWriteError, "500"),
        (html(), AmbiguousWriteError, "not the answer of this service"),
        (text("[]", status=201), AmbiguousWriteError, "not the answer of this service"),
        (drop, AmbiguousWriteError, "closed connection"),
        (hang, AmbiguousWriteError, "no answer in time"),
    ],
)
def test_what_may_have_arrived_is_not_sent_again(
    web: Web, answer: Answer, error: type[FedoraOpenQAError], reason: str
) -> None:
    web.answers[POST] = answer
    waivers = RestWaivers(limits_for(answer), f"{web.url}/api/v1.0", token=BEARER)
    with pytest.raises(error, match=reason) as failure:
        waivers.post(WAIVER)
    wait_for(lambda: web.requests)
    assert web.requests == [POST]
    assert "\n" not in str(failure.value)
    assert BEARER not in str(failure.value)


def test_what_was_turned_away_unread_is_sent_again(web: Web) -> None:
    web.answers[POST] = in_turn(text("", status=429), text('{"id": 7}', status=201))
    assert waivers(web).post(WAIVER) == 7
    assert web.requests == [POST, POST]


def test_a_server_that_is_not_there_has_stored_nothing() -> None:
    nobody = RestWaivers(LIMITS, "http://127.0.0.1:1", token=BEARER)
    with pytest.raises(ServiceUnavailableError, match="refused"):
        nobody.post(WAIVER)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"id": 1},
        {"comment": "another one"},
        {"scenario": None},
        {"waived": False},
        {"product_version": "fedora-42"},
        {"subject_identifier": "FEDORA-2025-0000000000"},
    ],
)
def test_only_a_waiver_that_says_the_same_is_found(web: Web, change: dict[str, object]) -> None:
    web.answers[GET] = page(STORED | change)
    same = change.keys() <= {"id"}
    assert waivers(web, token="").find(WAIVER) == ((STORED | change)["id"] if same else None)
    assert "subject_identifier=FEDORA-2025-1bd5f4a0c2" in web.requests[0]
    assert "testcase=update.podman_client" in web.requests[0]


def test_the_newest_of_several_is_found(web: Web) -> None:
    web.answers[GET] = page(STORED | {"id": 7}, STORED | {"id": 9}, STORED | {"id": 8})
    assert waivers(web).find(WAIVER) == 9


def pages(web: Web, *rows_of_pages: list[dict[str, Any]], following: str = "x") -> None:
    """Serve pages by their numbers; all but the last have a next one."""

    def answer(request: Request) -> None:
        query = parse_qs(request.path.partition("?")[2])
        number = int(query["page"][0])
        rows = rows_of_pages[min(number, len(rows_of_pages)) - 1]
        more = following if number < len(rows_of_pages) else None
        text(json.dumps({"data": rows, "next": more}))(request)

    web.answers[GET] = answer


def test_all_pages_are_read_from_the_configured_host(web: Web) -> None:
    other = STORED | {"comment": "another one"}
    pages(
        web,
        [other | {"id": 3}, other | {"id": 2}],
        [STORED | {"id": 1}],
        following="http://127.0.0.1:1/api/v1.0/waivers/?page=2",
    )
    assert waivers(web).find(WAIVER) == 1
    assert [parse_qs(path.partition("?")[2])["page"] for path in web.requests] == [["1"], ["2"]]


def test_a_page_that_repeats_itself_ends_with_an_error(web: Web) -> None:
    web.answers[GET] = text(json.dumps({"data": [STORED], "next": "x"}))
    with pytest.raises(ServiceUnavailableError, match="the page has nothing new"):
        waivers(web).find(WAIVER)
    assert len(web.requests) == 2


def test_more_pages_than_are_read_are_no_answer(web: Web) -> None:
    pages(web, *([STORED | {"id": number}] for number in range(MOST_PAGES + 1)))
    with pytest.raises(ServiceUnavailableError, match="more pages than are read"):
        waivers(web).find(WAIVER)
    assert len(web.requests) == MOST_PAGES


def test_a_waiver_of_all_scenarios_is_found(web: Web) -> None:
    web.answers[GET] = page(STORED | {"scenario": None})
    assert waivers(web).find(replace(WAIVER, scenario=None)) == 50124


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (html(), ServiceUnavailableError),
        (text("", status=404), ServiceUnavailableError),
        (text("", status=503), ServiceUnavailableError),
        (text("", status=403), RequestRefusedError),
    ],
)
def test_not_being_told_is_not_having_found_nothing(
    web: Web, answer: Answer, error: type[FedoraOpenQAError]
) -> None:
    web.answers[GET] = answer
    with pytest.raises(error):
        waivers(web).find(WAIVER)


def test_a_search_is_repeated(web: Web) -> None:
    web.answers[GET] = in_turn(drop, page(STORED))
    assert waivers(web).find(WAIVER) == 50124


def test_a_dry_run_reads_and_never_writes(web: Web) -> None:
    web.answers[GET] = page(STORED)
    dry = DryRunWaivers(waivers(web))
    assert dry.post(WAIVER) == 0
    assert web.requests == []
    assert dry.find(WAIVER) == 50124


@given(st.text(min_size=1))
def test_a_token_can_be_sent_or_is_refused_without_being_shown(token: str) -> None:
    if all(" " <= character <= "~" for character in token):
        RestWaivers(LIMITS, "http://127.0.0.1:1", token=token)
        return
    with pytest.raises(ConfigError) as failure:
        RestWaivers(LIMITS, "http://127.0.0.1:1", token=token)
    assert str(failure.value) == "WaiverDB's token has characters that no token has"


def test_a_waiver_says_who_gave_it_and_when(web: Web) -> None:
    web.answers[f"{GET}50124"] = text(json.dumps(STORED))
    found = waivers(web).given(50124)
    assert (found.by, found.comment) == ("qadev", "known flake")
    assert found.given == pytest.approx(1760979900.12, abs=0.01)
