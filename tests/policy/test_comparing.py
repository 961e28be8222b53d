"""The tests of two builds, compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.builds import BuildJobs, Category
from fedora_openqa.policy.comparing import compare_builds, newest_of
from tests.support.stored_jobs import STORED_BUILDS, build_of, stored

ABSENT = ""


@pytest.mark.parametrize(
    ("before", "after", "category"),
    [
        ("done/passed", "done/failed", Category.REGRESSION),
        ("done/softfailed", "done/incomplete", Category.REGRESSION),
        ("done/failed", "done/softfailed", Category.FIXED),
        ("done/failed", "done/timeout_exceeded", Category.STILL_FAILING),
        ("done/passed", "done/softfailed", Category.STILL_PASSING),
        (ABSENT, "done/failed", Category.NEW_FAILURE),
        ("cancelled/skipped", "done/failed", Category.NEW_FAILURE),
        ("running", "done/failed", Category.NEW_FAILURE),
        (ABSENT, "done/passed", Category.NEW_PASS),
        ("done/user_cancelled", "done/passed", Category.NEW_PASS),
        ("done/passed", "cancelled/skipped", Category.NO_RESULT),
        ("cancelled/skipped", "cancelled/skipped", Category.NO_RESULT),
        (ABSENT, "cancelled/skipped", Category.APPEARED),
        ("done/failed", ABSENT, Category.DISAPPEARED),
        ("done/failed", "scheduled", Category.NOT_YET),
        (ABSENT, "running", Category.NOT_YET),
    ],
)
def test_each_test_is_in_one_category(before: str, after: str, category: Category) -> None:
    then = build_of(*([stored(1, outcome=before)] if before else []))
    now = build_of(*([stored(2, outcome=after)] if after else []))
    (found,) = compare_builds(now, then).changes
    assert found.category is category


def test_a_test_may_follow_while_its_build_is_being_scheduled() -> None:
    then = build_of(stored(1))
    (found,) = compare_builds(build_of(), then, owed=True).changes
    assert found.category is Category.NOT_YET


def test_the_newest_run_counts_of_what_was_restarted() -> None:
    then = build_of(stored(1))
    now = build_of(stored(2, outcome="done/failed", clone_id=3), stored(3, origin_id=2))
    (found,) = compare_builds(now, then).changes
    assert (found.category, found.after and found.after.id) == (Category.STILL_PASSING, 3)


@given(before=STORED_BUILDS, after=STORED_BUILDS, owed=st.booleans())
def test_each_test_of_both_builds_is_there_once(
    *, before: BuildJobs, after: BuildJobs, owed: bool
) -> None:
    found = compare_builds(after, before, owed=owed).changes
    scenarios = [one.scenario for one in found]
    assert len(scenarios) == len({*scenarios})
    assert {*scenarios} == newest_of(before.jobs).keys() | newest_of(after.jobs).keys()
    order = [tuple(Category).index(one.category) for one in found]
    assert order == sorted(order)


@given(before=STORED_BUILDS, after=STORED_BUILDS)
def test_the_other_way_round_what_is_fixed_is_a_regression(
    before: BuildJobs, after: BuildJobs
) -> None:
    def those(category: Category, now: BuildJobs, then: BuildJobs) -> set[object]:
        changes = compare_builds(now, then).changes
        return {one.scenario for one in changes if one.category is category}

    fixed = those(Category.FIXED, after, before)
    assert fixed == those(Category.REGRESSION, before, after)


@given(build=STORED_BUILDS)
def test_a_build_beside_itself_is_no_better_and_no_worse(build: BuildJobs) -> None:
    same = {
        Category.STILL_FAILING,
        Category.STILL_PASSING,
        Category.NO_RESULT,
        Category.NOT_YET,
    }
    assert {one.category for one in compare_builds(build, build).changes} <= same
