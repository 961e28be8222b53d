"""Limits of a session: time, size, and no passwords that were not configured."""

import contextlib
import gc
import gzip
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import requests

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
    TemporaryError,
)
from fedora_openqa.gateways.http.answers import refused, repeated, unanswered, unreadable
from fedora_openqa.gateways.http.client import Poster, Reader, limit_session
from fedora_openqa.gateways.http.connections import Network, SocketAddress, connect
from fedora_openqa.gateways.http.transport import MOST_OF_A_REFUSAL
from tests.support.limits import LIMITS, limits_with
from tests.support.web import (
    Answer,
    Request,
    Web,
    endless,
    endless_headers,
    hang,
    in_turn,
    text,
    trickle,
    trickled_chunks,
    trickled_continue,
    trickled_header,
    trickled_status,
)

#: seconds after which something hangs; the limits of these tests are far below, even twice
HANGS = 60

#: a peer may give a sign of life all the time, but must be done in a second
PATIENT = limits_with(connect_timeout=HANGS, read_timeout=HANGS, total_timeout=1, attempts=1)
#: a write is only ambiguous once there is a connection, which a slow machine makes within these
WRITES = replace(PATIENT, total_timeout=3)

SLOW = {
    "no answer": hang,
    "a status line a byte at a time": trickled_status,
    "headers a byte at a time": trickled_header,
    "100 Continue as fast as can be": endless_headers,
    "100 Continue now and then": trickled_continue,
    "a body a byte at a time": trickle,
    "chunks of a byte": trickled_chunks,
    "an endless body": endless,
}
every_slow = pytest.mark.parametrize("answer", SLOW.values(), ids=SLOW)


@every_slow
def test_no_read_outlasts_its_total_time(web: Web, answer: Answer) -> None:
    web.answers["GET /file"] = answer
    began = time.monotonic()
    with pytest.raises(ServiceUnavailableError):
        Reader(PATIENT).fetch(f"{web.url}/file")
    assert time.monotonic() - began < HANGS / 2


@every_slow
def test_no_write_outlasts_its_total_time(web: Web, answer: Answer) -> None:
    web.answers["POST /thing"] = answer
    began = time.monotonic()
    with pytest.raises(AmbiguousWriteError):
        Poster(WRITES).post(f"{web.url}/thing", {})
    assert time.monotonic() - began < HANGS / 2


def test_redirects_share_one_total_time(web: Web) -> None:
    def slow_redirect(request: Request) -> None:
        request.server.closing.wait(0.4)
        text("", status=302, headers={"Location": f"{web.url}/file"})(request)

    web.answers["GET /file"] = slow_redirect
    with pytest.raises(ServiceUnavailableError, match="in time"):
        Reader(PATIENT).fetch(f"{web.url}/file")
    assert len(web.requests) <= 3


@contextlib.contextmanager
def peer_that_does_not_read() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_peer_that_does_not_read_is_left() -> None:
    with peer_that_does_not_read() as url:
        began = time.monotonic()
        with pytest.raises(AmbiguousWriteError):
            Poster(WRITES).post(url, {"text": "x" * 50_000_000})
        assert time.monotonic() - began < HANGS / 2


def test_a_peer_that_reads_a_little_at_a_time_is_left() -> None:
    over = threading.Event()

    def sip(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            while not over.wait(0.01) and connection.recv(4096):
                pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=sip, args=(listening,))
        thread.start()
        try:
            began = time.monotonic()
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with pytest.raises(AmbiguousWriteError):
                Poster(WRITES).post(url, {"text": "x" * 50_000_000})
            assert time.monotonic() - began < HANGS / 2
        finally:
            over.set()
            thread.join()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_name_with_many_silent_addresses_is_left(method: str) -> None:
    asked: list[float] = []

    def silent(_family: int, _address: SocketAddress, timeout: float) -> socket.socket:
        asked.append(timeout)
        time.sleep(min(timeout, 0.2))
        raise TimeoutError

    network = Network(
        resolve=lambda _host, port: [(socket.AF_INET, (f"10.0.0.{n}", port)) for n in range(100)],
        connect=silent,
    )
    session = requests.Session()
    limit_session(session, PATIENT, network=network)
    began = time.monotonic()
    with pytest.raises(requests.RequestException) as failure:
        session.request(method, "http://silent.example/")
    assert time.monotonic() - began < HANGS / 2
    assert len(asked) <= 5
    # nothing was sent
    assert isinstance(unanswered(method, "http://x", failure.value), ServiceUnavailableError)


@pytest.mark.parametrize("record", [b"", b"\x16\x03\x03\x40\x00" + b"\x02" * 1000])
def test_a_peer_that_does_not_finish_its_tls_handshake_is_left(record: bytes) -> None:
    over = threading.Event()

    def trickle_tls(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            for number in range(len(record)):
                connection.send(record[number : number + 1])
                if over.wait(0.02):
                    break
            over.wait()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle_tls, args=(listening,))
        thread.start()
        try:
            began = time.monotonic()
            with pytest.raises(ServiceUnavailableError):
                Reader(PATIENT).fetch(f"https://127.0.0.1:{listening.getsockname()[1]}/")
            assert time.monotonic() - began < HANGS / 2
        finally:
            over.set()
            thread.join()


BOMB = gzip.compress(b"[" * 50_000_000)
GZIP = {"Content-Encoding": "gzip"}
#: half of a bomb and more is too much
TIGHT = limits_with(read_timeout=HANGS, total_timeout=HANGS, attempts=2, max_bytes=40_000_000)

TOO_MUCH = {
    "a gzip bomb": text(BOMB, headers=GZIP),
    "a gzip bomb in gzip": text(gzip.compress(BOMB), headers={"Content-Encoding": "gzip, gzip"}),
    "more than is accepted": text(b"x" * 50_000_000),
    "much that is not JSON": text(gzip.compress(b"[" * 30_000_000), headers=GZIP),
    "a refusal that is a bomb": text(BOMB, status=500, headers=GZIP),
    "a redirect that is a bomb": text(BOMB, status=302, headers={**GZIP, "Location": "//x.example/"}),
}  # fmt: skip


@pytest.mark.parametrize("answer", TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_refused_is_not_kept(web: Web, answer: Answer) -> None:
    from fedora_openqa.gateways.http.client import read_json  # noqa: PLC0415

    web.answers["GET /file"] = answer
    errors: list[FedoraOpenQAError] = []
    gc.collect()
    # what is kept by a cycle is kept until it is found
    gc.disable()
    tracemalloc.start()
    try:
        for _ in range(2):
            try:
                read_json(Reader(TIGHT), f"{web.url}/file", msgspec.Raw)
            except FedoraOpenQAError as exc:
                errors.append(exc)
        now, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert len(errors) == 2
    assert now < 5_000_000


def test_of_a_bomb_no_more_than_the_limit_is_unpacked(web: Web) -> None:
    web.answers["GET /file"] = text(gzip.compress(b"x" * 300_000_000), headers=GZIP)
    tracemalloc.start()
    try:
        with pytest.raises(ServiceUnavailableError, match="more than 1000000 bytes"):
            Reader(LIMITS).fetch(f"{web.url}/file")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 20_000_000


def test_of_a_refusal_only_the_beginning_is_read(web: Web) -> None:
    web.answers["GET /file"] = text("No." + " " * 50 * MOST_OF_A_REFUSAL, status=403)
    with pytest.raises(RequestRefusedError, match="403 No"):
        Reader(TIGHT).fetch(f"{web.url}/file")


PACKED = {
    "gzip": (gzip.compress(b"hello"), "gzip"),
    "x-gzip": (gzip.compress(b"hello"), "X-GZIP"),
    "two files of gzip": (gzip.compress(b"hel") + gzip.compress(b"lo"), "gzip"),
    "nothing to unpack": (b"hello", "identity"),
}


@pytest.mark.parametrize(("content", "encoding"), PACKED.values(), ids=PACKED)
def test_what_is_packed_is_unpacked(web: Web, content: bytes, encoding: str) -> None:
    web.answers["GET /file"] = text(content, headers={"Content-Encoding": encoding})
    assert Reader(LIMITS).fetch(f"{web.url}/file") == b"hello"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (gzip.compress(b"hello")[:-1], "gzip"),
        (gzip.compress(b"hello" * 1000)[:20], "gzip"),
        (b"hello", "gzip"),
        (zlib.compress(b"hello"), "deflate"),
        (b"hello", "br"),
        (gzip.compress(gzip.compress(b"hello")), "gzip, gzip"),
    ],
    ids=["cut at the end", "cut", "none", "deflate", "brotli", "twice"],
)
def test_what_is_cut_or_packed_otherwise_is_no_answer(
    web: Web, content: bytes, encoding: str
) -> None:
    answer = text(content, headers={"Content-Encoding": encoding})
    web.answers["GET /file"] = web.answers["POST /file"] = answer
    with pytest.raises(ServiceUnavailableError, match=r"packed|incorrect header"):
        Reader(LIMITS).fetch(f"{web.url}/file")
    with pytest.raises(AmbiguousWriteError, match=r"packed|incorrect header"):
        Poster(LIMITS).post(f"{web.url}/file", {})


def test_a_connection_is_used_again(web: Web) -> None:
    opened: list[object] = []
    system = Network()

    def counted(family: int, address: SocketAddress, timeout: float) -> socket.socket:
        opened.append(address)
        return system.connect(family, address, timeout)

    def kept(request: Request) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
        request.close_connection = False

    web.answers["GET /file"] = kept
    reader = Reader(LIMITS, network=Network(connect=counted))
    assert [reader.fetch(f"{web.url}/file") for _ in range(3)] == [b"hello"] * 3
    assert len(opened) == 1


LATER = {"Retry-After": "120"}


@pytest.mark.parametrize(
    ("status", "headers", "error", "seconds"),
    [
        (429, LATER, ServiceUnavailableError, 120),
        (429, {"Retry-After": "86400"}, ServiceUnavailableError, 3600),
        (429, {}, ServiceUnavailableError, None),
        # a proxy also answers so after it lost the server behind it
        (503, LATER, AmbiguousWriteError, 120),
        (503, {}, AmbiguousWriteError, None),
    ],
)
def test_a_write_that_is_turned_away_says_when_to_come_back(
    web: Web, status: int, headers: dict[str, str], error: type[TemporaryError], seconds: float
) -> None:
    web.answers["POST /thing"] = text("slow down", status=status, headers=headers)
    with pytest.raises(error, match=f"^POST {web.url}/thing: {status} slow down$") as failure:
        Poster(LIMITS).post(f"{web.url}/thing", {}).require_success()
    assert type(failure.value) is error
    assert failure.value.retry_after == seconds


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_that_asks_for_a_long_pause_is_left_alone(web: Web, status: int) -> None:
    web.answers["GET /file"] = text("slow down", status=status, headers=LATER)
    with pytest.raises(ServiceUnavailableError, match="slow down") as failure:
        Reader(LIMITS).fetch(f"{web.url}/file")
    assert failure.value.retry_after == 120
    assert len(web.requests) == 1


def test_a_short_pause_is_waited_for(web: Web) -> None:
    moments: list[float] = []

    def busy(request: Request) -> None:
        moments.append(time.monotonic())
        text("", status=429, headers={"Retry-After": "1"})(request)

    def free(request: Request) -> None:
        moments.append(time.monotonic())
        text("hello")(request)

    web.answers["GET /file"] = in_turn(busy, free)
    assert Reader(limits_with(attempts=2)).fetch(f"{web.url}/file") == b"hello"
    assert moments[1] - moments[0] >= 1


def test_what_may_have_happened_is_never_repeated() -> None:
    calls: list[int] = []

    def call() -> None:
        calls.append(1)
        raise AmbiguousWriteError("?")

    with pytest.raises(AmbiguousWriteError):
        repeated(call, limits=LIMITS)
    assert calls == [1]


def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "netrc"
    file.write_text("default login someone password secret\n")
    monkeypatch.setenv("NETRC", str(file))


def test_no_session_takes_passwords_from_netrc(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc(tmp_path, monkeypatch)
    sent: list[str | None] = []

    def answer(request: Request) -> None:
        sent.append(request.headers["Authorization"])
        text("{}")(request)

    web.answers["GET /file"] = web.answers["POST /file"] = answer
    session = requests.Session()
    limit_session(session, LIMITS)
    session.get(f"{web.url}/file")
    session.post(f"{web.url}/file")
    Reader(LIMITS).fetch(f"{web.url}/file")
    Poster(LIMITS).post(f"{web.url}/file", {})
    Poster(LIMITS, token="mine").post(f"{web.url}/file", {})  # noqa: S106 - of this test
    assert sent == [None, None, None, None, "Bearer mine"]


def test_proxies_of_the_environment_are_used(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", web.url)
    monkeypatch.setenv("no_proxy", "direct.example")
    answer = text("by proxy")
    web.answers["GET http://composes.example/file"] = answer
    assert Reader(LIMITS).fetch("http://composes.example/file") == b"by proxy"
    refused = Network(resolve=lambda _host, _port: [(socket.AF_INET, ("127.0.0.1", 1))])
    with pytest.raises(ServiceUnavailableError, match="refused"):
        Reader(LIMITS, network=refused).fetch("http://direct.example/file")
    assert web.requests == ["GET http://composes.example/file"]


def test_a_proxy_that_is_none_of_http_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:1")
    with pytest.raises(ServiceUnavailableError, match="SOCKS cannot be used"):
        Reader(LIMITS).fetch("http://composes.example/file")


def test_through_a_proxy_hosts_are_checked_by_name(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", web.url)
    location = {"Location": "http://169.254.169.254/latest"}
    web.answers["GET http://composes.example/file"] = text("", status=302, headers=location)
    with pytest.raises(ServiceUnavailableError, match=r"host 169\.254\.169\.254:80 is not allowed"):
        Reader(LIMITS).fetch("http://composes.example/file")
    assert set(web.requests) == {"GET http://composes.example/file"}


def test_the_session_of_a_service_asks_no_other(web: Web) -> None:
    session = requests.Session()
    limit_session(session, LIMITS, url="https://openqa.example")
    with pytest.raises(requests.RequestException, match="is not allowed") as failure:
        session.post(f"{web.url}/thing", data="secret")
    assert isinstance(unanswered("POST", "http://x", failure.value), ServiceUnavailableError)
    assert web.requests == []


def test_a_password_in_a_url_is_in_no_error(web: Web) -> None:
    for user in ("someone:secret", ":secret", "secret"):
        with pytest.raises(ConfigError, match="is not used") as failure:
            Reader(LIMITS).fetch(f"http://{user}@{web.host}/file")
        assert "secret" not in str(failure.value)
    lost = requests.ConnectionError("reset")
    for error in (
        unanswered("POST", "http://someone:secret@host/x", lost),
        refused("POST", "http://someone:secret@host/x", status=403, text=""),
        unreadable("POST", "http://someone:secret@host/x", ValueError("cut")),
    ):
        assert str(error).startswith("POST http://host/x: ")
    assert web.requests == []


class Kept(Request):
    """Connections that are used again."""

    protocol_version = "HTTP/1.1"


def test_a_session_keeps_a_connection_for_each_request_that_is_under_way(web: Web) -> None:
    web.RequestHandlerClass = Kept
    meeting = threading.Barrier(20)

    def answer(request: Request) -> None:
        meeting.wait(60)
        text("{}")(request)

    web.answer_all(answer)
    opened: list[SocketAddress] = []

    def count(family: int, address: SocketAddress, timeout: float) -> socket.socket:
        opened.append(address)
        return connect(family, address, timeout)

    session = requests.Session()
    limits = limits_with(connect_timeout=60, read_timeout=60, total_timeout=60)
    limit_session(session, replace(limits, connections=20), network=Network(connect=count))
    with ThreadPoolExecutor(20) as pool:
        for _ in range(3):
            list(pool.map(session.get, [f"{web.url}/file"] * 20))
    assert len(opened) == 20
