"""What the runs of a scenario say."""

from dataclasses import replace

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import Job, Module
from fedora_openqa.policy.history import history_of, stored_job

SCENARIO = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")


def run(number: int, result: str = "passed", *, minutes: float | None = 10.0) -> StoredJob:
    finished = None if minutes is None else 60.0 * minutes
    return StoredJob(number, "B", "43", SCENARIO, "done", result, started=0.0, finished=finished)


def test_cancelled_runs_and_those_that_others_ended_say_nothing() -> None:
    results = ("passed", "user_cancelled", "parallel_failed", "failed", "incomplete", "softfailed")
    waiting = replace(run(9), state="scheduled", result="none")
    found = history_of(SCENARIO, [waiting, *map(run, range(6), results)])
    assert (found.telling, found.passed) == (4, 2)
    assert found.last_passed
    assert found.last_passed.id == 0


def test_durations_are_those_of_passed_runs() -> None:
    runs = [run(number, minutes=float(number)) for number in range(1, 11)]
    found = history_of(SCENARIO, [*runs, run(11, "failed", minutes=500.0), run(12, minutes=None)])
    assert (found.usual, found.long) == (300.0, 540.0)


def test_without_a_passed_run_nothing_is_usual() -> None:
    found = history_of(SCENARIO, [run(1, "failed")])
    assert (found.last_passed, found.usual, found.long) == (None, None, None)


def test_of_a_job_its_failed_modules_are_remembered_in_their_order() -> None:
    modules = tuple(
        Module(name, result)
        for name, result in (("_boot", "passed"), ("b", "failed"), ("a", "failed"))
    )
    job = Job(7, "Server-dvd-iso", "x86_64", "done", "failed", modules=modules, clone_id=8)
    stored = stored_job(job)
    assert (stored.failed_modules, stored.origin_id, stored.clone_id) == (("b", "a"), 7, 8)


def test_of_its_failed_modules_the_first_fatal_one_is_remembered() -> None:
    modules = (Module("a", "failed"), Module("b", "failed", ("fatal",)))
    job = Job(7, "Server-dvd-iso", "x86_64", "done", "failed", modules=modules)
    assert stored_job(job).fatal_module == "b"
