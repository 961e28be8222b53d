"""What the stored jobs of a build say, and how they differ from those of another build."""

import msgspec

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.builds import BuildComparison, BuildSummary, Category, ScenarioChange
from fedora_openqa.model.history import StoredJob
from fedora_openqa.policy.buckets import bucket_of, end_of
from fedora_openqa.views.times import when


class CountsView(msgspec.Struct, frozen=True):
    """The number of tests in each state, by their newest jobs."""

    passed: int
    #: of these
    soft_failed: int
    failed: int
    #: cancelled or skipped
    without_result: int
    running: int
    waiting: int


class VerdictView(msgspec.Struct, frozen=True):
    """What the tests of a build say about it."""

    #: ``"good"``, ``"bad"``, ``"undecided"``
    judgement: str
    #: empty: it is good
    reasons: tuple[str, ...]


class SummaryView(msgspec.Struct, frozen=True):
    """What is stored of a build."""

    #: openQA's BUILD
    build: str
    #: whether all its tests have ended; None: the store cannot know
    complete: bool | None
    #: why it is not complete, or why that is not known; None: it is
    incomplete: str | None
    verdict: VerdictView
    counts: CountsView
    #: when one of its jobs was last heard of or read; None: none is known
    as_of: str | None


class TestRunView(msgspec.Struct, frozen=True):
    """A job of one of two builds."""

    id: int
    #: openQA's result, or its state while it has none, in words
    end: str
    soft_failed: bool
    #: the first fatal module that failed, or the first
    module: str | None
    reason: str | None
    seconds: float | None


class ChangeView(msgspec.Struct, frozen=True):
    """A test in two builds."""

    #: ``"regression"``, ``"fixed"``, …
    category: str
    test: str
    flavor: str
    arch: str
    machine: str
    #: None: the build has no such test
    before: TestRunView | None
    after: TestRunView | None


class ComparisonView(msgspec.Struct, frozen=True):
    """The tests of a build beside those of another."""

    build: str
    #: the build that it is compared with
    other: str
    #: each category to its number of tests
    counts: dict[str, int]
    #: ordered by category
    tests: tuple[ChangeView, ...]


def summary_view(one: BuildSummary) -> SummaryView:
    """Return the view of a build."""
    counts = {bucket: one.counts.get(bucket, 0) for bucket in Bucket}
    return SummaryView(
        build=one.build,
        complete=one.complete,
        incomplete=one.incomplete or None,
        verdict=VerdictView(str(one.verdict.judgement), one.verdict.reasons),
        counts=CountsView(
            passed=counts[Bucket.PASSED] + counts[Bucket.SOFT_FAILED],
            soft_failed=counts[Bucket.SOFT_FAILED],
            failed=counts[Bucket.FAILED],
            without_result=counts[Bucket.CANCELLED] + counts[Bucket.SKIPPED],
            running=counts[Bucket.RUNNING] - one.waiting,
            waiting=one.waiting,
        ),
        as_of=when(one.heard),
    )


def comparison_view(one: BuildComparison) -> ComparisonView:
    """Return the view of a comparison."""
    tests = tuple(map(_change, one.changes))
    return ComparisonView(
        build=one.build,
        other=one.other,
        counts={
            str(category): sum(change.category is category for change in one.changes)
            for category in Category
        },
        tests=tests,
    )


def _change(one: ScenarioChange) -> ChangeView:
    return ChangeView(
        str(one.category), *one.scenario, before=_run(one.before), after=_run(one.after)
    )


def _run(job: StoredJob | None) -> TestRunView | None:
    if job is None:
        return None
    return TestRunView(
        id=job.id,
        end=end_of(job),
        soft_failed=bucket_of(job) is Bucket.SOFT_FAILED,
        module=job.fatal_module or next(iter(job.failed_modules), None),
        reason=job.reason or None,
        seconds=job.seconds,
    )
