"""What the stored jobs of a build say, and how they differ from those of another build."""

from collections.abc import Iterable

import msgspec

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.builds import BuildComparison, BuildSummary, Category, ScenarioChange
from fedora_openqa.model.history import StoredJob
from fedora_openqa.policy.buckets import bucket_of, end_of
from fedora_openqa.policy.comparing import order_of
from fedora_openqa.views.now import EtaView, eta_view
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
    #: when its jobs will have ended; None: none of them is in openQA's queue
    eta: EtaView | None
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


class CellView(msgspec.Struct, frozen=True):
    """The newest job of a test on a flavor and arch."""

    id: int
    #: openQA's result, or its state while it has none, in words
    end: str
    #: ``"passed"``, ``"soft failed"``, ``"failed"``, ``"cancelled"``, ``"skipped"``, ``"running"``
    bucket: str
    module: str | None
    reason: str | None


class GridRowView(msgspec.Struct, frozen=True):
    """A test on a machine."""

    test: str
    machine: str
    #: one for each column; None: there is no such job
    cells: tuple[CellView | None, ...]


class GridView(msgspec.Struct, frozen=True):
    """The tests of a build beside the flavors and arches that they ran on."""

    #: flavor and arch
    columns: tuple[tuple[str, str], ...]
    rows: tuple[GridRowView, ...]


def grid_view(newest: Iterable[StoredJob], *, whole: bool) -> GridView:
    """Return the grid of a build.

    :param newest: the newest job of each test
    :param whole: also the tests that passed everywhere
    """
    rows: dict[tuple[str, str], dict[tuple[str, str], StoredJob]] = {}
    for job in sorted(newest, key=lambda job: order_of(job.scenario)):
        test, flavor, arch, machine = job.scenario
        rows.setdefault((test, machine), {})[flavor, arch] = job
    if not whole:
        rows = {
            name: jobs
            for name, jobs in rows.items()
            if any(bucket_of(job) is not Bucket.PASSED for job in jobs.values())
        }
    columns = tuple(dict.fromkeys(column for jobs in rows.values() for column in jobs))
    return GridView(
        columns=columns,
        rows=tuple(
            GridRowView(
                *name,
                tuple(_cell(jobs[column]) if column in jobs else None for column in columns),
            )
            for name, jobs in sorted(rows.items())
        ),
    )


def _cell(job: StoredJob) -> CellView:
    return CellView(
        id=job.id,
        end=end_of(job),
        bucket=str(bucket_of(job)),
        module=module_of(job),
        reason=job.reason or None,
    )


def module_of(job: StoredJob) -> str | None:
    """Return the first fatal module of a job that failed, or the first; None: none is known."""
    return job.fatal_module or next(iter(job.failed_modules), None)


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
        eta=eta_view(one.forecast) if one.forecast else None,
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
        str(one.category),
        *one.scenario,
        before=test_run_view(one.before),
        after=test_run_view(one.after),
    )


def test_run_view(job: StoredJob | None) -> TestRunView | None:
    """Return the view of a job; None: there is none."""
    if job is None:
        return None
    return TestRunView(
        id=job.id,
        end=end_of(job),
        soft_failed=bucket_of(job) is Bucket.SOFT_FAILED,
        module=module_of(job),
        reason=job.reason or None,
        seconds=job.seconds,
    )
