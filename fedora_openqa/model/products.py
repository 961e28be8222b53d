"""Products: what is posted to openQA, and the results."""

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
    #: all settings that are posted, FLAVOR, ARCH and BUILD included
    settings: Settings


@dataclass(frozen=True, slots=True)
class JobFailure:
    """An entry of the ``failed`` list in openQA's answer to a POST."""

    #: the test suite, or the ids of the jobs: ``"install_default"``, ``"job 12"``
    job: str
    #: openQA's error message
    message: str
    #: whether the job was created all the same: then it is a warning about its dependencies
    exists: bool


@dataclass(frozen=True, slots=True)
class PostedProduct:
    """openQA's answer to one POST."""

    job_ids: tuple[int, ...]
    failures: tuple[JobFailure, ...] = ()
    #: openQA's reason why it scheduled nothing; None: it gave none
    error: str | None = None


class ProductState(StrEnum):
    """State of one product after scheduling."""

    POSTED = "posted"
    #: openQA had its jobs before
    EXISTING = "existing"
    #: openQA has no job templates for it
    EMPTY = "empty"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ProductResult:
    """State of one product after scheduling, and its reason."""

    product: Product
    state: ProductState
    job_ids: tuple[int, ...] = ()
    #: why the state is not *posted*, or which jobs are missing; None: it is posted completely
    reason: str | None = None
    #: posted, but some of its jobs could not be created
    partial: bool = False
    #: seconds from openQA's Retry-After; None: it sent none
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The products that should be scheduled for a subject; all are of one BUILD."""

    products: tuple[Product, ...] = ()
    #: wanted, but impossible to post
    impossible: tuple[ProductResult, ...] = ()
    #: why no product is wanted; None: there are products
    reason: str | None = None
    #: sorted NVRs that the products test, of an update; empty: none of it; None: no update
    content: tuple[str, ...] | None = None
    #: the comment on openQA's job group once a product was scheduled; None: no comment
    group_comment: str | None = None
    #: the names of the subject: ``("Fedora-Rawhide-20261120.n.0",)``
    names: tuple[str, ...] = ()
    #: the release of the subject: ``"Rawhide"``; None: unknown
    release: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleResult:
    """Result of scheduling a subject."""

    #: the subject as it was asked for
    target: str
    products: tuple[ProductResult, ...] = ()
    #: why there are no products; None: there are
    reason: str | None = None
    #: there are none because the lane is paused
    paused: bool = False
    #: why openQA's job group has no comment yet; None: it has, or needs none
    uncommented: str | None = None
    #: seconds from openQA's Retry-After; None: it sent none
    retry_after: float | None = None
    #: why openQA refuses every POST of ours; None: it does not
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
        """The products that failed, wholly or in part."""
        return tuple(p for p in self.products if p.state is ProductState.FAILED or p.partial)
