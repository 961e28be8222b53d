"""Files that have not changed are not sent again."""

from pathlib import Path

import pytest
import requests
from aiohttp import web as aiohttp_web
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.copies import Copies
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from tests.support.limits import LIMITS
from tests.support.web import Answer, Request, Web, drop, text

ETAG = {"ETag": 'W/"one"'}
DATE = "Fri, 20 Nov 2026 12:00:00 GMT"


def unchanged(name: str, value: str, answer: Answer) -> Answer:
    """Answer 304 to a request with a header, and as given to any other."""

    def reply(request: Request) -> None:
        if request.headers.get(name) == value:
            text("", status=304)(request)
        else:
            answer(request)

    return reply


def reader(most_bytes: int = 1000) -> Reader:
    return Reader(LIMITS, copies=Copies(most_bytes=most_bytes))


@pytest.mark.parametrize(
    ("answered", "asked", "value"),
    [("ETag", "If-None-Match", 'W/"one"'), ("Last-Modified", "If-Modified-Since", DATE)],
)
def test_a_file_that_has_not_changed_is_taken_from_its_copy(
    web: Web, answered: str, asked: str, value: str
) -> None:
    whole = text("content", headers={answered: value})
    web.answers["GET /file"] = unchanged(asked, value, whole)
    found = reader()
    url = f"{web.url}/file"
    assert [found.fetch(url) for _ in range(3)] == [b"content"] * 3
    web.answers["GET /file"] = text("other")
    assert found.fetch(url) == b"other"
    web.answers["GET /file"] = unchanged(asked, value, text("third"))
    assert found.fetch(url) == b"third", "the last answer had no validator"


def test_304_without_a_copy_is_no_answer(web: Web) -> None:
    web.answers["GET /file"] = text("", status=304)
    with pytest.raises(ServiceUnavailableError, match="304"):
        reader().fetch(f"{web.url}/file")


def test_without_copies_nothing_is_asked_conditionally(web: Web) -> None:
    web.answers["GET /file"] = unchanged(
        "If-None-Match", ETAG["ETag"], text("content", headers=ETAG)
    )
    found = Reader(LIMITS)
    assert [found.fetch(f"{web.url}/file") for _ in range(2)] == [b"content"] * 2
    web.answers["GET /file"] = text("", status=304)
    with pytest.raises(ServiceUnavailableError):
        found.fetch(f"{web.url}/file")


def test_a_failure_or_a_missing_file_is_not_hidden_by_a_copy(web: Web) -> None:
    web.answers["GET /file"] = text("content", headers=ETAG)
    found = reader()
    assert found.fetch(f"{web.url}/file") == b"content"
    web.answers["GET /file"] = text("gone", status=404)
    assert found.fetch(f"{web.url}/file") is None
    web.answers["GET /file"] = drop
    with pytest.raises(ServiceUnavailableError):
        found.fetch(f"{web.url}/file")


def test_the_copy_of_a_file_behind_a_redirect_is_used(web: Web) -> None:
    web.answers["GET /old"] = text("", status=302, headers={"Location": f"{web.url}/new"})
    web.answers["GET /new"] = unchanged(
        "If-None-Match", ETAG["ETag"], text("content", headers=ETAG)
    )
    found = reader()
    assert [found.fetch(f"{web.url}/old") for _ in range(2)] == [b"content"] * 2


def test_copies_have_a_bound_and_the_least_used_are_dropped() -> None:
    copies = Copies(most_bytes=10)
    copies.keep("a", b"12345", ETAG)
    copies.keep("b", b"12345", ETAG)
    assert copies.find("a")
    copies.keep("c", b"1", ETAG)
    assert [bool(copies.find(url)) for url in "abc"] == [True, False, True]
    copies.keep("a", b"12345678901", ETAG)
    assert [bool(copies.find(url)) for url in "abc"] == [False, False, False]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.binary(max_size=8), st.booleans())))
def test_a_copy_is_what_was_kept_last(kept: list[tuple[str, bytes, bool]]) -> None:
    copies = Copies(most_bytes=12)
    last: dict[str, bytes | None] = {}
    for url, content, has_validator in kept:
        copies.keep(url, content, ETAG if has_validator else {})
        last[url] = content if has_validator else None
    found = {url: copies.find(url) for url in "abc"}
    assert all(copy is None or copy.content == last[url] for url, copy in found.items())
    assert sum(len(copy.content) for copy in found.values() if copy) <= 12


def test_files_of_the_sandbox_are_read_whole_however_often_they_change(tmp_path: Path) -> None:
    def add(app: aiohttp_web.Application) -> None:
        app.router.add_static("/files/", tmp_path)

    contents = ["one", "two", "three", "", "five"]
    found = reader()
    with Sandbox(SandboxOptions(extra=(add,))) as sandbox:
        for content in contents:
            (tmp_path / "file").write_text(content)
            url = f"{sandbox.url}/files/file"
            assert [found.fetch(url) for _ in range(2)] == [content.encode()] * 2
        validator = requests.get(url, timeout=10).headers["ETag"]
        again = requests.get(url, headers={"If-None-Match": validator}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")
