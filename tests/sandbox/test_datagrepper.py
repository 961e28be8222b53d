import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from aiohttp import web

from fedora_openqa.sandbox.datagrepper import add_datagrepper
from tests.sandbox.serving import serving

MESSAGES = [{"topic": f"org.x.prod.{n % 2}", "body": {"number": n}, "id": str(n)} for n in range(5)]


def search(query: str, messages: list[dict[str, Any]] = MESSAGES) -> dict[str, Any]:
    app = web.Application()
    add_datagrepper(app, messages)
    with serving(app) as url:
        with urlopen(f"{url}/datagrepper/v2/search{query}", timeout=10) as answer:  # noqa: S310 - ours
            found: dict[str, Any] = json.load(answer)
        return found


def test_without_messages_a_search_finds_nothing() -> None:
    assert search("", []) | {"arguments": {}} == {
        "raw_messages": [],
        "total": 0,
        "pages": 0,
        "count": 0,
        "arguments": {},
    }


@pytest.mark.parametrize(
    ("query", "numbers", "pages"),
    [
        ("", [0, 1, 2, 3, 4], 1),
        ("?topic=org.x.prod.1", [1, 3], 1),
        ("?topic=org.x.prod.1&topic=org.x.prod.0&rows_per_page=2&page=3", [4], 3),
        ("?topic=other", [], 0),
    ],
)
def test_messages_are_found_by_topic_and_come_in_pages(
    query: str, numbers: list[int], pages: int
) -> None:
    found = search(query)
    assert [row["body"]["number"] for row in found["raw_messages"]] == numbers
    assert (found["pages"], found["count"]) == (pages, len(numbers))


@pytest.mark.parametrize("query", ["?page=x", "?page=0", "?rows_per_page=0"])
def test_a_page_that_is_none_is_refused(query: str) -> None:
    with pytest.raises(HTTPError, match="400"):
        search(query)
