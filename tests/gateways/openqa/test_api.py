import hashlib
import hmac
import json
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    NotAllowedError,
    PermanentError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.jobs import Job, Module
from fedora_openqa.model.products import JobFailure, PostedProduct, Product
from tests.support.limits import LIMITS, limits_for, limits_with
from tests.support.waiting import wait_for
from tests.support.web import Answer, Request, Web, drop, hang, html, in_turn, page, text

DVD = Product(
    flavor="Server-dvd-iso",
    arch="x86_64",
    settings={"BUILD": "Fedora-43-20251023.0", "FLAVOR": "Server-dvd-iso", "X": "a b&c=ü"},
)
KEY, SECRET = "0123456789ABCDEF", "FEDCBA9876543210"
JOBS, POST = "GET /api/v1/jobs", "POST /api/v1/isos"


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """Return the environment that names the folder of client.conf."""
    return {"OPENQA_CONFIG": str(tmp_path)}


def client(web: Web, folder: Path, limits: Limits) -> RestOpenQA:
    (folder / "client.conf").write_text(f"[{web.host}]\nkey={KEY}\nsecret={SECRET}\n")
    environ = {"OPENQA_CONFIG": str(folder)}
    return RestOpenQA(web.host, limits=limits, post_timeout=limits.total_timeout, environ=environ)


@pytest.fixture
def openqa(web: Web, tmp_path: Path) -> RestOpenQA:
    return client(web, tmp_path, LIMITS)


SETTINGS = {"FLAVOR": "Server-dvd-iso", "ARCH": "x86_64", "MACHINE": "64bit"}


def job(job_id: int, **changes: object) -> dict[str, object]:
    return {"id": job_id, "state": "done", "result": "passed", "settings": SETTINGS} | changes


def test_the_jobs_of_a_build_are_read_with_one_request(openqa: RestOpenQA, web: Web) -> None:
    web.answers[JOBS] = page(json.dumps({"jobs": [job(1), job(2, state="cancelled")]}))
    assert openqa.jobs_for_build("B") == (
        Job(1, "Server-dvd-iso", "x86_64", "done", "passed", machine="64bit", settings=SETTINGS),
        Job(
            2, "Server-dvd-iso", "x86_64", "cancelled", "passed", machine="64bit", settings=SETTINGS
        ),
    )
    (request,) = web.requests
    assert "build=B" in request
    assert "latest" not in request


def test_a_job_has_modules_and_children(openqa: RestOpenQA, web: Web) -> None:
    detailed = job(
        1,
        settings={"BUILD": "B", "QEMUCPUS": 2, "EMPTY": None},
        modules=[
            {"category": "tests", "flags": ["fatal"], "name": "_install", "result": "failed"},
            {"category": "tests", "name": "_log", "result": "none"},
        ],
        children={"Chained": [2, 3], "Directly chained": [4], "Parallel": [5]},
        clone_id=9,
        origin_id=0,
    )
    web.answers[JOBS] = page(json.dumps({"jobs": [detailed]}))
    (found,) = openqa.jobs_by_id([1])
    assert found.modules == (Module("_install", "failed", ("fatal",)), Module("_log", "none"))
    assert (found.children, found.clone_id, found.origin_id) == ((2, 3, 4), 9, 0)
    assert found.parallel == (5,)
    assert found.settings == {"BUILD": "B", "QEMUCPUS": "2"}
    assert found.build == "B"


def test_jobs_are_read_by_their_ids_some_hundred_at_a_time(openqa: RestOpenQA, web: Web) -> None:
    web.answers[JOBS] = text(json.dumps({"jobs": []}))
    assert openqa.jobs_by_id(range(1, 251)) == ()
    asked = [parse_qs(urlsplit(request).query)["ids"][0].split(",") for request in web.requests]
    assert [len(ids) for ids in asked] == [100, 100, 50]
    assert openqa.jobs_by_id([]) == ()
    assert len(web.requests) == 3


def test_a_product_is_posted_as_form_data_and_signed(openqa: RestOpenQA, web: Web) -> None:
    headers: list[Mapping[str, str]] = []

    def answer(request: Request) -> None:
        headers.append(dict(request.headers))
        text('{"count": 2, "ids": [1, 2], "failed": [], "scheduled_product_id": 1}')(request)

    web.answers[POST] = answer
    assert openqa.post_product(DVD) == PostedProduct(job_ids=(1, 2))
    assert web.requests == [POST]
    assert dict(urllib.parse.parse_qsl(web.bodies[0])) == DVD.settings
    signed = hmac.new(
        SECRET.encode(), f"/api/v1/isos{headers[0]['X-API-Microtime']}".encode(), hashlib.sha1
    )
    assert headers[0]["X-API-Key"] == KEY
    assert headers[0]["X-API-Hash"] == signed.hexdigest()


NO_PRODUCT = '{"count": 0, "error": "no products found for x", "failed": {}, "ids": []}'
WARNED = '{"ids": [1], "failed": [{"job_id": [1], "error_messages": ["no child"]}]}'
BROKEN = '{"ids": [1], "failed": [{"job_name": "install", "error_message": "bad"}]}'


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (NO_PRODUCT, PostedProduct((), error="no products found for x")),
        (WARNED, PostedProduct((1,), (JobFailure("job 1", "no child", exists=True),))),
        (BROKEN, PostedProduct((1,), (JobFailure("install", "bad", exists=False),))),
        ('{"ids": [], "failed": []}', PostedProduct((), error="openQA scheduled no jobs")),
    ],
)
def test_what_openqa_could_not_schedule_is_told(
    openqa: RestOpenQA, web: Web, answer: str, expected: PostedProduct
) -> None:
    web.answers[POST] = text(answer)
    assert openqa.post_product(DVD) == expected


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (text("Error: missing parameters: ARCH", status=400), RequestRefusedError, "400 Error: missing"),
        (text("Asset download requested from non-passlisted host x.", status=403), RequestRefusedError, "403 Asset download"),
        (text('{"error": "timestamp mismatch"}', status=403), NotAllowedError, "timestamp mismatch.*clock"),
        (text('{"error": "unknown error (wrong secret?)"}', status=403), NotAllowedError, "refuses the API key: unknown error"),
        (text("", status=500), AmbiguousWriteError, "500"),
        (html(502), AmbiguousWriteError, "502 <html>"),
        (html(), AmbiguousWriteError, "isos: not "),
        (text("[]"), AmbiguousWriteError, "isos: not "),
        (text('{"ids": "many"}'), AmbiguousWriteError, r"Expected `array`.*ids"),
        (drop, AmbiguousWriteError, "closed connection"),
        (hang, AmbiguousWriteError, "no answer in time"),
        (text("", status=302, headers={"Location": "https://openqa.example/"}), ConfigError, "redirected"),
    ],
)  # fmt: skip
def test_a_post_is_sent_once_whatever_happens(
    web: Web, tmp_path: Path, answer: Answer, error: type[FedoraOpenQAError], reason: str
) -> None:
    web.answers[POST] = answer
    with pytest.raises(error, match=reason) as failure:
        client(web, tmp_path, limits_for(answer)).post_product(DVD)
    assert type(failure.value) is error
    wait_for(lambda: web.requests)
    assert web.requests == [POST]
    assert "\n" not in str(failure.value)


def test_a_post_that_cannot_have_arrived_is_no_ambiguity(
    environ: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "client.conf").write_text(f"[127.0.0.1:9]\nkey={KEY}\nsecret={SECRET}\n")
    openqa = RestOpenQA("127.0.0.1:9", limits=LIMITS, post_timeout=1, environ=environ)
    with pytest.raises(ServiceUnavailableError, match="Connection refused"):
        openqa.post_product(DVD)


@pytest.mark.parametrize("answer", [html(), text("{}"), text("", status=500), drop, hang])
def test_reads_are_repeated(web: Web, tmp_path: Path, answer: Answer) -> None:
    web.answers[JOBS] = in_turn(answer, text('{"jobs": []}'))
    # the second answer is there within these
    limits = limits_with(read_timeout=5, total_timeout=30, attempts=2)
    assert client(web, tmp_path, limits).jobs_for_build("B") == ()
    assert len(web.requests) == 2


def test_reads_that_fail_for_good_are_unavailable(openqa: RestOpenQA, web: Web) -> None:
    web.answers[JOBS] = html()
    with pytest.raises(ServiceUnavailableError, match="jobs: not "):
        openqa.jobs_for_build("B")


def test_a_group_is_found_by_name_and_commented_on(openqa: RestOpenQA, web: Web) -> None:
    web.answers["GET /api/v1/job_groups"] = text('[{"id": 3, "name": "fedora"}]')
    web.answers["POST /api/v1/groups/3/comments"] = text('{"id": 1}')
    assert openqa.group_id("nonesuch") is None
    assert openqa.group_id("fedora") == 3
    openqa.post_comment(3, "tag:B:important:candidate")
    assert urllib.parse.parse_qs(web.bodies[-1]) == {"text": ["tag:B:important:candidate"]}


@pytest.mark.parametrize(
    ("hostname", "url"),
    [
        ("openqa.example", "https://openqa.example"),
        ("openqa.example:8443", "https://openqa.example:8443"),
        ("http://openqa.example", "http://openqa.example"),
        ("https://openqa.example/", "https://openqa.example"),
        ("localhost", "http://localhost"),
        ("localhost:9526", "http://localhost:9526"),
        ("127.0.0.1:9526", "http://127.0.0.1:9526"),
        ("[::1]:9526", "http://[::1]:9526"),
        ("", "http://localhost"),
    ],
)
def test_a_hostname_may_be_short(hostname: str, url: str, environ: Mapping[str, str]) -> None:
    assert RestOpenQA(hostname, limits=LIMITS, post_timeout=1, environ=environ).url == url


def test_without_a_key_nothing_is_posted(web: Web, environ: Mapping[str, str]) -> None:
    openqa = RestOpenQA(web.url, limits=LIMITS, post_timeout=1, environ=environ)
    with pytest.raises(ConfigError, match=rf"no API key for {web.url}.*client.conf"):
        openqa.post_product(DVD)
    assert web.requests == []


@pytest.mark.parametrize(
    "settings",
    [
        {"ISO_URL": "https://x/a.iso\nVERSION=44"},
        {"LABEL": "RC\x00"},
        {"LABEL": "\ud800"},
        {"LABEL": "\x1b[31mRC"},
        {"LABEL": "RC\u2028"},
        {"LA BEL": "RC"},
        {"": "RC"},
        {"LABEL\n": "RC"},
    ],
)
def test_settings_that_openqa_cannot_keep_are_named_and_not_sent(
    openqa: RestOpenQA, web: Web, settings: Mapping[str, str]
) -> None:
    (name,) = settings
    with pytest.raises(PermanentError, match=r"POST isos") as failure:
        openqa.post_product(Product("universal", "x86_64", settings))
    assert name.strip() in str(failure.value)
    assert web.requests == []
