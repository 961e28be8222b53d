"""Clusters of failed jobs that seem to have one cause."""

import random
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.model.failures import (
    FailedRun,
    FailureCluster,
    FailureKind,
    FailureNote,
    FailureState,
    PassedRun,
)
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.policy.causes import HOUR, containing, find_clusters, state_of
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import Shape
from tests.support.failures import failed_runs

RULES = load_reason_rules()

#: jobs that openQA has of a build
PER_BUILD = 100


def failed(
    number: int,
    test: str = "base_selinux",
    *,
    build: int = 1,
    module: str = "_console_wait_login",
    passed_in: int | None = None,
    hour: float = 0.0,
    **changes: object,
) -> FailedRun:
    """Return a failure of the number-th job of a build."""
    scenario = Scenario(test, "Server-dvd-iso", "x86_64", "64bit")
    id_ = PER_BUILD * build + number
    job = StoredJob(
        id=id_,
        build=compose(build),
        version="Rawhide",
        scenario=scenario,
        state="done",
        result="failed",
        failed_modules=(module,) if module else (),
        origin_id=id_,
        finished=(24 * build + hour) * HOUR,
    )
    before = None
    if passed_in is not None:
        passed = PER_BUILD * passed_in + number + 1
        before = PassedRun(passed, passed, compose(passed_in), 24 * passed_in * HOUR)
    return FailedRun(replace(job, **changes), before)  # type: ignore[arg-type]


def compose(number: int) -> str:
    return f"Fedora-Rawhide-202611{number:02}.n.0"


def found(runs: Iterable[FailedRun], *notes: FailureNote) -> list[tuple[int, ...]]:
    """Return the ids of the jobs of each cluster."""
    return [ids(one) for one in find_clusters(runs, RULES, notes)]


def ids(cluster: FailureCluster) -> tuple[int, ...]:
    return tuple(run.job.id for run in cluster.runs)


def test_tests_that_pass_until_a_build_and_fail_from_it_on_have_one_cause() -> None:
    runs = [
        failed(number, test, build=build, passed_in=1)
        for build in (2, 3)
        for number, test in enumerate(("a", "b", "c"))
    ]
    (cluster,) = find_clusters(runs, RULES)
    assert (cluster.id, cluster.series, cluster.kind) == (200, "Rawhide", FailureKind.UNKNOWN)
    assert ids(cluster) == (200, 201, 202, 300, 301, 302)


def test_a_test_that_passed_while_others_failed_has_another_cause() -> None:
    runs = [
        failed(1, "a", build=2, passed_in=1),
        failed(1, "a", build=3, passed_in=1),
        failed(2, "b", build=3, passed_in=2),
        failed(2, "b", build=4, passed_in=2),
    ]
    assert found(runs) == [(201, 301), (302, 402)]


def test_two_builds_or_three_tests_make_a_cluster() -> None:
    assert found([failed(1, "a", passed_in=0), failed(2, "b", passed_in=0)]) == []
    assert found([failed(it, f"{it}", passed_in=0) for it in range(3)]) == [(100, 101, 102)]
    assert found([failed(1, build=1), failed(1, build=2)]) == [(101, 201)]


def on(number: int, *modules: str, passed_in: int | None = None, build: int = 1) -> FailedRun:
    """Return a failure of a test and a flavor of its own."""
    scenario = Scenario(f"{number}", f"flavor {number}", "x86_64", "64bit")
    module = modules or ("m",)
    return failed(
        number, build=build, passed_in=passed_in, scenario=scenario, failed_modules=module
    )


def test_where_no_run_before_is_known_the_module_alone_is_not_enough() -> None:
    assert found([on(it) for it in range(3)]) == []
    assert found([on(it, build=9, passed_in=1) for it in range(3)]) == []
    assert found([failed(it, "a", build=it) for it in range(3)]) == [(0, 101, 202)]
    same_flavor = [failed(it, f"{it}") for it in range(3)]
    assert found(same_flavor) == [(100, 101, 102)]
    assert found([on(it, "m", "x") for it in range(3)]) == [(100, 101, 102)]


def test_where_jobs_go_on_after_a_module_the_others_must_agree() -> None:
    def sets(*others: str) -> list[FailedRun]:
        return [on(it, "m", *names.split(), passed_in=0) for it, names in enumerate(others)]

    assert found(sets("a b", "a b", "a b", "c d", "c d", "c d")) == [
        (100, 101, 102),
        (103, 104, 105),
    ]
    # what follows from a failure does not always fail
    assert found(sets("a b c", "a b", "b c")) == [(100, 101, 102)]
    # one of two is not enough
    assert found(sets("a", "a", "", "", "")) == [(102, 103, 104)]


def test_a_module_that_fails_in_one_test_of_a_build_says_nothing_beside_others() -> None:
    runs = [on(it, "m", f"{it}", passed_in=0) for it in range(3)]
    assert found(runs) == [(100, 101, 102)]


def test_failures_that_begin_in_other_modules_must_agree_in_most() -> None:
    def first(module: str, *others: str) -> list[FailedRun]:
        start = 10 * (ord(module) - ord("a"))
        return [on(start + it, module, *others, passed_in=0) for it in range(3)]

    assert len(found([*first("a", "c", "d", "e"), *first("b", "c", "d", "e")])) == 2
    assert len(found([*first("c", "d", "e", "f"), *first("d", "e", "f")])) == 1


def test_a_test_that_failed_in_another_module_did_not_have_the_cause_yet() -> None:
    begun = [on(it, build=2, passed_in=1) for it in (1, 2, 3)]
    later = [
        run
        for it in (4, 5, 6)
        for run in (on(it, "x", build=2, passed_in=1), on(it, build=3, passed_in=1))
    ]
    assert found([*begun, *later]) == [(201, 202, 203), (204, 205, 206), (304, 305, 306)]


def test_a_test_that_goes_on_failing_in_other_modules_has_another_cause() -> None:
    before = [on(it, "m", "a", "b", build=2, passed_in=1) for it in range(3)]
    after = [on(it, "m", "c", "d", build=3, passed_in=1) for it in range(3)]
    assert found([*before, *after]) == [(200, 201, 202), (300, 301, 302)]


def test_releases_and_modules_are_told_apart() -> None:
    rawhide = [failed(it, f"{it}", passed_in=0) for it in range(3)]
    branched = [failed(it, f"{it}", passed_in=0, version="43") for it in range(3, 6)]
    other = [failed(it, f"{it}", passed_in=0, module="_boot") for it in range(6, 9)]
    assert found([*rawhide, *branched, *other]) == [
        (100, 101, 102),
        (103, 104, 105),
        (106, 107, 108),
    ]


def test_what_a_message_does_not_say_of_the_release_the_build_does() -> None:
    runs = [failed(it, f"{it}", passed_in=0) for it in range(3)]
    runs[1] = replace(runs[1], job=replace(runs[1].job, version=""))
    assert found(runs) == [(100, 101, 102)]


def test_a_failure_whose_copy_passed_is_none_of_a_lasting_cause() -> None:
    runs = [failed(it, f"{it}", passed_in=0) for it in range(3)]
    copy = PassedRun(190, 102, compose(1))
    assert found([*runs[:2], replace(runs[2], after=copy)]) == []
    late = PassedRun(190, 190, compose(1))
    by_message = replace(runs[2], after=late, job=replace(runs[2].job, clone_id=190))
    assert found([*runs[:2], by_message]) == []


def test_failures_more_than_36_hours_apart_are_two_clusters() -> None:
    runs = [failed(1, build=it) for it in (1, 2, 4, 5)]
    assert found(runs) == [(101, 201), (401, 501)]


def test_a_test_that_nearly_always_fails_may_pass_once() -> None:
    runs = [failed(1, "a", build=it, passed_in=1) for it in (2, 3, 4, 5)]
    runs += [failed(2, "b", build=it, passed_in=1) for it in (2, 3)]
    runs += [failed(2, "b", build=5, passed_in=4)]
    assert found(runs) == [(201, 202, 301, 302, 401, 501, 502)]


def test_one_outage_is_one_cluster_whatever_the_reasons_and_releases() -> None:
    reasons = ("cache failure: x", "asset failure: y", "cache failure: x", "api failure: 503")
    runs = [
        failed(
            it, f"{it}", hour=it / 10, result="incomplete", reason=reason, version=f"{43 + it % 2}"
        )
        for it, reason in enumerate(reasons * 3)
    ]
    (cluster,) = find_clusters(runs, RULES)
    assert (cluster.kind, len(cluster.runs), cluster.id) == (FailureKind.INFRA, 12, 100)
    later = [replace(run, job=replace(run.job, id=900 + at, finished=run.job.finished + 5 * HOUR))  # type: ignore[operator]
             for at, run in enumerate(runs)]  # fmt: skip
    assert len(find_clusters([*runs, *later], RULES)) == 2


def test_clusters_that_fail_in_the_same_modules_are_joined_and_the_older_id_stays() -> None:
    modules = ("a", "b", "c", "d")
    runs = [
        failed(it, f"{it}", passed_in=0, failed_modules=modules[it > 2 :])
        for it in (0, 1, 2, 3, 4, 5)
    ]
    (cluster,) = find_clusters(runs, RULES)
    assert (cluster.id, [str(it) for it in cluster.signatures]) == (100, ["a", "b"])


def test_a_job_finds_its_cluster_by_whichever_of_its_jobs() -> None:
    clusters = find_clusters([failed(1, build=1), failed(1, build=2)], RULES)
    assert containing(clusters, 201) is clusters[0]
    assert containing(clusters, 7) is None


def test_what_a_person_decided_follows_every_job_of_a_cluster() -> None:
    runs = [failed(1, build=1), failed(1, build=2)]
    titled = FailureNote(201, title="no login", by="ada", at=1.0)
    linked = FailureNote(101, bug="https://bugs.example.org/7", kind=FailureKind.TEST, at=2.0)
    (cluster,) = find_clusters(runs, RULES, [titled, linked])
    assert cluster.note
    assert (cluster.note.id, cluster.note.title, cluster.note.bug) == (101, "no login", linked.bug)
    assert cluster.note.kind is FailureKind.TEST


def test_what_was_split_off_stays_apart_with_what_follows_it() -> None:
    runs = [
        failed(number, test, build=build, passed_in=1)
        for build in (2, 3)
        for number, test in enumerate(("a", "b", "c", "d"))
    ]
    note = FailureNote(203, apart=(203,))
    assert found(runs, note) == [(200, 201, 202, 300, 301, 302), (203, 303)]


def test_a_closed_cluster_opens_again_with_the_next_failure() -> None:
    runs = [failed(1, build=1), failed(1, build=2)]
    now = runs[-1].job.finished or 0.0
    for closed, state in ((None, "open"), (now, "closed"), (now - 1.0, "open")):
        (cluster,) = find_clusters(runs, RULES, [FailureNote(101, closed=closed)])
        assert state_of(cluster, now=now + HOUR) == state
    assert state_of(cluster, now=now + 37 * HOUR) is FailureState.OVER


@pytest.fixture(scope="module")
def made() -> tuple[FailedRun, ...]:
    shape = Shape(start=0.0, end=14 * 24 * HOUR, seed=3, scenarios=20, composes=28, updates=40)
    return failed_runs(one.job for one in make_history(shape).jobs)


@given(seed=st.integers(0, 2**32), repeated=st.integers(0, 50))
def test_clusters_are_the_same_in_any_order_and_after_reading_again(
    made: tuple[FailedRun, ...], seed: int, repeated: int
) -> None:
    expected = find_clusters(made, RULES)
    assert len(expected) > 5
    shuffled = random.Random(seed).sample(made, len(made))
    assert find_clusters(shuffled, RULES) == expected
    by_id = {run.job.id: run for run in (*shuffled, *shuffled[:repeated])}
    assert find_clusters(by_id.values(), RULES) == expected


@given(count=st.integers(1, 400))
def test_an_id_stays_while_jobs_arrive(made: tuple[FailedRun, ...], count: int) -> None:
    before = find_clusters(made[:count], RULES)
    after = find_clusters(made, RULES)
    for one in before:
        # whatever a cluster becomes, its old id finds it
        if found := containing(after, one.id):
            assert found.id <= one.id
