"""Several `fedora-openqa worker` processes on one PostgreSQL; one is frozen beyond its lease."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.request import urlopen

import pytest

from fedora_openqa.model.work import SubjectState, Wanted
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.running import Sandbox
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from tests.services.installed import skip_or_fail
from tests.services.postgresql import PostgreSQL
from tests.services.processes import NotInstalledError
from tests.support.waiting import wait_for

pytestmark = pytest.mark.service

UPDATES = (
    "FEDORA-2026-3c1e7a90d2",
    "FEDORA-2026-5d02b7e318",
    "FEDORA-2026-77e9c41fa0",
    "FEDORA-2026-2ea4091b7c",
    "FEDORA-2026-a84f20c6be",
)


#: what changes the time that a process sees
FAKETIME = "*/faketime/libfaketimeMT.so.1"


@pytest.fixture
def faketime() -> str:
    """A library that gives a process a time of its own."""
    found = [str(path) for path in Path("/usr/lib").glob(FAKETIME)]
    with skip_or_fail():
        if not found:
            raise NotInstalledError("faketime")
    return found[0]


def test_workers_whose_clocks_differ_post_nothing_twice(
    real_postgresql: PostgreSQL, tmp_path: Path, faketime: str
) -> None:
    url = real_postgresql.create()
    with Sandbox() as sandbox:
        environ = write_config_files(tmp_path, sandbox)
        config = tmp_path / "config.toml"
        config.write_text(f'{config.read_text()}\n[store]\nurl = "{url}"\n[worker]\nlease = 5.0\n')
        # openQA refuses requests of hosts that differ by more than five minutes
        sandbox.faults.add(Rule(Kind.DELAY, path="/api/v1/isos", seconds=0.2))
        subjects = Subjects(open_engine(url))
        for alias in UPDATES:
            request = {"update": alias, "everything": True}
            wanted = Wanted(key=f"update:{alias}", lane="update", request=request)
            subjects.want(wanted, message_id=alias)
        log = tmp_path / "worker.log"
        command = [sys.executable, "-m", "fedora_openqa", "worker", "--only", "scheduling"]
        with log.open("ab") as errors:
            workers = [
                subprocess.Popen(
                    command,
                    env={**os.environ, **environ, "LD_PRELOAD": faketime, "FAKETIME": offset},
                    stderr=errors,
                )
                for offset in ("+0", "+4m", "-4m")
            ]
        try:
            while any(found.state is not SubjectState.SCHEDULED for found in subjects.all()):
                time.sleep(0.1)
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(90)
        with urlopen(f"{sandbox.url}/api/v1/jobs") as answer:  # noqa: S310 - ours
            names = Counter(job["name"] for job in json.load(answer)["jobs"])
    assert set(names.values()) == {1}
    assert "the database's clock is" in log.read_text()


@pytest.mark.timeout(600)
def test_a_worker_goes_on_when_its_database_and_openqa_are_back(
    private_postgresql: PostgreSQL, tmp_path: Path
) -> None:
    url = private_postgresql.create()
    log = tmp_path / "worker.log"
    with Sandbox() as sandbox:
        environ = write_config_files(tmp_path, sandbox)
        config = tmp_path / "config.toml"
        config.write_text(f'{config.read_text()}\n[store]\nurl = "{url}"\n[http]\nattempts = 1\n')
        subjects = Subjects(open_engine(url))

        def want(alias: str) -> None:
            request = {"update": alias, "everything": True}
            wanted = Wanted(key=f"update:{alias}", lane="update", request=request)
            subjects.want(wanted, message_id=alias)

        def scheduled() -> int:
            return sum(found.state is SubjectState.SCHEDULED for found in subjects.all())

        command = [sys.executable, "-m", "fedora_openqa", "worker", "--only", "scheduling"]
        with log.open("wb") as errors:
            worker = subprocess.Popen(command, env=os.environ | environ, stderr=errors)
        try:
            want(UPDATES[0])
            wait_for(lambda: scheduled() == 1)
            private_postgresql.stop()
            wait_for(lambda: "the worker waits: database: " in log.read_text())
            private_postgresql.start()
            sandbox.faults.add(Rule(Kind.DROP, path="/api/v1/"))
            want(UPDATES[1])
            wait_for(lambda: "/api/v1/" in log.read_text())
            sandbox.faults.clear()
            wait_for(lambda: scheduled() == 2, 240)
            assert worker.poll() is None, log.read_text()
        finally:
            worker.terminate()
            status = worker.wait(90)
        assert status == 0
        with urlopen(f"{sandbox.url}/api/v1/jobs") as answer:  # noqa: S310 - ours
            names = Counter(job["name"] for job in json.load(answer)["jobs"])
    assert set(names.values()) == {1}


def test_a_frozen_worker_stalls_nobody_and_nothing_is_posted_twice(
    real_postgresql: PostgreSQL, tmp_path: Path
) -> None:
    chance = random.Random(20261120)
    url = real_postgresql.create()
    with Sandbox() as sandbox:
        environ = write_config_files(tmp_path, sandbox)
        config = tmp_path / "config.toml"
        config.write_text(f'{config.read_text()}\n[store]\nurl = "{url}"\n[worker]\nlease = 1.0\n')
        sandbox.faults.add(Rule(Kind.DELAY, path="/api/v1/isos", seconds=0.05))
        subjects = Subjects(open_engine(url))
        for alias in UPDATES:
            request = {"update": alias, "everything": True}
            wanted = Wanted(key=f"update:{alias}", lane="update", request=request)
            subjects.want(wanted, message_id=alias)
        workers = [
            subprocess.Popen(
                [sys.executable, "-m", "fedora_openqa", "worker"],
                env=os.environ | environ,
                stderr=(tmp_path / f"worker{number}.log").open("wb"),
            )
            for number in range(2)
        ]
        try:
            for _ in range(3):
                frozen = chance.choice(workers)
                time.sleep(chance.uniform(0.2, 0.8))
                frozen.send_signal(signal.SIGSTOP)
                time.sleep(2.5)
                frozen.send_signal(signal.SIGCONT)
            while any(found.state is not SubjectState.SCHEDULED for found in subjects.all()):
                assert all(worker.poll() is None for worker in workers)
                time.sleep(0.1)
        finally:
            for worker in workers:
                worker.send_signal(signal.SIGCONT)
                worker.terminate()
            ends = [worker.wait(90) for worker in workers]
        assert ends == [0, 0]
        with urlopen(f"{sandbox.url}/api/v1/jobs") as answer:  # noqa: S310 - ours
            names = Counter(job["name"] for job in json.load(answer)["jobs"])
    assert set(names.values()) == {1}
    assert len([name for name in names if UPDATES[0] in name]) > 11
