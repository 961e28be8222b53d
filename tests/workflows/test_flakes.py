"""Which flaky tests are listed."""

from fedora_openqa.model.flakes import Course, Courses, Failure
from fedora_openqa.model.history import Scenario
from fedora_openqa.workflows.flakes import Flakes

SCENARIO = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")


def courses(*ids: int) -> Courses:
    """Return the course of a test that failed at random ten times, four runs apart.

    :param ids: the middle, and the failures
    """
    middle, *failed = ids
    failures = [Failure(one, f"build-{one}", "_boot", "", 0.0, 60.0, one + 1) for one in failed]
    marks = "".join("F" + 3 * ("P" if one >= middle else "p") for one in failed)
    return Courses((Course(SCENARIO, "43", marks, tuple(failures)),), middle)


def test_a_test_that_was_flaky_and_is_no_more_is_not_listed() -> None:
    failed = range(0, 100, 4)
    (still,) = Flakes(lambda: courses(50, *failed), ()).worst()
    assert len(still.evidence) == 12
    assert Flakes(lambda: courses(100, *failed), ()).worst() == ()
