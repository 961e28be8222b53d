"""What the states and results of jobs count as."""

import pytest

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.policy.buckets import bucket_of
from tests.support.jobs import job


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("done/passed", Bucket.PASSED),
        ("done/softfailed", Bucket.SOFT_FAILED),
        ("done/failed", Bucket.FAILED),
        ("done/incomplete", Bucket.FAILED),
        ("done/timeout_exceeded", Bucket.FAILED),
        ("done/parallel_failed", Bucket.FAILED),
        ("cancelled/parallel_failed", Bucket.FAILED),
        ("cancelled/skipped", Bucket.SKIPPED),
        ("done/skipped", Bucket.SKIPPED),
        ("done/obsoleted", Bucket.CANCELLED),
        ("cancelled/obsoleted", Bucket.CANCELLED),
        ("done/user_cancelled", Bucket.CANCELLED),
        ("cancelled/user_cancelled", Bucket.CANCELLED),
        ("done/user_restarted", Bucket.CANCELLED),
        ("done/parallel_restarted", Bucket.CANCELLED),
        ("cancelled/none", Bucket.CANCELLED),
        ("scheduled/none", Bucket.RUNNING),
        ("running/none", Bucket.RUNNING),
        ("uploading/failed", Bucket.RUNNING),
        ("done/none", Bucket.FAILED),
        ("done/new_word", Bucket.FAILED),
        ("cancelled/new_word", Bucket.CANCELLED),
    ],
)
def test_every_end_of_a_job_counts_as_something(outcome: str, expected: Bucket) -> None:
    assert bucket_of(job(1, outcome=outcome)) is expected
