"""What openQA already has jobs for."""

from collections.abc import Iterable, Mapping

from fedora_openqa.model.products import Job, Product, ProductResult, ProductState


def split_existing(
    products: Iterable[Product], jobs: Iterable[Job]
) -> tuple[tuple[ProductResult, ...], tuple[Product, ...]]:
    """Set apart the products that must not be posted again.

    :param jobs: all jobs of the products' build
    """
    live: dict[tuple[str, str], list[int]] = {}
    for job in jobs:
        if not _was_cancelled(job):
            live.setdefault((job.flavor, job.arch), []).append(job.id)
    existing = []
    wanted = []
    for product in products:
        job_ids = live.get((product.flavor, product.arch))
        if job_ids:
            existing.append(
                ProductResult(
                    product=product,
                    state=ProductState.EXISTING,
                    job_ids=tuple(sorted(job_ids)),
                    reason="openQA already has its jobs",
                )
            )
        else:
            wanted.append(product)
    return tuple(existing), tuple(wanted)


def split_posted(
    products: Iterable[Product], jobs: Iterable[Job], *, intended: Mapping[tuple[str, str], int]
) -> tuple[tuple[ProductResult, ...], tuple[Product, ...]]:
    """Set apart the products that were posted earlier without anybody storing what came of it.

    :param jobs: all jobs of the products' build
    :param intended: flavor and arch of what may have been posted, to the newest job before
    """
    jobs = tuple(jobs)
    posted = []
    others = []
    for product in products:
        before = intended.get((product.flavor, product.arch))
        job_ids = tuple(
            sorted(
                job.id
                for job in jobs
                if before is not None
                and job.id > before
                and (job.flavor, job.arch) == (product.flavor, product.arch)
            )
        )
        if job_ids:
            posted.append(
                ProductResult(product=product, state=ProductState.POSTED, job_ids=job_ids)
            )
        else:
            others.append(product)
    return tuple(posted), tuple(others)


def _was_cancelled(job: Job) -> bool:
    # a job cancelled before a worker took it ends in that state, one cancelled
    # while it ran ends *done* with that result (openQA, Jobs/Constants.pm)
    return job.state == "cancelled" or job.result == "user_cancelled"
