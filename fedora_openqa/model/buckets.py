"""The groups that jobs of openQA are counted in."""

from enum import StrEnum


class Bucket(StrEnum):
    """The group of tests that a test is listed in; the worst first."""

    FAILED = "failed"
    SOFT_FAILED = "soft failed"
    #: ended by a person or by openQA, so without a result
    CANCELLED = "cancelled"
    RUNNING = "running"
    SKIPPED = "skipped"
    PASSED = "passed"
