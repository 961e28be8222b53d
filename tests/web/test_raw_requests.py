"""Requests that no browser sends, as bytes: each gets a clean answer, and none is a fault."""

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product

import pytest

from fedora_openqa.store.engine import open_engine
from fedora_openqa.web.app import HEADERS
from fedora_openqa.web.server import open_server
from tests.services.postgresql import PostgreSQL
from tests.support.pages import Pages, check_page
from tests.support.raw_http import RawServer, read_answer
from tests.web.filled import fill

#: clients at once that send or read a little and then nothing
SLOW_CLIENTS = 300

#: what a path or a parameter may have in it, percent-encoded: NUL, bytes that are no UTF-8, half a
#: character, line ends, numbers beyond all, a slash, climbing, another host
ODD = (
    "%00",
    "a%00b",
    "%ff%fe",
    "%ED%A0%80",
    "%0d%0aSet-Cookie:%20a=b",
    "9" * 30,
    "-1",
    "%D9%A1",
    "%2f",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e/%2e%2e/etc/passwd",
    "%2f%2fevil.example.org",
    "%5cevil.example.org",
    "%E2%80%AE",
    "%25%32%66",
    "%",
    "%zz",
    "x" * 4000,
)

#: targets beyond the rules of the application
TARGETS = (
    b"//",
    b"//evil.example.org/",
    b"///parked",
    b"/parked/",
    b"/parked//",
    b"/b//evil.example.org",
    b"/../etc/passwd",
    b"/static/../app.py",
    b"/static/%2e%2e/app.py",
    b"/%2e%2e%2f",
    b"/\x00",
    b"/subjects/\xff\xfe",
    b"*",
    b"?",
    b"http://evil.example.org/parked",
    b"evil.example.org:80",
    b"/search?" + b"&".join(b"a%d=1" % number for number in range(2000)),
    b"/search?q=" + b"%00" * 2000,
    b"/" + b"a/" * 3000,
    b"/parked?" + b"&" * 5000,
    b"/parked?page=1;page=2",
    b"/parked#fragment",
)


#: the status of what the server does not read to its end, and whose answer is lost with it
CLOSED = 0


@contextmanager
def serving(pages: Pages) -> Iterator[RawServer]:
    server = open_server(pages.app, host="127.0.0.1", port=0, threads=4)
    stopped = threading.Event()
    thread = threading.Thread(target=server.run, args=(stopped,))
    thread.start()
    try:
        yield RawServer(server.server.effective_port)
    finally:
        stopped.set()
        thread.join()


@pytest.fixture
def server(pages: Pages) -> Iterator[RawServer]:
    with serving(pages) as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.service)])
def any_pages(request: pytest.FixtureRequest) -> Iterator[Pages]:
    """Open the pages on each kind of database: what is text for one is none for the other."""
    if request.param == "sqlite":
        yield request.getfixturevalue("pages")
        return
    postgresql: PostgreSQL = request.getfixturevalue("real_postgresql")
    engine = open_engine(postgresql.create())
    fill(engine)
    yield Pages(engine)
    engine.dispose()


@pytest.fixture(autouse=True)
def _no_fault(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail for whatever is logged as an error."""
    yield
    faults = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert not faults, faults


def odd_urls(pages: Pages) -> Iterator[str]:
    """Yield URLs with odd text in each place of a path, and in each parameter."""
    for rule in pages.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()):
            continue
        for odd in ODD if rule.arguments else ("",):
            path = rule.rule
            for name in rule.arguments:
                converter = next(
                    one for one in (f"<{name}>", f"<path:{name}>", f"<int:{name}>") if one in path
                )
                path = path.replace(converter, odd)
            yield path
        known = getattr(pages.app.view_functions[rule.endpoint], "query", None)
        if known and not rule.arguments:
            for name, odd in product(known.__struct_fields__, ODD):
                yield f"{rule.rule}?{name}={odd}"


def test_odd_text_in_a_url_is_answered_and_is_no_fault(any_pages: Pages) -> None:
    with serving(any_pages) as server:
        for url in odd_urls(any_pages):
            answer = server.ask(url.encode())
            assert answer.status in {200, 302, 400, 404}, f"{url[:200]}: {answer.status}"
            assert answer.all("set-cookie") == [], url[:200]
            for location in answer.all("location"):
                assert re.match(r"/(?![/\\])", location), url[:200]
            if answer.all("content-type") == ["text/html; charset=utf-8"]:
                check_page(url[:200], answer.body.decode())


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: repr(target[:40]))
def test_a_target_that_is_no_page_of_ours_leads_nowhere_else(
    server: RawServer, target: bytes
) -> None:
    answer = server.ask(target)
    assert answer.status in {200, 308, 400, 404}
    assert b"root:" not in answer.body
    assert "evil" not in "".join(answer.all("location"))


@pytest.mark.parametrize("url", [b"/parked", b"/api/v1/parked", b"/static/nothing", b"/nothing"])
def test_head_says_what_get_says_and_no_more(server: RawServer, url: bytes) -> None:
    get, head = server.ask(url), server.ask(url, method=b"HEAD")
    assert head.status == get.status
    assert head.body == b""
    for name in ("content-type", "content-length", "etag", *map(str.lower, HEADERS)):
        assert head.all(name) == get.all(name), name


@pytest.mark.parametrize("method", [b"PUT", b"PATCH", b"DELETE", b"TRACE", b"CONNECT", b"FOO"])
def test_another_method_is_refused_and_echoes_nothing(server: RawServer, method: bytes) -> None:
    answer = server.ask(b"/parked", method=method, headers=(b"X-Secret: hunter2",))
    assert answer.status == 405
    assert set(answer.all("allow")[0].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert b"hunter2" not in answer.body


@pytest.mark.parametrize(
    "header",
    [
        b"Range: bytes=0-10",
        b"Range: bytes=99999999-",
        b"Range: bytes=" + b"0-0," * 2000 + b"1-1",
        b"If-Range: x",
        b"If-Modified-Since: nonsense",
        b'If-None-Match: "\xff\x80,,W/"',
        b"Cookie: session=\xff\xfe; =; ;;;a",
        b"Cookie: " + b"a=b; " * 5000,
        b"Authorization: Bearer \xff",
        b"Authorization: Digest ,,=",
        b"Accept: \x80;q=zz",
        b"Content-Type: multipart/form-data; boundary=",
        b"X-Forwarded-Host: evil.example.org",
        b"X-Forwarded-Proto: javascript",
        b"Forwarded: host=evil.example.org",
        b"X-Original-URL: /act/drop",
        b"Expect: something",
        b"Referer: \x00",
        b"Upgrade: h2c",
        b"X: folded\r\n over lines",
        b"Host: second.example.org",
        b"Content-Length: 5\r\nX: y",
    ],
    ids=lambda header: repr(header[:40]),
)
@pytest.mark.parametrize("url", [b"/parked", b"/api/v1/parked"])
def test_an_odd_header_changes_no_page(server: RawServer, url: bytes, header: bytes) -> None:
    plain = server.ask(url)
    answer = server.ask(url, headers=(header,), body=b"hello" if b"Length" in header else b"")
    assert answer.status in {200, 400}
    assert answer.body == plain.body or answer.status == 400


@pytest.mark.parametrize("match", [b"*", b'"x", %s', b"W/%s", b"%s"])
def test_what_a_client_has_already_is_not_sent_again(server: RawServer, match: bytes) -> None:
    tag = server.ask(b"/api/v1/parked").all("etag")[0].encode()
    match = match.replace(b"%s", tag)
    again = server.ask(b"/api/v1/parked", headers=(b"If-None-Match: " + match,))
    assert (again.status, again.body) == (304, b"")
    assert again.all("etag") == [tag.decode()]


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (b"GET /parked HTTP/1.1\r\nX: " + b"y" * 300_000 + b"\r\n\r\n", {431, CLOSED}),
        (b"GET /" + b"y" * 300_000 + b" HTTP/1.1\r\n\r\n", {400, 414, 431, CLOSED}),
        (b"GET /parked HTTP/1.1\r\nX Y: z\r\n\r\n", {400}),
        (b"GET /parked HTTP/1.1\r\nX: a\x00b\r\nConnection: close\r\n\r\n", {200, 400}),
        (b"get /parked HTTP/1.1\r\n\r\n", {400}),
        (b"G\x00T /parked HTTP/1.1\r\n\r\n", {400}),
        (b"GET  /parked  HTTP/1.1\r\n\r\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", {400}),
        (b"POST /login HTTP/1.1\r\nContent-Length: -4\r\n\r\n", {400}),
        (b"POST /login HTTP/1.1\r\nContent-Length: 0x5\r\n\r\nhello", {400}),
        (b"POST /login HTTP/1.1\r\nContent-Length: 4, 5\r\n\r\nhello", {400}),
        (
            b"POST /login HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000,
            {413, CLOSED},
        ),
        (b"POST /login HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", {400, 501}),
        (b"POST /login HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
    ],
    ids=lambda given: repr(given[:60]) if isinstance(given, bytes) else "",
)
def test_what_is_no_request_is_refused(
    server: RawServer, request_bytes: bytes, statuses: set[int]
) -> None:
    assert server.send(request_bytes).status in statuses
    assert server.ask(b"/parked").status == 200


def test_a_body_does_not_become_a_second_request(server: RawServer) -> None:
    """Smuggling: a proxy believes one length of a body, and the server another one."""
    hidden = b"GET /hidden HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    for lengths in (
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        b"Content-Length: 5\r\nContent-Length: %d" % (len(hidden) + 5),
    ):
        head = b"POST /parked HTTP/1.1\r\nHost: x\r\n" + lengths + b"\r\n\r\n"
        answer = server.send(head + b"0\r\n\r\n" + hidden)
        assert answer.status in {400, 405, 501}
        assert b"HTTP/1." not in answer.body, lengths


def test_clients_that_send_or_read_slowly_stop_no_other(server: RawServer) -> None:
    begun = (
        b"GET /parked HTTP/1.1\r\nHost: x\r\nX: y",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\ncsrf=",
        b"POST /login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe",
        b"",
        # asks, and does not read the answers
        b"GET /parked HTTP/1.1\r\nHost: x\r\n\r\n" * 3,
    )
    with ExitStack() as stack:
        slow = [stack.enter_context(server.open()) for _ in range(SLOW_CLIENTS)]
        for number, connection in enumerate(slow):
            connection.sendall(begun[number % len(begun)])
        for byte in (b"a", b"b"):
            for number, connection in enumerate(slow):
                if number % len(begun) < 2:
                    connection.sendall(byte)
            for url in (b"/parked", b"/api/v1/parked", b"/feeds/parked.atom"):
                assert server.ask(url).status == 200
        # who comes to an end gets an answer
        slow[0].sendall(b"\r\nConnection: close\r\n\r\n")
        assert read_answer(slow[0]).status == 200


def test_clients_that_go_in_the_middle_leave_nothing_behind(server: RawServer) -> None:
    for _ in range(SLOW_CLIENTS):
        with server.open() as connection:
            connection.sendall(b"GET /parked HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    assert server.ask(b"/parked").status == 200
