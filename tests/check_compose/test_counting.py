import pytest
from hypothesis import given

from check_compose.counting import counted, last_end_before, scenario_of
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.buckets import bucket_of
from tests.support.jobs import BUILDS, job


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
        assert outcome is bucket_of(chosen)


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
