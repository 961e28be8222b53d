"""Which jobs are evidence, and our comments on them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.evidence import BuildKind, JobComment, KeepRule, KeptJob, Which
from fedora_openqa.policy.evidence import (
    DAY,
    choose,
    comment_of,
    is_ours,
    jobs_to_keep,
    keeps,
    kind_of_build,
)
from fedora_openqa.policy.history import stored_job
from tests.support.jobs import BUILD, job

NOW = 1_795_000_000.0


@pytest.mark.parametrize(
    ("build", "kind"),
    [
        ("Fedora-44-20261118.0", BuildKind.CANDIDATE),
        ("Fedora-44-20261118.n.0", BuildKind.NIGHTLY),
        ("Fedora-Rawhide-20261120.n.0", BuildKind.NIGHTLY),
        ("Fedora-Rawhide-20261120.0", BuildKind.NIGHTLY),
        ("Fedora-IoT-43-20261118.0", BuildKind.NIGHTLY),
        ("Fedora-Cloud-43-20261118.0", BuildKind.NIGHTLY),
        ("Fedora-eln-20261118.0", BuildKind.NIGHTLY),
        ("Update-FEDORA-2026-1bd5f4a0c2", BuildKind.UPDATE),
        ("Fedora-CoreOS-45.20261119.91.0", BuildKind.COREOS),
        ("Kojitask-1-NOREPORT", None),
        ("label:force_result:passed", None),
    ],
)
def test_the_kind_of_a_build(build: str, kind: BuildKind | None) -> None:
    assert kind_of_build(build) is kind


@pytest.mark.parametrize(
    ("which", "kept"), [(Which.NONE, []), (Which.FAILED, [2, 3, 4]), (Which.ALL, [1, 2, 3, 4])]
)
def test_only_jobs_that_have_ended_are_kept(which: Which, kept: list[int]) -> None:
    outcomes = ("passed", "failed", "incomplete", "timeout_exceeded")
    jobs = [job(number, outcome=f"done/{it}") for number, it in enumerate(outcomes, start=1)]
    jobs += [job(5, outcome="running"), job(6, outcome="cancelled/user_cancelled")]
    rules = dict.fromkeys(BuildKind, KeepRule(which, days=1.0))
    stored = [replace(stored_job(one), build=BUILD) for one in jobs]
    found = jobs_to_keep(BUILD, stored, rules, now=NOW)
    assert [one.job_id for one in found] == kept
    other = [replace(one, build="Fedora-43-20261118.n.0") for one in stored]
    assert jobs_to_keep(BUILD, other, rules, now=NOW) == ()


@given(st.floats(-1000, 1000), st.floats(0.1, 1000))
def test_the_time_of_a_job_begins_with_its_end(age: float, days: float) -> None:
    ended = replace(stored_job(job(1)), finished=NOW - age * DAY)
    chosen = choose(ended.build, [ended], KeepRule(Which.ALL, days), now=NOW)
    until = NOW - age * DAY + days * DAY
    assert [until for _job, until in chosen] == ([until] if until > NOW else [])


@given(st.floats(0, 4e9), st.text(), st.text())
def test_a_comment_of_ours_is_known_and_has_no_foreign_text(
    until: float, by: str, reason: str
) -> None:
    kept = KeptJob(1, BUILD, until, by=by, reason=reason)
    for released in (False, True):
        comment = JobComment(1, comment_of(kept, released=released))
        assert is_ours(comment)
        assert keeps(comment) is not released
        bare = comment_of(KeptJob(2, "B", until), released=released)
        assert comment.text == bare
        linked = comment_of(kept, released=released, pages_url="https://pages.example.org")
        assert linked == f"{bare}: https://pages.example.org/j/1"
        assert is_ours(JobComment(1, linked))
        assert keeps(JobComment(1, linked)) is not released


@pytest.mark.parametrize("text", ["label:linked Job mentioned in https://x", "bsc#1234", ""])
def test_comments_of_others_are_left_alone(text: str) -> None:
    assert not is_ours(JobComment(1, text))
