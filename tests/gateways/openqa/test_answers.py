"""Unreadable answers of openQA: only our errors leave the gateway."""

import contextlib
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fedora_openqa.errors import AmbiguousWriteError, FedoraOpenQAError, ServiceUnavailableError
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.model.products import Product
from tests.support.examples import examples
from tests.support.limits import limits_with
from tests.support.web import Answer, Web, html, text, truncated

LIMITS = limits_with(connect_timeout=30, read_timeout=30, total_timeout=30, attempts=1)
PRODUCT = Product("universal", "x86_64", {"BUILD": "B", "FLAVOR": "universal"})
JOB = {"id": 1, "state": "done", "result": "passed", "settings": {"BUILD": "B"}}

Call = Callable[[RestOpenQA], object]

READS: dict[str, tuple[str, Call]] = {
    "jobs_for_build": ("GET /api/v1/jobs", lambda openqa: openqa.jobs_for_build("B")),
    "jobs_by_id": ("GET /api/v1/jobs", lambda openqa: openqa.jobs_by_id([1])),
    "jobs_for_product": ("GET /api/v1/jobs", lambda openqa: openqa.jobs_for_product(PRODUCT)),
    "passed_jobs": ("GET /api/v1/jobs", lambda it: it.passed_jobs(flavor="f", arch="a")),
    "check_key": ("GET /api/v1/isos/1", lambda openqa: openqa.check_key()),
    "running_jobs": ("GET /api/v1/jobs", lambda openqa: openqa.running_jobs()),
    "group_id": ("GET /api/v1/job_groups", lambda openqa: openqa.group_id("fedora")),
}
WRITES: dict[str, tuple[str, Call]] = {
    "post_product": ("POST /api/v1/isos", lambda openqa: openqa.post_product(PRODUCT)),
    "restart_jobs": ("POST /api/v1/jobs/restart", lambda it: it.restart_jobs([1], force=True)),
    "post_comment": ("POST /api/v1/groups/1/comments", lambda it: it.post_comment(1, "tag:B:c")),
}
NESTED = "[" * 100_000 + "]" * 100_000
GZIP = {"Content-Encoding": "gzip"}


def in_a_job(value: str) -> str:
    """Return a list of one job with a piece of JSON in it, which is an answer to a POST, too."""
    job = json.dumps({**JOB, "name": 0})[:-2] + value + "}"
    return f'{{"jobs": [{job}], "ids": [1], "result": [], "error": {value}, "errors": [{value}]}}'


UNREADABLE: dict[str, Answer] = {
    "a page of a proxy": html(),
    "a page that is called JSON": text("<html></html>"),
    "nothing": text(""),
    "null": text("null"),
    "a number": text("1"),
    "a text": text('"jobs"'),
    "cut JSON": text('{"jobs": [{"id": 1'),
    "cut in transit": truncated('{"jobs": []'),
    "nested brackets": text(NESTED),
    "nested brackets in a field": text(in_a_job(NESTED)),
    "a number of 5,000 digits": text(in_a_job("9" * 5_000)),
    "half a surrogate": text(in_a_job('"\\ud800"')),
    "half a surrogate in bytes": text(in_a_job('"?"').encode().replace(b"?", b"\xed\xa0\x80")),
    "not UTF-8": text(in_a_job('"?"').encode().replace(b"?", b"\xff")),
    "UTF-16": text(in_a_job('""').encode("utf-16")),
    "cut gzip": text(gzip.compress(in_a_job('"x"').encode() * 1_000)[:-20], headers=GZIP),
    "gzip that is none": text(b"hello", headers=GZIP),
    "a redirect without a target": text("", status=302),
    "not modified": text("", status=304),
}
#: of lists of jobs and groups, and of POSTs
WRONG: tuple[str, ...] = (
    "{}",
    '{"jobs": null, "ids": null, "result": null}',
    '{"jobs": {}, "ids": {}, "result": {}}',
    '{"jobs": [1], "ids": ["x"], "result": [1]}',
    '{"jobs": [{}], "ids": [{}], "result": [{"x": 1}]}',
    '{"jobs": [{"id": "1", "state": "done", "result": "passed", "settings": {}}], "ids": ["1"], "result": [{"1": "2"}]}',
    '{"jobs": [{"id": 1, "state": 2, "result": "passed", "settings": {}}], "ids": [1.5], "result": {"1": 2}}',
    '{"jobs": [{"id": -1, "state": "a", "result": "b", "settings": {}}], "ids": [-1], "result": [{"-1": 2}]}',
    f'{{"jobs": [{{"id": {"9" * 40}, "state": "a", "result": "b", "settings": {{}}}}], "ids": [{"9" * 40}], "result": [{{"1": {"9" * 40}}}]}}',
)  # fmt: skip

every_read = pytest.mark.parametrize(("path", "call"), READS.values(), ids=READS)
every_write = pytest.mark.parametrize(("path", "call"), WRITES.values(), ids=WRITES)


@pytest.fixture
def openqa(web: Web, tmp_path: Path) -> RestOpenQA:
    (tmp_path / "client.conf").write_text(f"[{web.host}]\nkey=K\nsecret=HIDDEN\n")
    return RestOpenQA(
        web.host, limits=LIMITS, post_timeout=30, environ={"OPENQA_CONFIG": str(tmp_path)}
    )


def fails(call: Call, openqa: RestOpenQA) -> FedoraOpenQAError:
    with pytest.raises(FedoraOpenQAError) as failure:
        call(openqa)
    shown = str(failure.value)
    assert len(shown) < 600
    assert "HIDDEN" not in shown
    return failure.value


@every_read
def test_a_read_that_is_answered_unreadably_is_unavailable(
    openqa: RestOpenQA, web: Web, path: str, call: Call
) -> None:
    for answer in (*UNREADABLE.values(), *map(text, WRONG)):
        web.answers[path] = answer
        assert type(fails(call, openqa)) is ServiceUnavailableError


@every_write
def test_a_write_that_is_answered_unreadably_is_ambiguous_and_sent_once(
    openqa: RestOpenQA, web: Web, path: str, call: Call
) -> None:
    # the answer to a comment must only be an object
    wrong = () if "comments" in path else map(text, WRONG)
    for answer in (*UNREADABLE.values(), *wrong):
        web.requests.clear()
        web.answers[path] = answer
        assert type(fails(call, openqa)) is AmbiguousWriteError
        assert web.requests == [path]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "done", "1", "2026-11-21T02:00:00", "0001-01-01T00:00:00+14:00"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["jobs", "id", "state", "result", "settings", "ids", "failed", "error", "errors", "1", "parents", "children", "Chained", "modules", "t_started", "clone_id", "name"]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)  # fmt: skip
JOBS = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(0, 5), "state": st.just("done"), "result": st.just("passed")}
        | {"settings": JSON},
        optional=dict.fromkeys(("parents", "children", "clone_id", "t_started", "modules"), JSON),
    ),
    max_size=3,
)


@given(
    body=(
        st.binary(max_size=40)
        | JSON.map(json.dumps)
        | JOBS.map(lambda jobs: json.dumps({"jobs": jobs, "ids": [], "result": []}))
    ),
    status=st.sampled_from([200, 200, 200, 201, 204, 300, 403, 404, 500, 599]),
    type_=st.sampled_from(
        ["application/json", "text/html", "text/yaml", "text/plain; charset=undefined", "é"]
    ),
    link=st.sampled_from([None, "", '<x>; rel="next"', '<x>; rel="first"', "\xff"]),
    name=st.sampled_from([*READS, *WRITES]),
)
@settings(max_examples=examples(150))
def test_whatever_is_answered_only_our_errors_leave_the_gateway(
    openqa: RestOpenQA,
    web: Web,
    *,
    body: str | bytes,
    status: int,
    type_: str,
    link: str | None,
    name: str,
) -> None:
    path, call = {**READS, **WRITES}[name]
    headers = {} if link is None else {"Link": link}
    web.answers[path] = text(body, status=status, type_=type_, headers=headers)
    with contextlib.suppress(FedoraOpenQAError):
        call(openqa)
