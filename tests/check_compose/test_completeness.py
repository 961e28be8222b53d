from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from check_compose.completeness import Complete, NotYet, Overdue, is_complete
from fedora_openqa.model.jobs import Job

#: 2026-11-20, midnight
START = 1_795_132_800.0
QUIET, WAIT = 600.0, 28_800.0


def seconds(after: float) -> datetime:
    return datetime.fromtimestamp(START + after, tz=UTC).replace(tzinfo=None)


def ran(state: str, *, started: float | None = None, finished: float | None = None) -> Job:
    return Job(
        id=1,
        flavor="Server-dvd-iso",
        arch="x86_64",
        state=state,
        result="none",
        started=None if started is None else seconds(started),
        finished=None if finished is None else seconds(finished),
    )


DONE = ran("done", started=60, finished=3600)
RUNNING = ran("running", started=120)
#: cancelled before it ran
CANCELLED = ran("cancelled")

TIMES = st.none() | st.integers(0, 100_000).map(float)
JOBS = st.lists(
    st.builds(
        ran,
        st.sampled_from(["scheduled", "running", "uploading", "done", "cancelled"]),
        started=TIMES,
        finished=TIMES,
    ),
    max_size=4,
)


def judge(
    *jobs: Job, now: float, scheduled: float | None = 0, is_owed: bool = False
) -> Complete | NotYet | Overdue:
    return is_complete(
        jobs,
        now=START + now,
        quiet=QUIET,
        wait=WAIT,
        scheduled=None if scheduled is None else START + scheduled,
        is_owed=is_owed,
    )


@pytest.mark.parametrize(
    ("jobs", "now"),
    [
        ((DONE,), 3600 + QUIET),
        ((DONE, CANCELLED), 3600 + QUIET),
        # the times of cancelling are unknown: the quiet time counts from scheduling
        ((CANCELLED,), QUIET),
        # jobs that ended in time are not overdue, however late the look
        ((DONE,), 10 * WAIT),
    ],
)
def test_a_compose_is_complete_once_no_job_has_ended_for_a_while(
    jobs: tuple[Job, ...], now: float
) -> None:
    assert judge(*jobs, now=now) == Complete()


def test_until_then_the_next_look_is_when_it_may_be_complete() -> None:
    step = judge(DONE, now=3600 + 200)
    assert step == NotYet(400, "nothing has ended for 200 s only, and more may follow")
    assert isinstance(judge(CANCELLED, now=QUIET - 1), NotYet)


@pytest.mark.parametrize(
    ("jobs", "is_owed", "reason"),
    [
        ((DONE, RUNNING, ran("scheduled")), False, "2 of 3 jobs have not ended"),
        ((DONE,), True, "not everything of it is scheduled"),
        ((), False, "openQA has no jobs of it"),
    ],
)
def test_running_jobs_are_waited_for_but_not_for_ever(
    jobs: tuple[Job, ...], *, is_owed: bool, reason: str
) -> None:
    # even if the last job ends now, the quiet time must pass
    assert judge(*jobs, now=9000, is_owed=is_owed) == NotYet(QUIET, reason)
    assert judge(*jobs, now=WAIT - 100, is_owed=is_owed) == NotYet(100, reason)
    assert judge(*jobs, now=WAIT, is_owed=is_owed) == Overdue(reason)


def test_a_job_that_ends_at_the_last_moment_does_not_prolong_the_wait() -> None:
    late = ran("done", started=60, finished=WAIT - 1)
    assert isinstance(judge(late, now=WAIT), Overdue)
    assert judge(late, now=WAIT + QUIET) == Complete()


def test_without_a_time_of_scheduling_that_of_the_first_job_counts() -> None:
    jobs = (RUNNING, ran("running", started=500))
    assert isinstance(judge(*jobs, now=119 + WAIT, scheduled=None), NotYet)
    assert isinstance(judge(*jobs, now=120 + WAIT, scheduled=None), Overdue)


def test_without_any_started_job_the_wait_has_no_end() -> None:
    assert isinstance(judge(now=100 * WAIT, scheduled=None), NotYet)
    assert isinstance(judge(ran("scheduled"), now=100 * WAIT, scheduled=None), NotYet)
    assert judge(CANCELLED, now=0, scheduled=None) == Complete()


@given(
    jobs=JOBS,
    now=st.integers(0, 200_000).map(float),
    scheduled=TIMES,
    quiet=st.sampled_from([0.0, 1.0, QUIET]),
    is_owed=st.booleans(),
)
def test_every_compose_is_reported_in_the_end_and_each_look_can_find_a_change(
    jobs: list[Job], now: float, scheduled: float | None, quiet: float, *, is_owed: bool
) -> None:
    def look(at: float) -> Complete | NotYet | Overdue:
        return is_complete(
            jobs,
            now=at,
            quiet=quiet,
            wait=WAIT,
            scheduled=None if scheduled is None else START + scheduled,
            is_owed=is_owed,
        )

    step = look(START + now)
    still = is_owed or not jobs or any(not job.is_ended for job in jobs)
    if isinstance(step, Complete):
        assert not still
        # it stays complete
        assert look(START + now + WAIT) == step
        return
    assert step.reason
    if isinstance(step, Overdue):
        assert scheduled is None or now >= scheduled + WAIT
        return
    assert step.look_again_in > 0
    again = look(START + now + step.look_again_in)
    if not still:
        assert not isinstance(again, NotYet)
    elif scheduled is not None:
        # the wait has an end
        assert isinstance(look(START + scheduled + WAIT), Overdue)
