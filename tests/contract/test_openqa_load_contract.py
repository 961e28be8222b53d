"""The load of an openQA server, read from the embedded one and from the real one."""

import pytest

from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.openqa.load import LoadReader
from tests.contract.signed import OpenQA
from tests.services.openqa import RealOpenQA
from tests.support.limits import limits_with


def test_jobs_that_wait_are_counted(openqa: OpenQA, build: str) -> None:
    reader = LoadReader(Reader(limits_with()), openqa.url)
    before = reader.load().jobs.get(("scheduled", "x86_64"), 0)
    openqa.schedule("chained", build)
    load = reader.load()
    assert load.jobs["scheduled", "x86_64"] == before + 6
    assert load.oldest_scheduled


@pytest.mark.service
def test_workers_are_counted_by_class(real_openqa: RealOpenQA) -> None:
    openqa = OpenQA(real_openqa.url, real_openqa.key, real_openqa.secret)
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
    workers = LoadReader(Reader(limits_with()), openqa.url).load().workers
    # it has registered, and has no connection of its own
    statuses = {status for (name, status) in workers if name == "load_contract"}
    assert statuses <= {"idle", "dead"}
    assert len(statuses) == 1
    assert any(name == "tap" for name, _ in workers)
