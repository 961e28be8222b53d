import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from check_compose.compare import compare
from check_compose.counting import counted
from check_compose.facts import Facts, GatingFacts, ImageKind
from check_compose.render import render_text
from check_compose.report import CheckedTest, GatingState
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.gating import Decision, RequirementState
from fedora_openqa.model.jobs import Job
from tests.check_compose.cases import FAILED, PASSED, SKIPPED, decided, facts, run, wants
from tests.support.jobs import BUILDS, job

SHARE = re.compile(r"(\d+)/(\d+) \(([^)]+)\)")


def only(found: Facts) -> CheckedTest:
    (test,) = compare(found).tests
    return test


@pytest.mark.parametrize(
    ("outcome", "before", "is_new"),
    [
        (FAILED, PASSED, True),
        (FAILED, FAILED, False),
        (FAILED, "done/incomplete", False),
        (FAILED, SKIPPED, True),
        (FAILED, None, True),
        (FAILED, "running", True),
        (PASSED, FAILED, True),
        (PASSED, PASSED, False),
    ],
)
def test_a_test_is_new_in_its_outcome_if_it_had_another_before(
    outcome: str, before: str | None, *, is_new: bool
) -> None:
    assert only(facts(*run(3001, "podman", outcome, before=before))).is_new is is_new


@pytest.mark.parametrize(
    "other",
    [
        job(2001, "podman", outcome=FAILED, arch="aarch64"),
        job(2001, "podman", outcome=FAILED, flavor="KDE-live-iso"),
        job(2001, "podman", outcome=FAILED, machine="uefi"),
        job(2001, "toolbox", outcome=FAILED),
    ],
)
def test_another_arch_flavor_suite_or_machine_is_another_test(other: Job) -> None:
    assert only(facts(job(3001, "podman", outcome=FAILED), other)).before is None


def test_jobs_are_where_openqa_is() -> None:
    test = only(replace(facts(*run(3001, "podman")), base_url="http://localhost:9526/"))
    assert test.url == "http://localhost:9526/tests/3001"


def test_without_a_previous_compose_nothing_is_new() -> None:
    assert not only(facts(*run(3001, "podman", FAILED), previous=False)).is_new


@pytest.mark.parametrize(
    ("scenario", "marked"),
    [
        ("fedora.Server-dvd-iso.x86_64.64bit", True),
        (None, True),
        ("fedora.Server-dvd-iso.x86_64.uefi", False),
        ("", False),
    ],
)
def test_a_requirement_is_about_a_test_of_its_name_and_scenario(
    scenario: str | None, *, marked: bool
) -> None:
    missing = wants("podman", RequirementState.MISSING, scenario=scenario)
    report = compare(facts(*run(3001, "podman"), gating=decided(missing, summary="")))
    assert report.gating
    assert [test.gating for test in report.tests] == [marked]
    assert bool(report.gating.unmapped) is not marked


def test_a_satisfied_requirement_is_no_mark() -> None:
    test = only(
        facts(
            *run(3001, "podman"),
            gating=decided(wants("podman", RequirementState.PASSED), summary=""),
        )
    )
    assert (test.required, test.gating) == (True, False)


def test_a_requirement_of_a_test_that_was_cancelled_is_about_it() -> None:
    queued = decided(
        wants("podman", RequirementState.RUNNING, type_="test-result-missing"), summary=""
    )
    passed = job(3001, "podman", outcome=PASSED, clone_id=3002)
    copy = job(3002, "podman", outcome="cancelled/user_cancelled")
    for jobs in ([passed, copy], [copy]):
        report = compare(facts(*jobs, gating=queued))
        assert report.gating
        assert report.gating.unmapped == ()
        (test,) = report.tests
        assert (test.id, test.outcome, test.gating) == (3002, Bucket.CANCELLED, True)
        text = render_text(report)
        assert "Passed openQA tests" not in text
        assert "Cancelled openQA tests: 1/1 (x86_64)" in text
        assert "Gating waits for new results" in text
    assert "job 3001 before it: passed" in render_text(compare(facts(passed, copy)))


def test_a_skipped_test_waits_for_the_nearest_test_that_did_not_end_well() -> None:
    jobs = (
        job(3001, "install", outcome=FAILED),
        job(3002, "child", outcome=SKIPPED, parents=(3001,)),
        job(3003, "grandchild", outcome=SKIPPED, parents=(3002,)),
        # the parent of its parallel job failed
        replace(job(3004, "beside", outcome=SKIPPED), parallel=(3003,)),
        job(3005, "fine", outcome=PASSED),
        job(3006, "odd", outcome=SKIPPED, parents=(3005, 999)),
        job(3007, "stopped", outcome="cancelled/user_cancelled"),
        job(3008, "after", outcome=SKIPPED, parents=(3007,)),
        # two jobs that wait for each other
        job(3009, "one", outcome=SKIPPED, parents=(3010,)),
        job(3010, "other", outcome=SKIPPED, parents=(3009,)),
    )
    report = compare(facts(*jobs))
    waits = {test.scenario.suite: test.waits_for for test in report.tests if test.waits_for}
    assert waits == {"child": 3001, "grandchild": 3001, "beside": 3001, "after": 3007}
    below = {test.scenario.suite: {one.id for one in test.waiting} for test in report.tests}
    assert below["install"] == {3002, 3003, 3004}
    assert below["stopped"] == {3008}


def test_a_skipped_test_waits_for_the_newest_run_of_its_parent() -> None:
    jobs = (
        job(3001, "install", outcome=FAILED, clone_id=3003),
        job(3002, "child", outcome=SKIPPED, parents=(3001,)),
        job(3003, "install", outcome="done/incomplete"),
    )
    report = compare(facts(*jobs))
    assert [test.waits_for for test in report.tests if test.scenario.suite == "child"] == [3003]


@pytest.mark.parametrize(
    ("decision", "state"),
    [
        (None, GatingState.UNKNOWN),
        (Decision(satisfied=True, summary="", requirements=()), GatingState.PASSES),
        (Decision(satisfied=False, summary="", requirements=()), GatingState.FAILS),
    ],
)
def test_only_greenwave_says_that_a_compose_passes(
    decision: Decision | None, state: GatingState
) -> None:
    report = compare(facts(gating=GatingFacts(name="Rawhide", decision=decision)))
    assert report.gating
    assert report.gating.state is state
    assert ("PASSES" in render_text(report)) is (state is GatingState.PASSES)


def test_images_are_compared_only_if_both_are_known() -> None:
    known = facts()
    assert known.previous
    unknown = replace(known, previous=replace(known.previous, images=None))
    assert compare(known).added_images == ()
    assert compare(unknown).added_images is None
    assert compare(replace(known, previous=None)).added_images is None


def test_expected_images_are_spelled_like_images() -> None:
    missing = (ImageKind("kde", "live", "x86_64"), ImageKind("", "dvd", "x86_64"))
    report = compare(replace(facts(), missing_images=missing))
    assert report.missing_images == (
        ImageKind("", "dvd", "x86_64"),
        ImageKind("Kde", "live", "x86_64"),
    )


def _later(one: Job) -> Job:
    return replace(one, id=one.id + 3000, parents=tuple(parent + 3000 for parent in one.parents))


@settings(deadline=None)
@given(jobs=BUILDS, before=BUILDS, required=st.sampled_from(["podman", "base_selinux", "other"]))
def test_totals_add_up_to_the_jobs_that_count(
    jobs: list[Job], before: list[Job], required: str
) -> None:
    gating = decided(wants(required, RequirementState.MISSING, scenario=None), summary="")
    known = facts(*(_later(one) for one in jobs), *before, gating=gating)
    report = compare(known)
    expected = counted(known.compose.jobs)
    assert [test.id for test in report.tests] == [
        expected[test.scenario][0].id for test in report.tests
    ]
    assert len(report.tests) == len(expected)
    assert sum(len(report.having(outcome)) for outcome in Bucket) == len(expected)
    # every job is the newest run of a test or an earlier one
    assert len(report.tests) + report.earlier_runs == len(known.compose.jobs)
    assert report.earlier_runs >= 0
    below = [one.id for test in report.tests for one in test.waiting]
    assert sorted(below) == sorted(test.id for test in report.tests if test.waits_for)

    text = render_text(report)
    headings = [line for line in text.splitlines() if "openQA tests" in line]
    shares = [SHARE.findall(line) for line in headings]
    said = sum(int(number) for line in shares for number, _, _ in line)
    for _, total, arch in (share for line in shares for share in line):
        assert int(total) == report.totals[arch]
    others = re.search(r"Skipped non-gating openQA tests: (\d+) of (\d+)", text)
    if others:
        said += int(others[1])
        assert int(others[2]) == len(expected)
    assert said == len(expected)
