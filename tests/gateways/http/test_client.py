import socket

import pytest
import requests

from fedora_openqa.errors import RequestRefusedError, ServiceUnavailableError
from fedora_openqa.gateways.http.answers import unanswered
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.texts import first_line
from tests.support.limits import LIMITS, limits_for
from tests.support.waiting import wait_for
from tests.support.web import Answer, Web, drop, endless, hang, in_turn, text, truncated


def read(web: Web, answer: Answer) -> bytes | None:
    web.answers["GET /file"] = answer
    return Reader(limits_for(answer)).fetch(f"{web.url}/file")


def test_a_file_is_read(web: Web) -> None:
    assert read(web, text("hello")) == b"hello"


def test_an_empty_file_is_no_missing_one(web: Web) -> None:
    assert read(web, text("")) == b""


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_file_is_an_answer(web: Web, status: int) -> None:
    assert read(web, text("gone", status=status)) is None
    assert len(web.requests) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (text("oops", status=500), "500 oops"),
        (text("later", status=429), "429 later"),
        (drop, "closed connection without response"),
        (truncated("hello"), "IncompleteRead"),
        (hang, "no answer in time"),
        (endless, "more than 1000000 bytes"),
    ],
    ids=["500", "429", "drop", "truncated", "hang", "endless"],
)
def test_a_read_that_fails_is_repeated_and_ends(web: Web, answer: Answer, reason: str) -> None:
    with pytest.raises(ServiceUnavailableError, match=reason) as failure:
        read(web, answer)
    assert f"GET {web.url}/file" in str(failure.value)
    # the server may take up a request after its client has left
    wait_for(lambda: len(web.requests) >= LIMITS.attempts)
    assert len(web.requests) == LIMITS.attempts


def test_a_read_that_fails_once_succeeds(web: Web) -> None:
    assert read(web, in_turn(drop, text("hello"))) == b"hello"


def test_a_refusal_is_not_repeated(web: Web) -> None:
    with pytest.raises(RequestRefusedError, match="403 no"):
        read(web, text("no", status=403))
    assert len(web.requests) == 1


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(ServiceUnavailableError, match="Connection refused"):
        Reader(LIMITS).fetch(f"http://127.0.0.1:{port}/")


def test_redirects_in_a_circle_end(web: Web) -> None:
    with pytest.raises(ServiceUnavailableError, match=r"redirected to .*more than 5 times"):
        read(web, text("", status=302, headers={"Location": f"{web.url}/file"}))


def test_compressed_answers_are_read(web: Web) -> None:
    import gzip  # noqa: PLC0415 - for this test only

    body = gzip.compress(b"hello " * 1000)
    assert read(web, text(body, headers={"Content-Encoding": "gzip"})) == b"hello " * 1000


def test_a_write_that_may_have_arrived_is_ambiguous() -> None:
    lost = requests.ConnectionError("reset")
    assert type(unanswered("POST", "http://x", lost)).__name__ == "AmbiguousWriteError"
    assert isinstance(unanswered("GET", "http://x", lost), ServiceUnavailableError)
    never_sent = requests.ConnectTimeout("slow")
    assert isinstance(unanswered("POST", "http://x", never_sent), ServiceUnavailableError)


def test_a_whole_page_becomes_one_line() -> None:
    assert first_line(" a\n\n b\t c ") == "a b c"
    assert len(first_line("word " * 1000)) <= 201
