"""What the stored products and jobs of a build say: whether it is complete, and good; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from fedora_openqa.model.buckets import Bucket
from fedora_openqa.model.builds import BuildJobs, BuildSummary, Judgement, Verdict
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import JobState
from fedora_openqa.model.products import ProductState
from fedora_openqa.model.stories import StoredProduct, Story
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.buckets import bucket_of
from fedora_openqa.policy.comparing import PASSED, newest_of

#: tests that neither passed nor failed
WITHOUT_RESULT = (Bucket.CANCELLED, Bucket.SKIPPED)


def summarise(build: BuildJobs, stories: Sequence[Story]) -> BuildSummary:
    """Return what is known about a build.

    Jobs of former requests do not count: an update may have had other builds then.

    :param stories: of its subject, and of sinks, which do not count; empty: the store has none
    """
    stories = of_subjects(stories)
    products = [
        product
        for story in stories
        for product in story.products
        if product.number == story.subject.number
    ]
    newest = tuple(newest_of(_current(build.jobs, stories, products)).values())
    counts = Counter(map(bucket_of, newest))
    if reason := _open(newest, stories, products):
        complete: bool | None = False
    elif reason := _unknown(newest, build.jobs, stories, products):
        complete = None
    else:
        complete = True
    return BuildSummary(
        build=build.build,
        complete=complete,
        incomplete=reason,
        verdict=_verdict(counts, reason, stories, products),
        counts={bucket: counts[bucket] for bucket in Bucket if counts[bucket]},
        waiting=sum(job.state == JobState.SCHEDULED for job in newest),
        heard=build.heard,
        newest=newest,
    )


def of_subjects(stories: Iterable[Story]) -> tuple[Story, ...]:
    """Return the histories of what is tested, without those of sinks."""
    return tuple(story for story in stories if story.subject.lane in {*Kind})


def is_owed(stories: Iterable[Story]) -> bool:
    """Return whether tests of a subject will still be scheduled."""
    return any(story.subject.state is SubjectState.WANTED for story in of_subjects(stories))


def has_ended(build: BuildJobs) -> bool:
    """Return whether a build has jobs, and all have ended."""
    return bool(build.jobs) and all(job.is_ended for job in build.jobs)


def has_passed(build: BuildJobs) -> bool:
    """Return whether each test of a build has passed, by its newest job."""
    return all(bucket_of(job) in PASSED for job in newest_of(build.jobs).values())


def _current(
    jobs: Iterable[StoredJob], stories: Iterable[Story], products: Iterable[StoredProduct]
) -> Iterable[StoredJob]:
    """Return the jobs since the newest request, without copies of older ones."""
    if all(story.subject.number == 1 for story in stories):
        return jobs
    first = min((job_id for product in products for job_id in product.job_ids), default=None)
    # nothing is posted of it yet, or it is posted anew
    return () if first is None else [job for job in jobs if job.origin_id >= first]


def _open(
    newest: Sequence[StoredJob], stories: Iterable[Story], products: Iterable[StoredProduct]
) -> str:
    """Return what is unfinished; empty: nothing that the store knows."""
    if running := sum(not job.is_ended for job in newest):
        return f"{running} of {len(newest)} tests have not ended"
    for story in stories:
        subject = story.subject
        if subject.state is SubjectState.WANTED:
            return "not all of its tests are scheduled"
        if subject.state is SubjectState.PARKED:
            return f"it is parked: {subject.reason}" if subject.reason else "it is parked"
    begun = sum(product.state not in {*ProductState} for product in products)
    return f"{begun} of its products are being posted" if begun else ""


def _unknown(
    newest: Iterable[StoredJob],
    jobs: Iterable[StoredJob],
    stories: Sequence[Story],
    products: Iterable[StoredProduct],
) -> str:
    """Return what the store does not know of a build; empty: nothing."""
    if not stories:
        return "nothing is stored of its scheduling"
    known = {job.id for job in jobs}
    missing = {job_id for product in products for job_id in product.job_ids} - known
    if missing:
        return f"nothing was heard of {len(missing)} of its jobs"
    copies = sum(job.clone_id is not None and job.clone_id not in known for job in newest)
    if copies:
        return f"nothing was heard of {copies} jobs that were restarted"
    failed = sum(product.state == ProductState.FAILED for product in products)
    return f"{failed} of its products could not be posted" if failed else ""


def _verdict(
    counts: Counter[Bucket],
    incomplete: str,
    stories: Iterable[Story],
    products: Iterable[StoredProduct],
) -> Verdict:
    if failed := counts[Bucket.FAILED]:
        return Verdict(Judgement.BAD, (_tests(failed, "failed"),))
    doubts = tuple(_doubts(counts, incomplete, stories, products))
    return Verdict(Judgement.UNDECIDED if doubts else Judgement.GOOD, doubts)


def _doubts(
    counts: Counter[Bucket],
    incomplete: str,
    stories: Iterable[Story],
    products: Iterable[StoredProduct],
) -> Iterator[str]:
    """Yield the reasons why a build without failures is not good."""
    if incomplete:
        yield incomplete
    for product in products:
        # a posted product has a reason only if some of its jobs are missing
        if product.state == ProductState.POSTED and product.reason:
            yield f"{product.flavor} {product.arch}: {product.reason}"
    for bucket in WITHOUT_RESULT:
        if counts[bucket]:
            yield _tests(counts[bucket], f"{bucket}, without a result")
    if not counts and not incomplete:
        reasons = [story.subject.reason for story in stories if story.subject.reason]
        yield f"it has no tests: {reasons[0]}" if reasons else "it has no tests"


def _tests(number: int, what: str) -> str:
    return f"{number} test {what}" if number == 1 else f"{number} tests {what}"
