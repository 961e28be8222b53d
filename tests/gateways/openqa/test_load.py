"""The load of an openQA server, from the lists of its jobs and workers."""

import json
from collections.abc import Iterator

import pytest

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.load import LoadReader
from tests.support.limits import LIMITS
from tests.support.web import Web, html, serve, text


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as web:
        yield web


def job(number: int, state: str, **settings: str) -> dict[str, object]:
    return {"id": number, "state": state, "settings": settings}


def set_jobs(web: Web, *jobs: dict[str, object]) -> None:
    web.answers["GET /api/v1/jobs"] = text(json.dumps({"jobs": jobs}))


def test_jobs_and_workers_are_counted_by_class(web: Web) -> None:
    set_jobs(
        web,
        job(1, "scheduled", ARCH="x86_64", WORKER_CLASS="tap"),
        job(2, "scheduled", ARCH="x86_64"),
        job(3, "running", ARCH="aarch64"),
    )
    workers = [
        {"id": 1, "status": "idle", "properties": {"WORKER_CLASS": "tap,qemu_x86_64"}},
        {"id": 2, "status": "dead", "properties": {}},
    ]
    web.answers["GET /api/v1/workers"] = text(json.dumps({"workers": workers}))
    load = LoadReader(Reader(LIMITS), web.url).load()
    assert load.jobs == {("scheduled", "x86_64"): 2, ("running", "aarch64"): 1}
    assert load.workers == {
        ("tap", "idle"): 1,
        ("qemu_x86_64", "idle"): 1,
        ("qemu_x86_64", "dead"): 1,
    }
    assert "state=assigned%2Crunning%2Cscheduled%2Csetup%2Cuploading" in web.requests[0]


def test_a_job_waits_since_it_was_first_seen(web: Web) -> None:
    now = [100.0]
    reader = LoadReader(Reader(LIMITS), web.url, clock=lambda: now[0])
    first, second = job(1, "scheduled", WORKER_CLASS="tap"), job(2, "scheduled")
    set_jobs(web, first)
    assert reader.load().oldest_scheduled == {"tap": 0.0}
    now[0] = 160.0
    set_jobs(web, first, second)
    assert reader.load().oldest_scheduled == {"tap": 60.0, "qemu_x86_64": 0.0}
    now[0] = 170.0
    set_jobs(web, job(1, "running"), second)
    assert reader.load().oldest_scheduled == {"qemu_x86_64": 10.0}


def test_an_openqa_that_answers_something_else_has_no_load(web: Web) -> None:
    web.answer_all(html())
    with pytest.raises(ServiceUnavailableError):
        LoadReader(Reader(LIMITS), web.url).load()
