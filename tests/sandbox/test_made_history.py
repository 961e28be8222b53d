"""Made-up job history: every failure has its cause, and the jobs are as openQA's are."""

import pytest

from fedora_openqa.model.jobs import OK_RESULTS, STOPPED_RESULTS, JobResult
from fedora_openqa.sandbox.made_causes import DAY, CauseKind
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import MadeHistory, Shape, shape_of

END = 1_790_000_000.0


@pytest.fixture(scope="module")
def made() -> MadeHistory:
    few_workers = Shape(
        start=END - 30 * DAY,
        end=END,
        seed=3,
        scenarios=150,
        composes=30,
        updates=400,
        again=0.3,
        busy=2.0,
    )
    return make_history(few_workers)


def test_the_same_seed_makes_the_same_jobs() -> None:
    one, same, other = (
        make_history(shape_of(500, end=END, days=5.0, seed=seed)) for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_there_are_about_as_many_jobs_as_wanted() -> None:
    assert 4_500 < len(make_history(shape_of(6_000, end=END, days=30.0)).jobs) < 7_500


def test_every_failure_has_a_cause_and_nothing_else_has(made: MadeHistory) -> None:
    for one in made.jobs:
        is_bad = one.job.is_ended and one.job.result not in OK_RESULTS | STOPPED_RESULTS
        # what waits for a job that a person cancelled is skipped without a cause
        assert one.job.result == JobResult.SKIPPED or is_bad == (one.cause is not None), one


def test_there_is_every_kind_of_cause_and_of_end(made: MadeHistory) -> None:
    assert {one.cause.kind for one in made.jobs if one.cause} == set(CauseKind)
    never = {JobResult.PARALLEL_RESTARTED, JobResult.USER_RESTARTED}
    assert {one.job.result for one in made.jobs} >= set(JobResult) - never


def test_ended_jobs_come_in_the_order_they_ended(made: MadeHistory) -> None:
    ends = [one.job.finished for one in made.jobs if one.job.finished]
    assert ends == sorted(ends)
    assert all(one.job.is_ended for one in made.jobs[: len(ends)])


def test_copies_are_of_the_same_scenario_and_build_and_come_later(made: MadeHistory) -> None:
    jobs = {one.job.id: one for one in made.jobs}
    copied = [one for one in made.jobs if one.job.clone_id]
    assert copied
    for one in copied:
        copy = jobs[one.job.clone_id or 0]
        assert copy.job.origin_id == one.job.origin_id
        assert (copy.job.scenario, copy.job.build) == (one.job.scenario, one.job.build)
        assert copy.created >= (one.job.finished or END)


def test_a_job_runs_after_what_it_is_chained_after(made: MadeHistory) -> None:
    jobs = {one.job.id: one for one in made.jobs}
    for one in made.jobs:
        for parent in one.parents:
            started = jobs[parent].job.started
            assert one.job.started is None or (started and started <= one.job.started)


def test_an_outage_ends_what_runs_on_its_hosts(made: MadeHistory) -> None:
    hit = [one for one in made.jobs if one.cause and one.cause.kind is CauseKind.OUTAGE]
    direct = [one for one in hit if one.job.result == JobResult.INCOMPLETE]
    assert direct
    for one in direct:
        assert one.cause
        assert not one.cause.hosts or one.host in one.cause.hosts
        assert one.job.reason
