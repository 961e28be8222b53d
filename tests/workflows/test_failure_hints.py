"""What failures with one cause have in common, and what became of other jobs that have it."""

from dataclasses import replace
from pathlib import Path

import pytest

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.workflows.failures import DAY, FailureDesk
from tests.support.stores import copy_store


@pytest.fixture
def desk(tmp_path: Path) -> FailureDesk:
    """Three tests that failed on one host, and others beside them."""
    engine = open_engine(copy_store(tmp_path / "store.db"))
    failures, history = Failures(engine), JobHistory(engine)
    now = failures.now()

    def job(number: int, result: str, host: str, *, arch: str = "x86_64") -> StoredJob:
        scenario = Scenario(f"test {number % 10}", "Server-dvd-iso", arch, "64bit")
        modules = ("_boot",) if result == "failed" else ()
        return StoredJob(
            number,
            "Fedora-Rawhide-20261120.n.0",
            "Rawhide",
            scenario,
            state="done",
            result=result,
            failed_modules=modules,
            worker_host=host,
            finished=now - 100.0,
        )

    history.remember(
        [
            *(
                replace(job(number, "passed", "qa01"), build="before", finished=now - DAY)
                for number in (1, 2, 3)
            ),
            *(job(number, "failed", "qa01") for number in (11, 12, 13)),
            job(14, "passed", "qa01", arch="aarch64"),
            job(15, "incomplete", "qa01", arch="aarch64"),
            job(16, "user_cancelled", "qa01"),
            job(17, "passed", "qa02"),
            replace(job(18, "passed", "qa01"), version="43"),
        ]
    )
    return FailureDesk(failures, reason_rules=(), by="ada")


def test_others_on_the_host_at_that_time_are_counted(desk: FailureDesk) -> None:
    hints = {one.what: one for one in desk.hints(desk.find(11))}
    host, arch = hints["host"], hints["arch"]
    assert (host.value, host.count, host.of) == ("qa01", 3, 3)
    assert (host.others_passed, host.others) == (1, 2)
    assert (arch.value, arch.others_passed, arch.others) == ("x86_64", 1, 1)
    assert hints["build"].others is None
