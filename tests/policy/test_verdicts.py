"""What the stored products and jobs of a build say."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.builds import BuildJobs, Judgement
from fedora_openqa.model.stories import Story
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.verdicts import has_ended, has_passed, summarise
from tests.support.stored_jobs import STORED_BUILDS, build_of, product, stored, story

PASSED, FAILED = stored(1, "a"), stored(2, "b", "done/failed")
RUNNING = stored(3, "c", "running")
RESTARTED = stored(1, "a", "done/failed", clone_id=9)
WANTED, PARKED, SKIPPED = SubjectState.WANTED, SubjectState.PARKED, SubjectState.SKIPPED


@pytest.mark.parametrize(
    ("build", "stories", "complete", "judgement", "reasons"),
    [
        (build_of(PASSED), [story(product(1))], True, "good", ()),
        (build_of(PASSED, FAILED), [story(product(1, 2))], True, "bad", ("1 test failed",)),
        (
            build_of(PASSED, RUNNING),
            [story(product(1, 3))],
            False,
            "undecided",
            ("1 of 2 tests have not ended",),
        ),
        # a failure counts before the end
        (build_of(FAILED, RUNNING), [story(product(2, 3))], False, "bad", ("1 test failed",)),
        (
            build_of(PASSED),
            [story(product(1), state=WANTED)],
            False,
            "undecided",
            ("not all of its tests are scheduled",),
        ),
        (
            build_of(PASSED),
            [story(product(1), state=PARKED, reason="openQA refuses")],
            False,
            "undecided",
            ("it is parked: openQA refuses",),
        ),
        (build_of(PASSED), [], None, "undecided", ("nothing is stored of its scheduling",)),
        (
            build_of(PASSED),
            [story(product(1, 4, 5))],
            None,
            "undecided",
            ("nothing was heard of 2 of its jobs",),
        ),
        (
            build_of(stored(1, clone_id=9)),
            [story(product(1))],
            None,
            "undecided",
            ("nothing was heard of 1 jobs that were restarted",),
        ),
        (
            build_of(PASSED),
            [story(product(1, reason="no machine for b"))],
            True,
            "undecided",
            ("Server-dvd-iso x86_64: no machine for b",),
        ),
        (
            build_of(PASSED, stored(2, "b", "cancelled/skipped")),
            [story(product(1, 2))],
            True,
            "undecided",
            ("1 test skipped, without a result",),
        ),
        (
            build_of(),
            [story(state=SKIPPED, reason="it is on the block list")],
            True,
            "undecided",
            ("it has no tests: it is on the block list",),
        ),
    ],
)
def test_what_is_known_decides(
    *,
    build: BuildJobs,
    stories: list[Story],
    complete: bool | None,
    judgement: str,
    reasons: tuple[str, ...],
) -> None:
    found = summarise(build, stories)
    assert (found.complete, str(found.verdict.judgement)) == (complete, judgement)
    assert found.verdict.reasons == reasons


def test_jobs_of_an_older_request_do_not_count() -> None:
    # an update was edited: its second request has other builds below the same BUILD
    old, copy = (
        stored(2, "b", "done/failed", clone_id=4),
        stored(4, "b", "done/failed", origin_id=2),
    )
    subject = story(product(1, 2), product(3, number=2), number=2)
    found = summarise(build_of(stored(1, "a"), old, stored(3, "a"), copy), [subject])
    assert (found.complete, found.verdict.judgement) == (True, Judgement.GOOD)
    assert [job.id for job in found.newest] == [3]


def test_sinks_do_not_count() -> None:
    sink = story(key="resultsdb:B", state=WANTED)
    assert summarise(build_of(PASSED), [story(product(1)), sink]).complete is True


@given(build=STORED_BUILDS, state=st.sampled_from(SubjectState), lost=st.integers(0, 2))
def test_good_means_that_every_test_has_ended_and_passed(
    build: BuildJobs, state: SubjectState, lost: int
) -> None:
    ids = [job.id for job in build.jobs] + [100 + number for number in range(lost)]
    found = summarise(build, [story(product(*ids), state=state)])
    assert sum(found.counts.values()) == len(found.newest)
    if found.verdict.judgement is Judgement.GOOD:
        assert found.complete is True
        assert build.jobs
        assert all(job.is_ended and job.is_ok for job in found.newest)
        assert has_passed(build)
    else:
        assert found.verdict.reasons
    assert (found.complete is True) == (found.incomplete == "")


@given(build=STORED_BUILDS)
def test_without_the_subject_nothing_is_known_to_be_complete(build: BuildJobs) -> None:
    assert summarise(build, []).complete is not True


@given(build=STORED_BUILDS)
def test_one_job_that_has_not_ended_is_enough(build: BuildJobs) -> None:
    running = replace(RUNNING, id=1000)
    more = replace(build, jobs=(*build.jobs, running))
    assert not has_ended(more)
    assert summarise(more, [story(product(1000))]).complete is False
