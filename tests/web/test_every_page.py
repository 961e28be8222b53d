"""What holds for every page that can be reached: crawled to the end on a filled store."""

import sqlite3
from pathlib import Path

import pytest

from tests.support.pages import MOST_BYTES, MOST_STATEMENTS, Pages, check_page
from tests.web.crawling import crawl
from tests.web.filled import COMPOSE


def dump(engine_url: str) -> list[str]:
    connection = sqlite3.connect(engine_url.removeprefix("sqlite:///"))
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_every_page_is_there_small_cheap_safe_and_changes_nothing(pages: Pages) -> None:
    before = dump(str(pages.engine.url))
    visited = set()
    for url, answer, statements in crawl(pages):
        assert answer.status_code in {200, 302, 308}, f"{url}: {answer.status}"
        assert len(statements) <= MOST_STATEMENTS, f"{url}: {statements}"
        assert len(answer.data) <= MOST_BYTES, f"{url}: {len(answer.data)} bytes"
        with pages.app.test_request_context(url) as context:
            rule = context.request.url_rule
        assert rule, url
        visited.add(rule.rule)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            check_page(url, answer.text)
    rules = {rule.rule for rule in pages.app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert {rule for rule in rules - visited if not rule.startswith("/api/")} == set()
    assert dump(str(pages.engine.url)) == before


def test_every_page_of_an_empty_store_is_there(no_pages: Pages) -> None:
    for url, answer, _ in crawl(no_pages):
        unknown = {404} if url.startswith("/j/") else set()
        assert answer.status_code in {200, 302, 308} | unknown, f"{url}: {answer.status}"


@pytest.mark.parametrize("url", ["/", "/nothing", "/parked?page=0", "/search?q=7"])
def test_every_answer_has_headers_that_let_nothing_run(pages: Pages, url: str) -> None:
    headers = pages.client.get(url).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self';")
    assert "form-action 'self'; frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Set-Cookie" not in headers


def test_every_page_refuses_a_parameter_that_it_does_not_know(pages: Pages) -> None:
    for rule in pages.app.url_map.iter_rules():
        if rule.arguments or rule.rule.startswith("/static/"):
            continue
        if "GET" in (rule.methods or ()):
            assert pages.client.get(f"{rule.rule}?pages=2").status_code == 400, rule.rule


@pytest.mark.parametrize(
    ("url", "status", "text"),
    [
        ("/nothing", 404, "404 Not Found"),
        ("/parked?page=21", 400, "page"),
        ("/parked?page=x", 400, "page"),
        ("/parked?page=1&page=2", 400, "given more than once"),
        ("/parked?<script>=1", 400, "unknown parameter '<script>'; these are known: page"),
        ("/search?x=1", 400, "these are known: q"),
    ],
)
def test_what_is_wrong_is_said_on_a_page(pages: Pages, url: str, status: int, text: str) -> None:
    page = pages.html(url, status)
    assert text in page.text
    check_page(url, pages.ask(url, status).text)


def test_programs_get_errors_as_problem_details(pages: Pages) -> None:
    answer = pages.ask("/api/v1/nothing", 404)
    assert answer.mimetype == "application/problem+json"
    assert answer.json
    assert answer.json["status"] == 404
    assert answer.json["title"] == "Not Found"


def test_a_get_is_all_that_pages_take(pages: Pages) -> None:
    assert pages.client.post("/parked").status_code == 405
    assert pages.client.head("/parked").status_code == 200


def test_a_store_that_does_not_answer_is_said(pages: Pages, tmp_path: Path) -> None:
    (tmp_path / "store.db").unlink()
    answer = pages.ask("/parked", 503)
    assert "The store does not answer" in answer.text
    assert answer.headers["Retry-After"] == "60"
    assert "sqlite" not in answer.text
    check_page("/parked", answer.text)


def test_the_stylesheet_is_kept_and_compared(pages: Pages) -> None:
    (style,) = [one["href"] for one in pages.html("/").all("link") if one["rel"] == "stylesheet"]
    answer = pages.ask(style)
    assert answer.mimetype == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    again = pages.client.get(style, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_banner_says_what_is_out_of_the_ordinary(pages: Pages) -> None:
    text = pages.html("/").text
    assert "Warning: 122 parked" in text
    assert "Paused: update:43 by" in text
    assert "Warning: no process works on lane" not in text


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        (COMPOSE, f"/subjects/compose%3A{COMPOSE}"),
        ("https://bodhi.fedoraproject.org/updates/FEDORA-2026-1bd5f4a0c2", "/subjects/update%3A"),
        ("Update-FEDORA-2026-1bd5f4a0c2", "/subjects/update%3AFEDORA-2026-1bd5f4a0c2"),
        ("3912345", "/j/3912345"),
        ("https://openqa.fedoraproject.org/tests/3912345#step/x", "/j/3912345"),
        ("https://openqa.fedoraproject.org/t3912345", "/j/3912345"),
    ],
)
def test_the_search_box_leads_to_the_page(pages: Pages, typed: str, target: str) -> None:
    answer = pages.client.get("/search", query_string={"q": f" {typed} "})
    assert answer.status_code == 302
    assert answer.location.startswith(target)
