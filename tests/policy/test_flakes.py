"""What counts as evidence that a test fails whatever is tested."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.failures import FailureKind, ReasonRule
from fedora_openqa.model.flakes import FlakyScenario
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.policy.flakes import (
    courses_of,
    failures_on_unchanged,
    flaky_scenarios,
    lower_bound,
)

SCENARIO = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")
RESULTS = {
    "P": "passed",
    "F": "failed",
    "G": "failed",
    "I": "incomplete",
    "-": "user_cancelled",
}
MODULES = {"F": ("base_selinux",), "G": ("_boot",)}
RULES = (ReasonRule("cache failure", FailureKind.INFRA),)


def runs(marks: str, *, scenario: Scenario = SCENARIO, version: str = "43") -> list[StoredJob]:
    """Return runs: P passed, F and G failed in two places, I because of a worker, - was cancelled.

    Each is of a build of its own; those in brackets are of one build, and each a copy of the first.
    """
    found: list[StoredJob] = []
    chain = 0
    for mark in marks:
        number = len(found) + 1
        if mark in "[]":
            chain = number if mark == "[" else 0
            continue
        result = RESULTS[mark]
        found.append(
            StoredJob(
                number,
                f"Fedora-43-{chain or number}",
                version,
                scenario,
                "done",
                result,
                reason="Cache failure: Cache service queue already full (5)" if mark == "I" else "",
                failed_modules=MODULES.get(mark, ()),
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
        ("[FP]PPPFFPPP", [0.25, 0.25, 1.0]),
        ("[FP]PPPFFPP", [1.0]),
        ("[FFFP]PPP", []),
        ("[FP]FFFPPPP", []),
        ("PPPFFF[PF]PPP", []),
        ("FFFPP[PF]PPP", [1.0]),
        # broken, though it passed once
        ("PPP[FPFF]PPP", []),
        ("PPPF[FP]FPPP", []),
        ("PPP[FFP]FPPP", []),
        ("PPP[FP]FPPP", [1.0]),
        ("PPP[FFP]PFPPP", [1.0, 1.0]),
        # broken in one place, and once at random in another one
        ("PPPFFF[PG]PPP", [1.0]),
        ("PPP[GFP]FPPP", []),
        ("PPP[FGP]FPPP", [1.0, 1.0]),
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


@pytest.mark.parametrize(("others", "weights"), [(0, [0.5, 1.0]), (1, [0.25, 1.0]), (2, [1.0])])
def test_a_failure_that_other_tests_share_does_not_stand_alone(
    others: int, weights: list[float]
) -> None:
    marks = "[FP]PPPFPPP"
    scenarios = [SCENARIO._replace(flavor=f"flavor-{number}") for number in range(others + 1)]
    jobs = [
        [
            replace(job, id=job.id + 100 * number, origin_id=job.origin_id + 100 * number)
            for job in runs(marks, scenario=scenario)
        ]
        for number, scenario in enumerate(scenarios)
    ]
    found = flaky(*jobs)
    assert {one.scenario for one in found} == set(scenarios)
    assert all([it.weight for it in one.evidence] == weights for one in found)


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


def test_what_was_before_the_middle_counts_half_and_is_compared() -> None:
    (found,) = flaky(runs("[FP]PPP[FP]PPPP[FP]"), middle=6)
    assert [it.failure.id for it in found.evidence] == [12, 6]
    assert (found.considered, found.lost_seconds) == (8, 120.0)
    assert found.before == pytest.approx(lower_bound(1.0, 5))
    assert found.score == pytest.approx(lower_bound(2.5, 10.5))


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
        assert 0.0 < one.score <= 1.0
        assert len(one.evidence) <= one.considered
        assert {it.failure.id for it in one.evidence} <= {
            job.id for job in jobs if job.result == "failed" and job.id >= middle
        }
    rng.shuffle(jobs)  # type: ignore[attr-defined]
    assert flaky(jobs, middle=middle) == found


def test_evidence_of_the_time_before_alone_is_no_evidence_since_then() -> None:
    (found,) = flaky(runs("[FP]PPPPPP"), middle=6)
    assert found.evidence == ()
    assert found.score == pytest.approx(lower_bound(0.5, 5.5))


@st.composite
def broken_times(draw: st.DrawFn) -> str:
    """Return the marks of a time in which something is broken, and may pass once by chance."""
    before, after = draw(
        st.tuples(st.integers(0, 6), st.integers(1, 6)).filter(lambda two: sum(two) >= 3)
    )
    marks = "F" * before + draw(st.sampled_from(["", "P"])) + "F" * after
    # runs of many builds, or all of one
    return draw(st.sampled_from([marks, f"[{marks}]", f"[{marks}P]"]))


@given(
    st.lists(st.tuples(broken_times(), st.integers(min_value=1, max_value=9)), min_size=1),
    st.integers(min_value=0, max_value=100),
)
def test_what_breaks_and_heals_is_never_flaky(times: list[tuple[str, int]], middle: int) -> None:
    marks = "PPPP" + "".join(broken + "P" * healed for broken, healed in times)
    assert flaky(runs(marks), middle=middle) == ()


@given(
    st.lists(st.booleans(), max_size=6),
    st.lists(st.booleans(), max_size=6),
    st.integers(min_value=0, max_value=70),
)
def test_each_further_failure_at_random_raises_the_score(
    before: list[bool], after: list[bool], middle: int
) -> None:
    # what is looked at begins with the first failure of any test
    other = runs("F", scenario=SCENARIO._replace(test="other"))
    scores = []
    for failed in (False, True):
        marks = "".join("[FP]PPP" if one else "[PP]PPP" for one in (*before, failed, *after))
        jobs = [replace(job, id=job.id + 1) for job in runs(marks)]
        scores.append(sum(one.score for one in flaky(other, jobs, middle=middle)))
    assert scores[0] < scores[1]


@pytest.mark.parametrize(
    ("marks", "failed"),
    [("PP[FP]P", 1), ("PPP[FFP]PPF", 2), ("PP[FFFP]PF", 0), ("PP[IP]PF", 0), ("PPP[FP]FFP", 0)],
)
def test_failures_on_unchanged_builds_are_those_that_count(marks: str, failed: int) -> None:
    jobs = runs(marks)
    assert failures_on_unchanged(jobs, RULES) == (failed, len(jobs))


@given(st.integers(min_value=0, max_value=100), st.integers(min_value=1, max_value=100))
def test_the_lower_bound_is_below_the_share_and_grows_with_the_runs(hits: int, more: int) -> None:
    number = hits + more
    bound = lower_bound(hits, number)
    assert 0.0 <= bound <= hits / number + 1e-12
    assert lower_bound(10 * hits, 10 * number) >= bound
