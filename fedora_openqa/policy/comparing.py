"""Compares the tests of two builds by their stored jobs; pure."""

from collections.abc import Iterable, Mapping

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.builds import BuildComparison, BuildJobs, Category, ScenarioChange
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.policy.buckets import bucket_of

#: groups of tests that passed
PASSED = frozenset({Bucket.PASSED, Bucket.SOFT_FAILED})

#: from whether a test failed now and whether it failed before (None: it had no result)
CATEGORIES: Mapping[tuple[bool | None, bool | None], Category] = {
    (True, False): Category.REGRESSION,
    (True, True): Category.STILL_FAILING,
    (True, None): Category.NEW_FAILURE,
    (False, False): Category.STILL_PASSING,
    (False, True): Category.FIXED,
    (False, None): Category.NEW_PASS,
}

#: the arch that comes first
FIRST_ARCH = "x86_64"


def newest_of(jobs: Iterable[StoredJob]) -> Mapping[Scenario, StoredJob]:
    """Return the newest job of each test, whether it is a copy or was scheduled again."""
    return {job.scenario: job for job in sorted(jobs, key=lambda job: job.id)}


def compare_builds(build: BuildJobs, other: BuildJobs, *, owed: bool = False) -> BuildComparison:
    """Return what has become of each test of two builds.

    :param other: the build that it is compared with
    :param owed: more tests of the build will be scheduled
    """
    before, after = newest_of(other.jobs), newest_of(build.jobs)
    changes = (
        ScenarioChange(
            scenario=scenario,
            category=_category(before.get(scenario), after.get(scenario), owed=owed),
            before=before.get(scenario),
            after=after.get(scenario),
        )
        for scenario in before.keys() | after.keys()
    )
    order = tuple(Category).index
    return BuildComparison(
        build=build.build,
        other=other.build,
        changes=tuple(
            sorted(changes, key=lambda one: (order(one.category), *order_of(one.scenario)))
        ),
    )


def order_of(scenario: Scenario) -> tuple[bool, str, str, str, str]:
    """Return the key to sort tests by."""
    return (
        scenario.arch != FIRST_ARCH,
        scenario.arch,
        scenario.flavor,
        scenario.test,
        scenario.machine,
    )


def _category(before: StoredJob | None, after: StoredJob | None, *, owed: bool) -> Category:
    if after is None:
        return Category.NOT_YET if owed else Category.DISAPPEARED
    bucket = bucket_of(after)
    if bucket is Bucket.RUNNING:
        return Category.NOT_YET
    ends = _has_failed(bucket), _has_failed(bucket_of(before)) if before else None
    return CATEGORIES.get(ends, Category.NO_RESULT if before else Category.APPEARED)


def _has_failed(bucket: Bucket) -> bool | None:
    """Return whether a test failed; None: it has no result."""
    return None if bucket not in {*PASSED, Bucket.FAILED} else bucket is Bucket.FAILED
