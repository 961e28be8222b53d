import pytest
from hypothesis import given

from check_compose.counting import Bucket, counted, last_end_before, outcome_of, scenario_of
from fedora_openqa.model.jobs import Job
from tests.support.jobs import BUILDS, job


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("done/passed", Bucket.PASSED),
        ("done/softfailed", Bucket.SOFT_FAILED),
        ("done/failed", Bucket.FAILED),
        ("done/incomplete", Bucket.FAILED),
        ("done/timeout_exceeded", Bucket.FAILED),
        ("done/parallel_failed", Bucket.FAILED),
        ("cancelled/parallel_failed", Bucket.FAILED),
        ("cancelled/skipped", Bucket.SKIPPED),
        ("done/skipped", Bucket.SKIPPED),
        ("done/obsoleted", Bucket.CANCELLED),
        ("cancelled/obsoleted", Bucket.CANCELLED),
        ("done/user_cancelled", Bucket.CANCELLED),
        ("cancelled/user_cancelled", Bucket.CANCELLED),
        ("done/user_restarted", Bucket.CANCELLED),
        ("done/parallel_restarted", Bucket.CANCELLED),
        ("cancelled/none", Bucket.CANCELLED),
        ("scheduled/none", Bucket.RUNNING),
        ("running/none", Bucket.RUNNING),
        ("uploading/failed", Bucket.RUNNING),
        ("done/none", Bucket.FAILED),
        ("done/new_word", Bucket.FAILED),
        ("cancelled/new_word", Bucket.CANCELLED),
    ],
)
def test_every_end_of_a_job_counts_as_something(outcome: str, expected: Bucket) -> None:
    assert outcome_of(job(1, outcome=outcome)) is expected


@pytest.mark.parametrize(
    ("arch", "machine", "name"),
    [
        ("x86_64", "64bit", "x86_64 Server-dvd-iso install"),
        ("x86_64", "uefi", "x86_64 Server-dvd-iso install@uefi"),
        ("aarch64", "aarch64", "aarch64 Server-dvd-iso install"),
        ("ppc64le", "ppc64le", "ppc64le Server-dvd-iso install"),
        ("aarch64", "64bit", "aarch64 Server-dvd-iso install@64bit"),
        ("x86_64", "", "x86_64 Server-dvd-iso install"),
    ],
)
def test_a_machine_is_named_where_it_is_not_the_default(arch: str, machine: str, name: str) -> None:
    assert str(scenario_of(job(1, arch=arch, machine=machine))) == name


@given(jobs=BUILDS)
def test_the_newest_run_of_each_test_counts_once(jobs: list[Job]) -> None:
    found = counted(jobs)
    assert found.keys() == {*map(scenario_of, jobs)}
    for scenario, (chosen, outcome) in found.items():
        runs = [one for one in jobs if scenario_of(one) == scenario]
        assert chosen.id == max(one.id for one in runs)
        assert outcome is outcome_of(chosen)


def test_a_restart_that_was_cancelled_counts_and_the_run_before_it_is_known() -> None:
    first, second = job(1, outcome="done/failed", clone_id=2), job(2, outcome="cancelled/none")
    third = job(3, outcome="cancelled/user_cancelled")
    assert list(counted([first, third, second]).values()) == [(third, Bucket.CANCELLED)]
    assert last_end_before(third, [third, second, first]) is first
    assert last_end_before(second, [second, third]) is None


def test_a_restart_that_still_runs_counts_instead_of_what_failed() -> None:
    again = job(2, outcome="running")
    assert list(counted([job(1, outcome="done/failed", clone_id=2), again]).values()) == [
        (again, Bucket.RUNNING)
    ]
