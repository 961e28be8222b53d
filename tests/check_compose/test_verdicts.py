import pytest
from hypothesis import given, settings

from check_compose.compare import compare
from check_compose.facts import GatingFacts
from check_compose.render import render_follow_up
from check_compose.report import GatingState, Report
from check_compose.verdicts import Verdict, verdict_of
from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.gating import Decision
from fedora_openqa.model.jobs import Job
from tests.check_compose.cases import CASES, FAILED, PASSED, SOFT_FAILED, facts, run
from tests.support.jobs import BUILDS, job

UNKNOWN = GatingFacts(name="Rawhide", decision=None, reason="no answer in time")


def gated(*, satisfied: bool) -> GatingFacts:
    return GatingFacts(
        name="Rawhide", decision=Decision(satisfied=satisfied, summary="", requirements=())
    )


def follow_up(before: Report, now: Report) -> str:
    found = render_follow_up(verdict_of(before), now, title="")
    return found.text if found else ""


@pytest.mark.parametrize("case", CASES)
def test_a_verdict_can_be_stored_and_read(case: str) -> None:
    verdict = verdict_of(compare(CASES[case]))
    assert Verdict.from_text(verdict.to_text()) == verdict
    assert Verdict.from_text(verdict.to_text()).digest == verdict.digest


@settings(deadline=None)
@given(jobs=BUILDS)
def test_an_equal_report_is_no_follow_up(jobs: list[Job]) -> None:
    first = compare(facts(*jobs, previous=False))
    again = compare(facts(*reversed(jobs), previous=False))
    assert follow_up(first, again) == ""
    assert verdict_of(first).digest == verdict_of(again).digest


def test_a_restart_with_the_same_outcome_is_no_follow_up() -> None:
    first = job(3001, "podman", outcome=FAILED)
    assert (
        follow_up(compare(facts(first)), compare(facts(first, job(3002, "podman", outcome=FAILED))))
        == ""
    )


@pytest.mark.parametrize(
    ("before", "now", "heading"),
    [
        (FAILED, PASSED, "Reported failed before, passed now:"),
        (PASSED, FAILED, "Reported passed, or not there, before, failed now:"),
        ("running", FAILED, "Reported running before, failed now:"),
        (FAILED, SOFT_FAILED, "Reported failed before, soft failed now:"),
    ],
)
def test_another_outcome_is_in_the_follow_up_with_its_test(
    before: str, now: str, heading: str
) -> None:
    text = follow_up(
        compare(facts(job(3001, "podman", outcome=before))),
        compare(facts(job(3002, "podman", outcome=now))),
    )
    entry = f"{heading}\n\nID: 3002\tTest: x86_64 Server-dvd-iso podman\nURL: "
    assert entry in text


def test_new_tests_that_pass_are_no_follow_up() -> None:
    assert follow_up(compare(facts()), compare(facts(*run(3001, "podman")))) == ""


def test_a_test_that_is_gone_is_in_the_follow_up() -> None:
    text = follow_up(compare(facts(*run(3001, "podman", FAILED))), compare(facts()))
    assert "Reported before, without a result now:\n\nx86_64 Server-dvd-iso podman\n" in text


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (gated(satisfied=False), gated(satisfied=True), ["Compose PASSES", "(reported before: FAILS)"]),
        (gated(satisfied=True), gated(satisfied=False), ["Compose FAILS", "(reported before: PASSES)"]),
        (UNKNOWN, gated(satisfied=True), ["Compose PASSES", "(reported before: unknown)"]),
        (None, gated(satisfied=True), ["Compose PASSES", "(reported before: not checked)"]),
    ],
)  # fmt: skip
def test_another_decision_is_in_the_follow_up(
    before: GatingFacts | None, now: GatingFacts, expected: list[str]
) -> None:
    text = follow_up(compare(facts(gating=before)), compare(facts(gating=now)))
    for words in expected:
        assert words in text


def test_an_unknown_gating_state_is_no_follow_up() -> None:
    passing = compare(facts(gating=gated(satisfied=True)))
    unknown = compare(facts(gating=UNKNOWN))
    assert follow_up(passing, unknown) == ""
    assert verdict_of(unknown, before=verdict_of(passing)).gating is GatingState.PASSES
    assert verdict_of(unknown).gating is GatingState.UNKNOWN
    assert follow_up(passing, compare(facts())) == ""


def test_a_verdict_does_not_list_passed_tests() -> None:
    verdict = verdict_of(compare(facts(*run(3001, "podman"), *run(3002, "toolbox", FAILED))))
    assert list(verdict.outcomes.values()) == [Bucket.FAILED]


def test_a_verdict_has_a_summary_for_people() -> None:
    report = compare(
        facts(*run(3001, "podman"), *run(3002, "toolbox", FAILED), gating=gated(satisfied=False))
    )
    assert verdict_of(report).summary == "gating fails, 1 failed"
    assert verdict_of(compare(facts(*run(3001, "podman")))).summary.endswith("all tests passed")
