"""The load of an openQA server, read from the embedded one and from the real one."""

import pytest

from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.load import LoadReader
from tests.contract.signed import OpenQA
from tests.support.limits import limits_with


@pytest.fixture
def load(openqa: OpenQA) -> LoadReader:
    return LoadReader(Reader(limits_with()), openqa.url)


def test_jobs_that_wait_have_their_place_in_the_queue(
    openqa: OpenQA, load: LoadReader, build: str
) -> None:
    openqa.schedule("chained", build, _PRIORITY="37")
    jobs = {job.id: job for job in load.waiting() if job.build == build}
    assert {job.priority for job in jobs.values()} == {37}
    assert all(job.settings["WORKER_CLASS"] for job in jobs.values())
    assert all(job.started is None and job.worker_id is None for job in jobs.values())
    blocked = [job for job in jobs.values() if job.blocked_by]
    assert blocked
    assert all(job.blocked_by in job.parents for job in blocked)
    assert all(job.build != build for job in load.running())


def test_jobs_that_wait_are_counted(openqa: OpenQA, load: LoadReader, build: str) -> None:
    before = load.counts()
    openqa.schedule("chained", build)
    after = load.counts()
    waiting = [job for job in load.waiting() if job.build == build]
    blocked = sum(1 for job in waiting if job.blocked_by)
    assert after.scheduled - before.scheduled == len(waiting) - blocked
    assert after.blocked - before.blocked == blocked > 0
    assert after.running == before.running
    by_arch = after.by_arch["x86_64"]
    assert by_arch["scheduled"] - before.by_arch.get("x86_64", {}).get("scheduled", 0) == len(
        waiting
    ) - len([job for job in waiting if job.blocked_by])


def test_a_worker_that_registers_is_listed_with_its_classes(
    openqa: OpenQA, load: LoadReader
) -> None:
    openqa.write(
        "workers",
        data={
            "host": "qa01",
            "instance": 1,
            "cpu_arch": "x86_64",
            "mem_max": 4096,
            "worker_class": "load_contract,tap",
            "websocket_api_version": 1,
        },
    )
    (worker,) = [one for one in load.workers() if "load_contract" in one.classes]
    assert worker.name == "qa01:1"
    assert worker.classes == ("load_contract", "tap")
    # a real one has no connection of its own here
    assert worker.status in {"idle", "dead"}
    assert (worker.error, worker.job_id) == ("", None)
