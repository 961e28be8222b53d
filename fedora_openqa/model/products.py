"""What is asked of openQA, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum

from fedora_openqa.model.jobs import Settings


@dataclass(frozen=True, slots=True)
class Product:
    """What one POST to ``isos`` schedules: all jobs of one flavor and arch."""

    #: ``"Server-dvd-iso"``
    flavor: str
    #: ``"x86_64"``
    arch: str
    #: everything that is posted, FLAVOR, ARCH and BUILD included
    settings: Settings


@dataclass(frozen=True, slots=True)
class JobFailure:
    """An entry of the ``failed`` list in openQA's answer to a POST."""

    #: the test suite, or the ids of the jobs: ``"install_default"``, ``"job 12"``
    job: str
    #: openQA's words
    message: str
    #: whether the job exists all the same: a warning about its dependencies
    exists: bool


@dataclass(frozen=True, slots=True)
class PostedProduct:
    """openQA's answer to one POST."""

    job_ids: tuple[int, ...]
    failures: tuple[JobFailure, ...] = ()
    #: why nothing was scheduled, in openQA's words
    error: str | None = None


class ProductState(StrEnum):
    """What became of one product."""

    POSTED = "posted"
    #: openQA already had its jobs
    EXISTING = "existing"
    #: openQA has no jobs for it
    EMPTY = "empty"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ProductResult:
    """What became of one product, and why."""

    product: Product
    state: ProductState
    job_ids: tuple[int, ...] = ()
    #: why the state is not simply *posted*, or what is incomplete about it
    reason: str | None = None
    #: posted, but some of its jobs could not be created
    partial: bool = False
    #: failed, and openQA asked to be asked again after so many seconds
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What should be scheduled for a subject; all products are of one build."""

    products: tuple[Product, ...] = ()
    #: wanted, but impossible to ask for
    impossible: tuple[ProductResult, ...] = ()
    #: why nothing is wanted at all
    reason: str | None = None
    #: sorted NVRs that the products test, of an update; empty: none of it; None: no update
    content: tuple[str, ...] | None = None
    #: what to tell openQA's job group once anything was scheduled
    group_comment: str | None = None
    #: what the subject turned out to be called: ``("Fedora-Rawhide-20261120.n.0",)``
    names: tuple[str, ...] = ()
    #: the release it turned out to be of: ``"Rawhide"``
    release: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleResult:
    """What scheduling a subject came to."""

    #: the subject in the words it was asked for
    target: str
    products: tuple[ProductResult, ...] = ()
    #: why there are no products at all
    reason: str | None = None
    #: there are none because the lane is paused: later there may be
    paused: bool = False
    #: why openQA's job group has no comment yet about what was scheduled
    uncommented: str | None = None
    #: seconds after which openQA asked to be asked again; None: it did not say
    retry_after: float | None = None
    #: why openQA lets us post nothing, whatever it is; None: it does
    refusal: str | None = None

    @property
    def posted(self) -> tuple[ProductResult, ...]:
        """The products that were scheduled just now."""
        return tuple(p for p in self.products if p.state is ProductState.POSTED)

    @property
    def job_ids(self) -> tuple[int, ...]:
        """The ids of all jobs that were scheduled just now."""
        return tuple(sorted(job_id for product in self.posted for job_id in product.job_ids))

    @property
    def failed(self) -> tuple[ProductResult, ...]:
        """The products that a person should look after."""
        return tuple(p for p in self.products if p.state is ProductState.FAILED or p.partial)
