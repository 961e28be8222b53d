import json
from typing import Any
from urllib.parse import parse_qs

import pytest

from fedora_openqa.errors import (
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.bodhi.lists import GATING, GATING_PAGES, BodhiGating
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.transport import Limits
from tests.support.limits import LIMITS, limits_for
from tests.support.web import Answer, Request, Web, hang, html, text

LISTS = "GET /updates/"
SINCE = 1_795_200_000.0


def row(number: int) -> dict[str, Any]:
    return {
        "alias": f"FEDORA-2026-{number:010x}",
        "builds": [{"nvr": "kernel-6.17.4-300.fc43"}],
        "content_type": "rpm",
        "critpath": True,
        "critpath_groups": "core",
        "release": {"name": "F43", "version": "43", "id_prefix": "FEDORA"},
    }


def lists(web: Web, by_gating: dict[str, list[list[object]]]) -> None:
    """Answer each gating status with its pages."""

    def answer(request: Request) -> None:
        query = parse_qs(request.path.partition("?")[2])
        pages = by_gating.get(query["gating"][0], [[]])
        rows = pages[int(query["page"][0]) - 1]
        text(json.dumps({"updates": rows, "pages": len(pages)}))(request)

    web.answers[LISTS] = answer


def waiting(web: Web, limits: Limits = LIMITS) -> list[str]:
    found = BodhiGating(Reader(limits), f"{web.url}/").waiting(since=SINCE)
    return [update.alias for update in found]


def test_updates_of_every_gating_status_that_waits_are_listed_page_by_page(web: Web) -> None:
    lists(web, {"waiting": [[row(1), row(2)], [row(3)]], "failed": [[row(4)]]})
    assert waiting(web) == [row(number)["alias"] for number in (1, 2, 3, 4)]
    assert len(web.requests) == len(GATING) + 1
    query = parse_qs(web.requests[0].partition("?")[2])
    assert query["status"] == ["pending", "testing"]
    assert query["submitted_since"] == ["2026-11-20T18:40:00"]


def test_an_update_that_changes_meanwhile_is_listed_once(web: Web) -> None:
    lists(web, {"waiting": [[row(1)]], "failed": [[row(1)]]})
    assert waiting(web) == [row(1)["alias"]]


def test_a_row_nobody_understands_is_left_out_with_a_warning(
    web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    lists(web, {"waiting": [[{"alias": 7}, row(1)]]})
    assert waiting(web) == [row(1)["alias"]]
    assert "skipped an update" in caplog.text


def test_a_list_ends_where_nothing_is_on_a_page_however_many_there_should_be(web: Web) -> None:
    web.answers[LISTS] = text('{"updates": [], "pages": 9}')
    assert waiting(web) == []
    assert len(web.requests) == len(GATING)


def test_more_pages_than_are_read_are_no_answer(web: Web) -> None:
    lists(web, {"waiting": [[row(number)] for number in range(GATING_PAGES + 1)]})
    with pytest.raises(ServiceUnavailableError, match=r"gating=waiting.*more pages"):
        waiting(web)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (html(), ServiceUnavailableError),
        (text("", status=404), ServiceUnavailableError),
        (text("{}"), ServiceUnavailableError),
        (hang, ServiceUnavailableError),
        (text("", status=400), RequestRefusedError),
    ],
)
def test_not_being_told_is_not_a_list(
    web: Web, answer: Answer, error: type[FedoraOpenQAError]
) -> None:
    web.answers[LISTS] = answer
    with pytest.raises(error):
        waiting(web, limits_for(answer))


NVR = "kernel-6.17.4-300.fc43"


def test_the_newest_update_with_a_build_is_found(web: Web) -> None:
    web.answers[LISTS] = text(json.dumps({"updates": [row(2), row(1)], "pages": 1}))
    found = BodhiGating(Reader(LIMITS), web.url).with_build(NVR)
    assert found is not None
    assert found.alias == row(2)["alias"]
    query = parse_qs(web.requests[0].partition("?")[2])
    assert query["builds"] == [NVR]


def test_updates_without_the_build_are_not_taken_for_it(web: Web) -> None:
    web.answers[LISTS] = text(json.dumps({"updates": [row(1)], "pages": 1}))
    assert BodhiGating(Reader(LIMITS), web.url).with_build("kernel-6.17.5-300.fc43") is None
