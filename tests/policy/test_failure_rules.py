from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.failures import (
    FailedRun,
    FailureCluster,
    FailureKind,
    FailureNote,
    FailureRule,
    RulePreview,
    Signature,
)
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.policy.failure_rules import (
    covers,
    named_by_rules,
    preview,
    problem_of,
    reason_not_to_keep,
    rule_named,
    said_of,
)

RULE = rule_named("  no SPACE \n left ", title=" disk  full ", bug=" https://bugs.example.org/7 ")


def job(
    number: int,
    *,
    test: str = "a",
    arch: str = "x86_64",
    result: str = "failed",
    modules: tuple[str, ...] = (),
    reason: str = "",
) -> StoredJob:
    scenario = Scenario(test, "Server-dvd-iso", arch, "64bit")
    return StoredJob(
        number,
        "Fedora-Rawhide-20261120.n.0",
        "Rawhide",
        scenario,
        state="done",
        result=result,
        failed_modules=modules,
        reason=reason,
    )


def cluster(*jobs: StoredJob, note: FailureNote | None = None) -> FailureCluster:
    return FailureCluster(
        jobs[0].id,
        "Rawhide",
        (Signature(module="_boot"),),
        FailureKind.UNKNOWN,
        tuple(FailedRun(one) for one in jobs),
        note,
    )


def test_what_a_person_typed_is_one_line() -> None:
    assert FailureRule("no SPACE left", title="disk full", bug="https://bugs.example.org/7") == RULE


@pytest.mark.parametrize(
    ("modules", "reason", "is_covered"),
    [
        ((), "died: No space left on device", True),
        (("_boot", "no space left_here"), "", True),
        (("_boot",), "no  space left", False),
        # never over the border between two
        (("no space",), " left", False),
        ((), "", False),
    ],
)
def test_a_text_is_looked_for_in_modules_and_in_the_reason(
    modules: tuple[str, ...], reason: str, *, is_covered: bool
) -> None:
    found = job(1, modules=modules, reason=reason)
    assert covers(RULE, found) is is_covered
    assert covers(replace(RULE, test="a", arch="x86_64"), found) is is_covered
    assert not covers(replace(RULE, test="b"), found)
    assert not covers(replace(RULE, arch="aarch64"), found)


def test_the_oldest_rule_that_is_about_half_of_the_jobs_names_a_cluster() -> None:
    full, other = job(1, reason="no space left"), job(2, modules=("_boot",))
    first, second = replace(RULE, id=1), replace(RULE, id=2, text="_boot", title="boot", bug="")
    half, third = cluster(full, other), cluster(full, other, replace(other, id=3))
    (one,) = named_by_rules([half], [first, second])
    assert (one.rule, one.title, one.bug) == (first, "disk full", RULE.bug)
    (one,) = named_by_rules([third], [first, second])
    assert (one.rule, one.title, one.bug) == (second, "boot", "")
    (one,) = named_by_rules([third], [first])
    assert (one.rule, one.title) == (None, "_boot")


def test_what_a_person_decided_about_a_cluster_goes_before_a_rule() -> None:
    failed = job(1, reason="no space left")
    (one,) = named_by_rules([cluster(failed, note=FailureNote(1, title="mine"))], [RULE])
    assert (one.title, one.bug) == ("mine", RULE.bug)
    noted = cluster(failed, note=FailureNote(1, title="mine"))
    assert preview(RULE, [failed], [noted, cluster(failed)]).clusters == (1,)


PASSED_TOO = "2 of the 11 jobs with it passed: more than 10%"


@pytest.mark.parametrize(
    ("failed", "passed", "problem"),
    [
        (0, 0, "no job failed with it in the last 30 days"),
        (0, 5, "no job failed with it in the last 30 days"),
        (9, 1, None),
        (9, 2, PASSED_TOO),
        (1, 0, None),
    ],
)
def test_a_text_that_says_nothing_about_failures_is_refused(
    failed: int, passed: int, problem: str | None
) -> None:
    jobs = [job(it, reason="no space left") for it in range(failed)]
    jobs += [job(100 + it, result="softfailed", modules=("no space left",)) for it in range(passed)]
    found = preview(RULE, [*jobs, job(999)], [])
    assert (found.failed, found.passed) == (failed, passed)
    assert reason_not_to_keep(found) == problem


def test_the_broadest_form_is_said() -> None:
    found = RulePreview(failed=2, passed=0, tests=("a",), clusters=())
    assert "it is about all tests and arches" in said_of(RULE, found)
    assert "all tests" not in said_of(replace(RULE, arch="aarch64"), found)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        (RULE, None),
        (replace(RULE, bug=""), None),
        (replace(RULE, text="abc"), "4 to 200 characters"),
        (replace(RULE, text="x" * 201), "4 to 200 characters"),
        (replace(RULE, text="abc\u202ed"), "invisible"),
        (replace(RULE, title="", bug=""), "a title or a bug"),
        (replace(RULE, bug="javascript:x"), "not an http or https URL"),
        (replace(RULE, title="x" * 201), "more than 200 characters"),
        (replace(RULE, test="x" * 201), "such a long name"),
        (replace(RULE, arch="x" * 41), "such a long name"),
    ],
)
def test_only_a_rule_that_can_be_shown_and_stored_is_looked_at(
    rule: FailureRule, problem: str | None
) -> None:
    assert (problem is None) == (problem_of(rule) is None)
    assert (problem or "") in (problem_of(rule) or "")


@given(
    text=st.text(min_size=4, max_size=20),
    modules=st.lists(st.text(max_size=20), max_size=3),
    reason=st.text(max_size=40),
    test=st.sampled_from(["", "a", "b"]),
)
def test_a_narrower_rule_is_about_fewer_jobs(
    text: str, modules: list[str], reason: str, test: str
) -> None:
    found = job(1, modules=tuple(modules), reason=reason)
    rule = FailureRule(text, title="x")
    if covers(replace(rule, test=test), found):
        assert covers(rule, found)
        assert covers(replace(rule, text=text[:-1]), found)
    if text in reason:
        assert covers(rule, found)
