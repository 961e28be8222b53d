"""openQA's vocabulary is that of its own client."""

from openqa_client import const

from fedora_openqa.model.jobs import (
    FINAL_STATES,
    NOT_COMPLETE_RESULTS,
    OK_RESULTS,
    PENDING_STATES,
    STOPPED_RESULTS,
    Job,
    JobResult,
    JobState,
)


def test_the_words_are_those_of_openqas_client() -> None:
    assert set(JobState) == set(const.JOB_STATES)
    assert set(JobResult) == set(const.JOB_RESULTS)
    assert set(const.JOB_PENDING_STATES) == PENDING_STATES
    assert set(const.JOB_FINAL_STATES) == FINAL_STATES
    assert set(const.JOB_OK_RESULTS) == OK_RESULTS
    assert set(const.JOB_NOT_COMPLETE_RESULTS) == NOT_COMPLETE_RESULTS
    assert set(const.JOB_ABORTED_RESULTS) >= STOPPED_RESULTS


def test_every_state_is_pending_or_final() -> None:
    assert set(JobState) == PENDING_STATES | FINAL_STATES
    assert not PENDING_STATES & FINAL_STATES


def test_a_word_of_a_newer_openqa_is_neither_pending_nor_final_nor_ok() -> None:
    job = Job(id=1, flavor="f", arch="x86_64", state="thinking", result="perfect")
    assert (job.is_pending, job.is_ended, job.is_ok) == (False, False, False)
