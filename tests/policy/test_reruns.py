from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openqa_client import const

from fedora_openqa.model.jobs import Job
from fedora_openqa.model.reruns import RerunRequest, RestartAnswer, Selection
from fedora_openqa.policy.reruns import (
    FAILED_RESULTS,
    conclude,
    estimate,
    select_jobs,
)
from tests.support.jobs import BUILD, job

FAILED = RerunRequest(subject=BUILD, failed=True)
SERVER = RerunRequest(subject=BUILD, flavors=("server-DVD-iso",))


def ids(jobs: tuple[Job, ...]) -> list[int]:
    return [job.id for job in jobs]


def test_the_words_are_openqas() -> None:
    assert {
        const.JOB_RESULT_FAILED,
        *const.JOB_NOT_COMPLETE_RESULTS,
        const.JOB_RESULT_PARALLEL_FAILED,
    } == FAILED_RESULTS


@pytest.mark.parametrize(
    ("outcome", "selected"),
    [
        ("done/failed", True),
        ("done/incomplete", True),
        ("done/timeout_exceeded", True),
        ("done/parallel_failed", True),
        ("done/passed", False),
        ("done/softfailed", False),
        ("done/user_cancelled", False),
        ("done/obsoleted", False),
        ("cancelled/skipped", False),
        ("running", False),
        ("scheduled", False),
    ],
)
def test_what_has_failed(outcome: str, *, selected: bool) -> None:
    assert ids(select_jobs([job(1, outcome=outcome)], FAILED).jobs) == [1] * selected


@pytest.mark.parametrize(
    ("request_", "selected"),
    [
        (SERVER, [1, 2, 3]),
        (RerunRequest(subject=BUILD, flavors=("updates-server-dvd-iso",)), [1, 2, 3]),
        (RerunRequest(subject=BUILD, flavors=("SERVER", "universal")), [4, 5]),
        (RerunRequest(subject=BUILD, tests=("install",)), [1, 3]),
        (RerunRequest(subject=BUILD, tests=("install",), arches=("aarch64",)), [3]),
        (RerunRequest(subject=BUILD, tests=("base", "x"), machines=("uefi",)), [4]),
        (RerunRequest(subject=BUILD, failed=True, flavors=("Server-dvd-iso",)), [1]),
        (RerunRequest(subject=BUILD, failed=True, tests=("nonesuch",)), []),
    ],
)
def test_what_is_asked_for_narrows_the_choice(request_: RerunRequest, selected: list[int]) -> None:
    jobs = [
        job(1),
        job(2, "upgrade", outcome="done/passed"),
        job(3, arch="aarch64", outcome="cancelled/user_cancelled"),
        job(4, "base", flavor="updates-server", machine="uefi"),
        job(5, "base", flavor="universal"),
    ]
    assert ids(select_jobs(jobs, request_).jobs) == selected


def test_only_the_newest_job_of_a_scenario_counts() -> None:
    copied = [job(1, clone_id=2), job(2, outcome="done/passed")]
    assert select_jobs(copied, FAILED).jobs == ()
    posted_again = [job(3), job(4, outcome="cancelled/obsoleted"), job(5)]
    assert ids(select_jobs(posted_again, FAILED).jobs) == [5]
    copied_elsewhere = [job(6), job(7, clone_id=99)]
    assert select_jobs(copied_elsewhere, FAILED).jobs == ()


CHAIN = [
    job(1, "upload", outcome="done/passed"),
    job(2, "follow", parents=(1,)),
    job(3, "last", outcome="cancelled/skipped", parents=(2,)),
]


def test_openqa_is_asked_for_the_jobs_that_bring_the_others() -> None:
    selection = select_jobs(CHAIN, SERVER)
    assert (ids(selection.jobs), selection.along) == ([1, 2, 3], ())
    assert selection.asked_as == {1: 1, 2: 1, 3: 1}


def test_what_depends_on_a_job_comes_along() -> None:
    selection = select_jobs(CHAIN, FAILED)
    assert (ids(selection.jobs), ids(selection.along)) == ([2], [3])
    assert selection.asked_as == {2: 2, 3: 2}


def test_a_job_whose_restart_would_stop_another_is_held() -> None:
    jobs = [*CHAIN, job(4, "beside", outcome="running", parents=(1,))]
    selection = select_jobs(jobs, SERVER)
    assert ids(selection.jobs) == [2, 3]
    assert set(selection.asked_as.values()) == {2}
    (held,) = selection.held
    assert (held.job.id, held.reason) == (1, "job 4, which would be restarted along, is running")
    assert selection.pending == 1


SKIPPED = "cancelled/skipped"
FAILED_PARENT = [
    job(1, "live_build", outcome="done/passed"),
    job(2, "install", parents=(1,)),
    *(job(id_, f"desktop_{id_}", outcome=SKIPPED, parents=(2,)) for id_ in (5, 6, 7, 8)),
]
CLUSTER = [
    job(1, "install"),
    job(2, "server", outcome=SKIPPED, parents=(1,)),
    replace(job(3, "client", outcome=SKIPPED, parents=(2,)), parallel=(2,)),
    replace(job(4, "replica", outcome=SKIPPED, parents=(2,)), parallel=(2,)),
    job(5, "last", outcome=SKIPPED, parents=(3,)),
]
DIRECT = [
    job(1, "first", outcome="done/passed"),
    replace(job(2, "second", parents=(1,)), direct_parents=(1,)),
    replace(job(3, "third", outcome=SKIPPED, parents=(2,)), direct_parents=(2,)),
]
SIBLING = [
    job(1, "install"),
    job(2, "other", outcome=SKIPPED, parents=(1,)),
    job(3, "server"),
    replace(job(4, "client", outcome=SKIPPED, parents=(1, 3)), parallel=(3,)),
]
TWO_FAILED = [
    job(1, "a"),
    job(2, "b"),
    job(3, "both", outcome=SKIPPED, parents=(1, 2)),
    job(4, "after_a", outcome=SKIPPED, parents=(1,)),
    job(5, "after_b", outcome=SKIPPED, parents=(2,)),
    job(6, "after_a_too", outcome=SKIPPED, parents=(1,)),
]


@pytest.mark.parametrize(
    ("jobs", "tests", "along", "asked_as"),
    [
        (FAILED_PARENT, {"desktop_7", "desktop_6"}, {2, 5, 8}, {2: 2, 5: 2, 6: 2, 7: 2, 8: 2}),
        (FAILED_PARENT, {"desktop_7", "install"}, {5, 6, 8}, {2: 2, 5: 2, 6: 2, 7: 2, 8: 2}),
        (CLUSTER, {"last"}, {1, 2, 3, 4}, dict.fromkeys(range(1, 6), 1)),
        (CLUSTER, {"replica", "client"}, {1, 2, 5}, dict.fromkeys(range(1, 6), 1)),
        (CLUSTER[1:], {"client"}, {2, 4, 5}, dict.fromkeys((2, 3, 4, 5), 3)),
        (CLUSTER[1:], {"client", "replica"}, {2, 5}, dict.fromkeys((2, 3, 4, 5), 3)),
        (DIRECT, {"second"}, {1, 3}, {1: 1, 2: 1, 3: 1}),
        (DIRECT, {"third"}, {1, 2}, {1: 1, 2: 1, 3: 1}),
        (SIBLING, {"server"}, {1, 2, 4}, dict.fromkeys((1, 2, 3, 4), 1)),
        (TWO_FAILED, {"both"}, {1, 2, 4, 6}, {1: 1, 2: 1, 3: 1, 4: 1, 6: 1}),
    ],
    ids=[
        "two skipped children of a failed parent",
        "a failed parent and its skipped child",
        "last of a cluster below a failed parent",
        "two parallel jobs below a failed parent",
        "a parallel child brings its parent",
        "two parallel children are asked for once",
        "a directly chained job",
        "a directly chained job behind a failed one",
        "a failed parent of a parallel relative",
        "two failed parents",
    ],
)
def test_openqa_is_asked_for_the_topmost_failed_parent(
    jobs: list[Job], tests: set[str], along: set[int], asked_as: dict[int, int]
) -> None:
    selection = select_jobs(jobs, RerunRequest(subject=BUILD, tests=tuple(tests)))
    assert set(ids(selection.along)) == along
    assert selection.asked_as == asked_as
    assert selection.held == ()


def test_a_job_that_openqa_would_leave_behind_is_held_with_the_reason() -> None:
    selection = select_jobs(TWO_FAILED, RerunRequest(subject=BUILD, tests=("both", "after_b")))
    assert (ids(selection.jobs), set(selection.asked_as.values())) == ([3], {1})
    assert [(it.job.id, it.reason) for it in selection.held] == [
        (5, "job 2, which it waits for, is restarted with job 1, and openQA copies no job twice")
    ]


def test_a_child_whose_parent_was_restarted_without_it_is_held() -> None:
    jobs = [job(2, clone_id=9), job(5, "desktop", outcome=SKIPPED, parents=(2,))]
    selection = select_jobs(jobs, RerunRequest(subject=BUILD, tests=("desktop",)))
    (held,) = selection.held
    assert held.reason == "job 2, which it needs, was restarted without it as job 9"


def test_a_copy_that_was_cancelled_is_restarted_with_what_it_skipped() -> None:
    jobs = [
        job(5, outcome="done/passed", clone_id=231),
        job(231, outcome="cancelled/user_cancelled"),
        job(232, "after", outcome=SKIPPED, parents=(231,)),
    ]
    selection = select_jobs(jobs, RerunRequest(subject=BUILD, tests=("after",)))
    assert (ids(selection.along), selection.asked_as) == ([231], {231: 231, 232: 231})


@pytest.mark.parametrize(
    ("jobs", "reason"),
    [
        ([], f"openQA has no jobs of build {BUILD}"),
        ([job(1, outcome="scheduled")], f"all such jobs of {BUILD} wait or run"),
        ([job(1, flavor="universal")], f"no such job among the 1 of {BUILD}"),
        (CHAIN, None),
    ],
)
def test_nothing_to_restart_has_a_reason(jobs: list[Job], reason: str | None) -> None:
    assert select_jobs(jobs, SERVER).reason == reason


OUTCOMES = ["done/passed", "done/failed", "cancelled/skipped", "scheduled", "running"]


@st.composite
def builds(draw: st.DrawFn) -> list[Job]:
    """Draw jobs that wait for older ones, some posted twice, some with a copy."""
    number = draw(st.integers(0, 12))
    return [
        job(
            id_,
            draw(st.sampled_from(["a", "b", "c", "d", "e", "f"])),
            outcome=draw(st.sampled_from(OUTCOMES)),
            clone_id=draw(st.sampled_from([None, None, None, 100 + id_])),
            parents=tuple(draw(st.sets(st.integers(1, id_ - 1), max_size=2))) if id_ > 1 else (),
        )
        for id_ in range(1, number + 1)
    ]


@given(builds(), st.booleans(), st.randoms())
def test_what_is_restarted_is_final_uncopied_and_asked_for_once(
    jobs: list[Job],
    failed: bool,  # noqa: FBT001 - Hypothesis fills it
    random: Random,
) -> None:
    request = RerunRequest(subject=BUILD, failed=failed)
    selection = select_jobs(jobs, request)
    touched = selection.jobs + selection.along
    assert len(set(ids(touched))) == len(touched)
    assert set(ids(touched)) == set(selection.asked_as)
    for restarted in touched:
        assert restarted.state in {"done", "cancelled"}
        assert restarted.clone_id is None
    asked = set(selection.asked_as.values())
    assert {selection.asked_as[id_] for id_ in asked} == asked
    random.shuffle(jobs)
    again = select_jobs(jobs, request)
    assert (set(again.jobs), again.asked_as) == (set(selection.jobs), selection.asked_as)


def test_the_usual_time_is_the_median_of_the_kind() -> None:
    history = [
        *(job(id_, minutes=minutes) for id_, minutes in enumerate((10, 20, 90))),
        job(10, "upgrade", minutes=50),
        job(11, "other"),
    ]
    found = estimate([job(1), job(2, "upgrade"), job(3, "other"), job(4, machine="uefi")], history)
    assert (found.total, found.longest) == (timedelta(minutes=70), timedelta(minutes=50))
    assert found.unknown == 2


def test_without_history_nothing_is_known() -> None:
    assert estimate([job(1)], []).unknown == 1


def selected(*jobs: Job) -> Selection:
    return select_jobs(jobs, SERVER)


def test_a_job_copied_twice_in_one_go_has_its_last_copy() -> None:
    # two parents were restarted one after the other: 3 waits for both
    selection = selected(job(1, "a"), job(2, "b"), job(3, "c", parents=(1, 2)))
    answer = RestartAnswer({1: 4, 3: 5, 2: 6, 4: 7, 5: 8})
    rerun = conclude(selection, answer)
    assert (rerun.copies, rerun.refused) == ({1: 7, 2: 6, 3: 8}, ())


MISSES = "Job 1 misses the following mandatory assets: iso/x.iso Ensure to provide mandatory assets"


def test_what_was_refused_is_named_with_openqas_reason() -> None:
    selection = selected(job(1, "a"), job(2, "b", parents=(1,)), job(3, "c"), job(4, "d"))
    answer = RestartAnswer({3: 5}, errors=(MISSES, "Direct parent 9 needs"), enforceable=True)
    rerun = conclude(selection, answer)
    assert [(it.job.id, it.reason) for it in rerun.refused] == [
        (1, MISSES),
        (2, MISSES),
        (4, f"{MISSES}; Direct parent 9 needs"),
    ]
    assert rerun.enforceable


def test_hundreds_of_reasons_are_cut() -> None:
    errors = tuple(f"Job {number} misses the following: x" for number in range(100, 400))
    (refused,) = conclude(selected(job(1)), RestartAnswer({}, errors=errors)).refused
    assert len(refused.reason) < 600


def test_a_reason_may_be_missing() -> None:
    (refused,) = conclude(selected(job(1)), RestartAnswer({})).refused
    assert "openQA does not say why" in refused.reason


def test_a_refusal_that_another_restart_made_up_for_is_none() -> None:
    answer = RestartAnswer({1: 3}, errors=(MISSES,), enforceable=True)
    rerun = conclude(selected(job(1)), answer)
    assert (rerun.refused, rerun.enforceable) == ((), False)


def test_a_dry_run_concludes_what_would_be_restarted() -> None:
    rerun = conclude(select_jobs(CHAIN, FAILED), RestartAnswer({2: None}))
    assert rerun.copies == {2: None, 3: None}


def test_jobs_that_are_named_are_selected_and_those_with_a_newer_one_left_out() -> None:
    jobs = [job(1, "a", clone_id=4), job(2, "b"), job(3, "c"), job(4, "a", outcome="running")]
    selection = select_jobs(jobs, RerunRequest(subject=BUILD, jobs=(1, 2)))
    assert (ids(selection.jobs), selection.renewed, selection.pending) == ([2], (1,), 0)
    both = select_jobs(
        [job(1, "a", clone_id=4), job(4, "a")], RerunRequest(subject=BUILD, jobs=(1, 4))
    )
    assert (ids(both.jobs), both.renewed) == ([4], ())
