"""The jobs that openQA must keep, in the store."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.evidence import KeptJob
from fedora_openqa.store.kept_jobs import KeptJobs
from tests.store.timed import StoppedClock

MANY = 100
RULE = KeptJob(1, "B", 2000.0, reason="all jobs of a build: candidate")
PERSON = replace(RULE, until=3000.0, by="ada", reason="a bug")


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(1000.0)


@pytest.fixture
def kept(engine: Engine, clock: StoppedClock) -> KeptJobs:
    return KeptJobs(engine, clock=clock)


def test_a_job_is_to_be_kept_until_it_is_confirmed(kept: KeptJobs, clock: StoppedClock) -> None:
    assert kept.intend([RULE, replace(RULE, job_id=2, build="C")]) == 2
    assert kept.intend([RULE]) == 0
    assert kept.to_keep(build="B", most=MANY) == (RULE,)
    assert [job.job_id for job in kept.to_keep(most=MANY)] == [1, 2]
    kept.tried(1)
    assert [job.job_id for job in kept.to_keep(most=1)] == [2]
    kept.confirm(1)
    assert kept.to_keep(build="B", most=MANY) == ()
    assert [(one.build, one.jobs, one.open) for one in kept.builds()] == [("B", 1, 0), ("C", 1, 1)]
    clock.now = 2001.0
    assert [job.job_id for job in kept.to_release(most=MANY)] == [2, 1]
    assert kept.to_keep(most=MANY) == ()
    kept.forget(1)
    kept.forget(2)
    assert kept.to_release(most=MANY) == ()
    assert kept.builds() == ()


def test_the_later_end_counts(kept: KeptJobs) -> None:
    kept.intend([RULE])
    kept.confirm(1)
    kept.intend([PERSON])
    # openQA has another comment
    assert kept.to_keep(most=MANY) == (PERSON,)
    kept.confirm(1)
    kept.intend([RULE])
    assert kept.to_keep(most=MANY) == ()
    assert kept.of_build("B") == (PERSON,)


def test_only_a_person_keeps_again_what_a_person_has_released(
    kept: KeptJobs, clock: StoppedClock
) -> None:
    kept.intend([RULE])
    assert kept.end("B") == 1
    kept.intend([RULE])
    assert [job.job_id for job in kept.to_release(most=MANY)] == [1]
    kept.forget(1)
    assert (kept.to_release(most=MANY), kept.end("B")) == ((), 0)
    kept.intend([RULE])
    assert kept.to_keep(most=MANY) == ()
    kept.intend([PERSON])
    assert kept.to_keep(most=MANY) == (PERSON,)
    kept.end("B")
    kept.forget(1)
    clock.now = 5000.0
    kept.prune(keep=10.0)
    later = replace(RULE, until=6000.0)
    kept.intend([later])
    assert kept.to_keep(most=MANY) == (later,)
