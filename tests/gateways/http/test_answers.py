"""Answers that are not in the format of the service, to reads and to writes."""

import gzip
from dataclasses import replace

import msgspec
import pytest

from fedora_openqa.errors import AmbiguousWriteError, ServiceUnavailableError
from fedora_openqa.gateways.http.answers import decode_answer, understood
from fedora_openqa.gateways.http.client import Poster, Reader, read_json, require_json
from tests.support.limits import LIMITS
from tests.support.web import Answer, Web, html, text


class Thing(msgspec.Struct):
    id: int
    name: str = ""


GZIP = {"Content-Encoding": "gzip"}
WHOLE = b'{"id": 1, "name": "' + b"x" * 100_000 + b'"}'

UNREADABLE = {
    "a page of a proxy": html(),
    "nothing": text(""),
    "cut JSON": text('{"id": 1'),
    "another shape": text('{"id": "1"}'),
    "a list": text("[]"),
    "100,000 nested brackets": text("[" * 100_000 + "]" * 100_000),
    "nested brackets in a field": text('{"id": 1, "other": ' + "[" * 100_000 + "]" * 100_000 + "}"),
    "a number of 5,000 digits": text('{"id": ' + "9" * 5_000 + "}"),
    "half a surrogate": text('{"id": 1, "name": "\\ud800"}'),
    "half a surrogate in bytes": text(b'{"id": 1, "name": "\xed\xa0\x80"}'),
    "not UTF-8": text(b'{"id": 1, "name": "\xff"}'),
    "UTF-16": text('{"id": 1}'.encode("utf-16")),
    "cut gzip": text(gzip.compress(WHOLE)[:-20], headers=GZIP),
    "gzip that is none": text(b"hello", headers=GZIP),
}
every_unreadable = pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)


@every_unreadable
def test_a_read_that_is_answered_unreadably_is_unavailable(web: Web, answer: Answer) -> None:
    web.answers["GET /thing"] = answer
    for read in (read_json, require_json):
        with pytest.raises(ServiceUnavailableError, match=f"^GET {web.url}/thing: .") as failure:
            read(Reader(replace(LIMITS, attempts=1)), f"{web.url}/thing", Thing)
        assert len(str(failure.value)) < 400


@every_unreadable
def test_a_write_that_is_answered_unreadably_is_ambiguous(web: Web, answer: Answer) -> None:
    web.answers["POST /thing"] = answer
    with pytest.raises(AmbiguousWriteError, match=f"^POST {web.url}/thing: .") as failure:
        Poster(LIMITS).post(f"{web.url}/thing", {}).decode(Thing)
    assert len(str(failure.value)) < 400


def test_an_answer_of_the_shape_is_returned(web: Web) -> None:
    web.answers["GET /thing"] = web.answers["POST /thing"] = text('{"id": 1, "more": [2]}')
    assert read_json(Reader(LIMITS), f"{web.url}/thing", Thing) == Thing(1)
    assert Poster(LIMITS).post(f"{web.url}/thing", {}).decode(Thing) == Thing(1)
    assert read_json(Reader(LIMITS), f"{web.url}/other", Thing) is None


@pytest.mark.parametrize("content", ["[" * 100_000, b"\xff", '"\\ud800"', "9" * 5_000])
def test_an_answer_that_a_library_has_read_is_checked_too(content: str | bytes) -> None:
    with pytest.raises(ServiceUnavailableError):
        decode_answer(content, Thing, method="GET", url="http://x")
    with pytest.raises(AmbiguousWriteError):
        decode_answer(content, Thing, method="POST", url="http://x")


@pytest.mark.parametrize("error", [RecursionError("deep"), ValueError("4300 digits")])
def test_what_the_parser_of_a_library_raises_is_translated(error: Exception) -> None:
    with (
        pytest.raises(ServiceUnavailableError, match=r"^GET http://x: .*(deep|4300)"),
        understood("GET", "http://x"),
    ):
        raise error
