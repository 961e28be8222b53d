"""The stored jobs of builds, and the builds of a release."""

from dataclasses import replace
from zlib import crc32

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.store.builds import StoredBuilds
from fedora_openqa.store.jobs import JobHistory
from tests.store.timed import StoppedClock

SCENARIO = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")
JOB = StoredJob(7, "A", "43", SCENARIO, state="done", result="failed", origin_id=7)


def test_a_build_has_its_jobs_by_id_and_when_one_was_last_heard_of(engine: Engine) -> None:
    clock = StoppedClock(100.0)
    history = JobHistory(engine, clock=clock)
    history.remember([replace(JOB, id=9, origin_id=9), JOB, replace(JOB, id=8, build="B")])
    clock.now = 200.0
    history.remember([replace(JOB, result="passed")])
    found = StoredBuilds(engine).jobs(["A", "C"])
    assert [job.id for job in found["A"].jobs] == [7, 9]
    assert found["A"].heard == 200.0
    assert (found["C"].jobs, found["C"].heard) == ((), None)


def test_results_are_the_jobs_without_what_else_is_known_of_them(engine: Engine) -> None:
    JobHistory(engine).remember([replace(JOB, reason="died", failed_modules=("_boot",))])
    builds = StoredBuilds(engine)
    (whole,), (brief,) = builds.jobs(["A"])["A"].jobs, builds.results(["A"])["A"].jobs
    assert (whole.reason, brief.reason) == ("died", "")
    for name in ("id", "build", "scenario", "state", "result"):
        assert getattr(brief, name) == getattr(whole, name)


def test_builds_between_two_texts_come_once_each_and_the_last_first(engine: Engine) -> None:
    names = ["Fedora-43-20261101.n.0", "Fedora-43-20261102.n.0", "Fedora-43-20261102.n.1",
             "Fedora-43.1-20261102.n.0", "Fedora-Rawhide-20261101.n.0", "Fedora-43-20261103.n.0"]  # fmt: skip
    JobHistory(engine).remember(
        [replace(JOB, id=number, build=names[number % len(names)]) for number in range(1, 30)]
    )
    builds = StoredBuilds(engine)
    assert builds.between("Fedora-43-", "Fedora-43-20261102~", most=9) == (
        "Fedora-43-20261102.n.1",
        "Fedora-43-20261102.n.0",
        "Fedora-43-20261101.n.0",
    )
    assert builds.between("Fedora-43-", "Fedora-43-20261102~", most=1) == (
        "Fedora-43-20261102.n.1",
    )
    assert builds.between("Fedora-44-", "Fedora-44-~", most=9) == ()


@settings(max_examples=20)
@given(names=st.sets(st.text("aAb-.~_é", min_size=1, max_size=4), max_size=6))
def test_builds_are_compared_byte_by_byte(engine: Engine, names: set[str]) -> None:
    JobHistory(engine).remember(
        [replace(JOB, id=crc32(name.encode()), build=name) for name in names]
    )
    found = StoredBuilds(engine).between("a", "b", most=1000)
    assert list(found) == sorted(found, key=str.encode, reverse=True)
    assert {name for name in names if "a" <= name < "b"} <= set(found)
    assert all("a" <= name < "b" for name in found)
