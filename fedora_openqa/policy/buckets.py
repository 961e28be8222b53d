"""Decides what the state and result of a job count as; pure."""

from collections.abc import Mapping

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import Job, JobResult, JobState
from fedora_openqa.texts import one_line

#: from openQA's results (lib/OpenQA/Jobs/Constants.pm) to the group
BUCKETS: Mapping[str, Bucket] = {
    JobResult.PASSED: Bucket.PASSED,
    JobResult.SOFTFAILED: Bucket.SOFT_FAILED,
    JobResult.FAILED: Bucket.FAILED,
    JobResult.INCOMPLETE: Bucket.FAILED,
    JobResult.TIMEOUT_EXCEEDED: Bucket.FAILED,
    # a job that ran in parallel failed, so this one shows nothing
    JobResult.PARALLEL_FAILED: Bucket.FAILED,
    # its parent failed, so it never ran
    JobResult.SKIPPED: Bucket.SKIPPED,
    JobResult.OBSOLETED: Bucket.CANCELLED,
    JobResult.USER_CANCELLED: Bucket.CANCELLED,
    # a restart whose copy is missing
    JobResult.USER_RESTARTED: Bucket.CANCELLED,
    JobResult.PARALLEL_RESTARTED: Bucket.CANCELLED,
}

#: from openQA's results, or states, to the words of the report, where they differ
ENDS: Mapping[str, str] = {
    JobResult.SOFTFAILED: "soft failed",
    JobResult.TIMEOUT_EXCEEDED: "timed out",
    JobResult.PARALLEL_FAILED: "failed beside another job",
    JobResult.USER_CANCELLED: "cancelled by a user",
    JobResult.USER_RESTARTED: "restarted without a copy",
    JobResult.PARALLEL_RESTARTED: "restarted without a copy",
}


def bucket_of(job: Job | StoredJob) -> Bucket:
    """Return the group that a job counts in.

    A job that never ran because its parent failed has the state *cancelled* and the result
    *skipped* in openQA, so the result counts before the state. A job with an unknown result counts
    as failed: a person should look at it.
    """
    if not job.is_ended:
        return Bucket.RUNNING
    if job.result in BUCKETS:
        return BUCKETS[job.result]
    return Bucket.CANCELLED if job.state == JobState.CANCELLED else Bucket.FAILED


def end_of(job: Job | StoredJob) -> str:
    """Return the result of a job, or its state, in words: ``"timed out"``, ``"scheduled"``."""
    word = job.result if job.is_ended and job.result != JobResult.NONE else job.state
    return one_line(ENDS.get(word, word))
