"""The load of an openQA server, from the lists of its jobs and workers."""

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.load import LoadReader
from fedora_openqa.sandbox.running import Sandbox
from tests.support.limits import LIMITS
from tests.support.web import Web, html, serve, text

COUNTS = "GET /admin/influxdb/jobs"


@pytest.fixture
def web() -> Iterator[Web]:
    with serve() as web:
        yield web


def reader(web: Web) -> LoadReader:
    return LoadReader(Reader(LIMITS), web.url)


def test_each_list_is_one_request(web: Web) -> None:
    jobs = [
        {"id": 9, "state": "running", "result": "none", "settings": {}, "assigned_worker_id": 3},
        {"id": 7, "state": "scheduled", "result": "none", "settings": {}, "priority": 40},
    ]
    web.answers["GET /api/v1/jobs"] = text(json.dumps({"jobs": jobs}))
    assert [(job.id, job.priority, job.worker_id) for job in reader(web).waiting()] == [
        (7, 40, None),
        (9, 0, 3),
    ]
    reader(web).running()
    assert web.requests == [
        "GET /api/v1/jobs?state=assigned%2Cscheduled&limit=10000",
        "GET /api/v1/jobs?state=running%2Csetup%2Cuploading&limit=10000",
    ]


def test_texts_of_workers_are_one_line(web: Web) -> None:
    workers = [
        {"id": 1, "status": "broken", "error": "no \x1b[31mroom\nat all", "host": "a\tb"},
        {"id": 2, "status": "idle", "properties": {"WORKER_CLASS": "tap,,qemu_x86_64"}},
    ]
    web.answers["GET /api/v1/workers"] = text(json.dumps({"workers": workers}))
    broken, idle = reader(web).workers()
    assert broken.error.isprintable()
    assert broken.name.isprintable()
    assert (broken.is_online, idle.is_online) == (False, True)
    assert idle.classes == ("qemu_x86_64", "tap")


def test_counts_are_those_of_all_jobs_and_of_arches(web: Web) -> None:
    web.answers[COUNTS] = text(
        "openqa_jobs,url=https://o blocked=2i,running=1i,scheduled=5i\n"
        "openqa_jobs_by_group,url=https://o,group=Fedora\\ Rawhide scheduled=5i\n"
        "openqa_jobs_by_arch,url=https://o,arch=x86_64 running=1i,scheduled=5i\n"
    )
    counts = reader(web).counts()
    assert (counts.scheduled, counts.blocked, counts.running) == (5, 2, 1)
    assert counts.by_arch == {"x86_64": {"running": 1, "scheduled": 5}}


@pytest.mark.parametrize("read", [LoadReader.waiting, LoadReader.workers, LoadReader.counts])
def test_an_openqa_that_answers_something_else_has_no_load(
    web: Web, read: Callable[[LoadReader], object]
) -> None:
    web.answer_all(html())
    with pytest.raises(ServiceUnavailableError):
        read(reader(web))


@given(st.text(max_size=200))
def test_any_text_is_counts_or_no_answer(body: str) -> None:
    with serve() as web:
        web.answers[COUNTS] = text(body)
        try:
            counts = reader(web).counts()
        except ServiceUnavailableError:
            return
        assert counts.scheduled >= 0


def test_a_worker_of_the_sandbox_runs_a_job_until_it_ends() -> None:
    with Sandbox() as sandbox:
        load = LoadReader(Reader(LIMITS), sandbox.url)
        assert {one.status for one in load.workers()} == {"idle"}
        sandbox.with_workers(lambda workers: workers.report(1, error="no KVM"))
        sandbox.with_workers(lambda workers: workers.report(2, dead=True))
        assert [one.status for one in load.workers()[:2]] == ["broken", "dead"]
        assert load.workers()[0].error == "no KVM"
