"""What counts as evidence that a test fails whatever is tested."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.failures import FailureKind, ReasonRule
from fedora_openqa.model.flakes import FlakyScenario
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.policy.flakes import courses_of, flaky_scenarios, lower_bound

SCENARIO = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")
RULES = (ReasonRule("cache failure", FailureKind.INFRA),)


def runs(marks: str, *, scenario: Scenario = SCENARIO, version: str = "43") -> list[StoredJob]:
    """Return runs: P passed, F failed, I failed because of a worker, - was cancelled.

    Each is of a build of its own; those in brackets are of one build, and each a copy of the first.
    """
    found: list[StoredJob] = []
    chain = 0
    for mark in marks:
        number = len(found) + 1
        if mark in "[]":
            chain = number if mark == "[" else 0
            continue
        result = {"P": "passed", "F": "failed", "I": "incomplete", "-": "user_cancelled"}[mark]
        found.append(
            StoredJob(
                number,
                f"Fedora-43-{chain or number}",
                version,
                scenario,
                "done",
                result,
                reason="Cache failure: Cache service queue already full (5)" if mark == "I" else "",
                failed_modules=("base_selinux",) if mark == "F" else (),
                origin_id=chain or number,
                started=0.0,
                finished=60.0,
            )
        )
    return found


def flaky(*jobs: list[StoredJob], middle: int = 0) -> tuple[FlakyScenario, ...]:
    every = [job for some in jobs for job in some]
    return flaky_scenarios(courses_of(every, middle=middle), RULES)


@pytest.mark.parametrize(
    ("marks", "weights"),
    [
        # restarted on the same build
        ("P[FP]P", [1.0]),
        ("P[FFP]P", [1.0, 1.0]),
        ("P[PF]PPP", [1.0]),
        # nobody tried again
        ("FPPPFPPPF", [0.5]),
        ("PPPFPPP", []),  # the course begins with its first failure
        ("[FP]PPFPPP", [0.5, 1.0]),
        ("[FP]PFPPP", [1.0]),
        ("[FP]PPFPP", [1.0]),
        # broken, and healed
        ("[FP]PPPFFFPPP", [1.0]),
        ("[FP]PPPFFPPP", [1.0]),
        ("[FFFP]PPP", []),
        ("[FP]FFFPPPP", []),
        ("PPPFFF[PF]PPP", []),
        ("FFFPP[PF]PPP", [1.0]),
        # workers
        ("[IP]PPP[IP]", []),
        ("[FP]PPPFIPPP", [0.5, 1.0]),
        # what was cancelled says nothing
        ("[FP]PP-F-PPP", [0.5, 1.0]),
    ],
)
def test_what_counts(marks: str, weights: list[float]) -> None:
    found = flaky(runs(marks))
    assert sorted(it.weight for one in found for it in one.evidence) == weights


def test_a_failure_that_other_tests_share_does_not_stand_alone() -> None:
    marks = "[FP]PPPFPPP"
    other = [
        replace(job, id=job.id + 100, origin_id=job.origin_id + 100)
        for job in runs(marks, scenario=SCENARIO._replace(flavor="Everything-boot-iso"))
    ]
    assert [it.weight for one in flaky(runs(marks), other) for it in one.evidence] == [1.0, 1.0]


def test_releases_do_not_mix() -> None:
    # what is broken in one is not a single failure between passed runs of the other
    rawhide = [replace(job, id=2 * job.id) for job in runs("FFFFFF", version="Rawhide")]
    stable = [replace(job, id=2 * job.id + 1) for job in runs("PPPPPP")]
    assert flaky(rawhide, stable) == ()


def test_an_update_may_have_been_edited_between_two_requests() -> None:
    failed, passed = runs("[FP]")
    build = "Update-FEDORA-2026-1bd5f4a0c2"
    edited = [replace(failed, build=build), replace(passed, build=build, origin_id=passed.id)]
    assert flaky(edited) == ()
    restarted = [replace(job, build=build) for job in (failed, passed)]
    assert [it.failure.passed for one in flaky(restarted) for it in one.evidence] == [2]


def test_only_the_time_since_the_middle_counts_and_the_rest_is_compared() -> None:
    (found,) = flaky(runs("[FP]PPP[FP]PPPP[FP]"), middle=6)
    assert [it.failure.id for it in found.evidence] == [12, 6]
    assert (found.considered, found.lost_seconds) == (8, 120.0)
    assert found.before == pytest.approx(lower_bound(1.0, 5))
    assert found.score == pytest.approx(lower_bound(2.0, 8))


def test_the_worst_comes_first_and_many_runs_say_more_than_few() -> None:
    few, many = (
        [replace(job, id=job.id + first, origin_id=job.origin_id + first) for job in jobs]
        for first, jobs in (
            (0, runs("[FP]PP", scenario=SCENARIO._replace(test="few"))),
            (1000, runs("[FP]PP" * 10, scenario=SCENARIO._replace(test="many"))),
        )
    )
    assert [one.scenario.test for one in flaky(few, many)] == ["many", "few"]


def test_a_release_or_an_arch_alone() -> None:
    found = courses_of(runs("[FP]PP"))
    assert flaky_scenarios(found, RULES, version="43", arch="x86_64")
    assert flaky_scenarios(found, RULES, version="44") == ()
    assert flaky_scenarios(found, RULES, arch="aarch64") == ()


@given(
    st.text(alphabet="PFI-", min_size=1, max_size=60),
    st.integers(min_value=0, max_value=70),
    st.randoms(use_true_random=False),
)
def test_evidence_is_bounded_and_the_order_of_arrival_does_not_matter(
    marks: str, middle: int, rng: st.DrawFn
) -> None:
    jobs = runs(marks)
    found = flaky(jobs, middle=middle)
    for one in found:
        assert 0.0 <= one.score <= 1.0
        assert 0 < len(one.evidence) <= one.considered
        assert {it.failure.id for it in one.evidence} <= {
            job.id for job in jobs if job.result == "failed" and job.id >= middle
        }
    rng.shuffle(jobs)  # type: ignore[attr-defined]
    assert flaky(jobs, middle=middle) == found


@given(st.integers(min_value=3, max_value=9), st.integers(min_value=1, max_value=5))
def test_what_breaks_and_heals_is_never_flaky(length: int, times: int) -> None:
    # even if all of it is tried again
    assert flaky(runs(("PPPP" + "F" * length) * times + "PPPP")) == ()


@given(st.integers(min_value=0, max_value=100), st.integers(min_value=1, max_value=100))
def test_the_lower_bound_is_below_the_share_and_grows_with_the_runs(hits: int, more: int) -> None:
    number = hits + more
    bound = lower_bound(hits, number)
    assert 0.0 <= bound <= hits / number + 1e-12
    assert lower_bound(10 * hits, 10 * number) >= bound
