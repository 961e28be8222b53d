"""Duplicates: products that openQA already has jobs for."""

from collections.abc import Iterable, Mapping, Sequence

from fedora_openqa.model.jobs import Job, JobResult, JobState, Settings
from fedora_openqa.model.products import Product, ProductResult, ProductState
from fedora_openqa.policy.contents import content_of_settings, is_of_other_content


def split_existing(
    products: Iterable[Product], jobs: Iterable[Job]
) -> tuple[tuple[ProductResult, ...], tuple[Product, ...]]:
    """Return the products that openQA has jobs for, and those that must be posted.

    :param jobs: all jobs of the products' build
    """
    jobs = tuple(jobs)
    existing = []
    wanted = []
    for product in products:
        job_ids = _existing(product, jobs)
        if job_ids:
            existing.append(
                ProductResult(
                    product=product,
                    state=ProductState.EXISTING,
                    job_ids=job_ids,
                    reason="openQA already has its jobs",
                )
            )
        else:
            wanted.append(product)
    return tuple(existing), tuple(wanted)


def split_posted(
    products: Iterable[Product], jobs: Iterable[Job], *, intended: Mapping[tuple[str, str], int]
) -> tuple[tuple[ProductResult, ...], tuple[Product, ...]]:
    """Return the products whose earlier POST was not recorded, and the others.

    :param jobs: all jobs of the products' build
    :param intended: flavor and arch of each product whose POST may have reached openQA, to the
        newest job id before it
    """
    jobs = tuple(jobs)
    posted = []
    others = []
    for product in products:
        before = intended.get((product.flavor, product.arch))
        job_ids = tuple(
            sorted(
                job.id
                for job in _of_product(product, jobs)
                if before is not None and job.id > before and may_test(job, product.settings)
            )
        )
        if job_ids:
            posted.append(
                ProductResult(product=product, state=ProductState.POSTED, job_ids=job_ids)
            )
        else:
            others.append(product)
    return tuple(posted), tuple(others)


def may_test(job: Job, settings: Settings) -> bool:
    """Return whether a job of a product's build, flavor and arch tests what the product would.

    Packages can be tested on several releases below one BUILD, and an edited update keeps its
    BUILD. A job whose settings do not say what it tests counts as a job of the product: a
    person can ask for a second run.
    """
    release = job.settings.get("VERSION")
    if release and release != settings.get("VERSION", release):
        return False
    return not is_of_other_content(job, content_of_settings(settings))


def _existing(product: Product, jobs: Iterable[Job]) -> tuple[int, ...]:
    """Return the ids of the jobs that make another POST of a product unnecessary."""
    of_product = _of_product(product, jobs)
    content = content_of_settings(product.settings)
    own = [job for job in of_product if may_test(job, product.settings)]
    edited = max((job.id for job in of_product if is_of_other_content(job, content)), default=0)
    if any(job.result == JobResult.OBSOLETED and job.id < edited for job in own):
        # openQA obsoleted these jobs for jobs of another content: they have tested nothing
        own = [job for job in own if job.id > edited]
    return tuple(sorted(job.id for job in own if not _was_cancelled(job)))


def _of_product(product: Product, jobs: Iterable[Job]) -> Sequence[Job]:
    key = (product.flavor, product.arch)
    return [job for job in jobs if (job.flavor, job.arch) == key]


def _was_cancelled(job: Job) -> bool:
    # a job cancelled before a worker took it ends in that state, one cancelled
    # while it ran ends *done* with that result (openQA, Jobs/Constants.pm)
    return job.state == JobState.CANCELLED or job.result == JobResult.USER_CANCELLED
