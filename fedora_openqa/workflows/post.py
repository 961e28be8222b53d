"""Posts products to openQA: a few at a time, each one once.

After a POST without a clear answer openQA is asked what it did before anything is
sent again. Decides nothing about the domain; knows the port, not the gateway.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    NotAllowedError,
    TemporaryError,
)
from fedora_openqa.model.products import (
    JobFailure,
    PostedProduct,
    Product,
    ProductResult,
    ProductState,
)
from fedora_openqa.policy.duplicates import may_test

log = logging.getLogger(__name__)

#: looks at openQA for the effect of a POST that was not answered
LOOKS = 3

#: how often a product is sent, if openQA turns out not to have scheduled it
SENDS = 3

#: told what became of a product as soon as that is known, and how many there are
Progress = Callable[[ProductResult, int], None]


class Forgetful:
    """`fedora_openqa.ports.ProductLedger` of a person's own run, which nobody resumes."""

    def begin(self, content: Sequence[str]) -> None:
        """Remember nothing."""

    def finished(self) -> Mapping[tuple[str, str], ProductResult]:
        """Know nothing."""
        return {}

    def intended(self) -> Mapping[tuple[str, str], int]:
        """Know nothing."""
        return {}

    def intend(self, product: Product, *, newest_job: int) -> Product:  # noqa: ARG002
        """Remember nothing."""
        return product

    def record(self, result: ProductResult) -> None:
        """Remember nothing."""


@dataclass(slots=True)
class Posting:
    """One run of posts; ends early where the next product could only fail the same way."""

    openqa: ports.OpenQA
    ledger: ports.ProductLedger
    #: ids of all jobs the build had before the first post
    known: Collection[int]
    #: products posted at a time
    at_once: int
    #: seconds between two looks
    look_again_after: float
    #: why openQA lets us post nothing, once it has said so
    refusal: str | None = field(default=None, init=False)
    _stopped: str | None = field(default=None, init=False)
    _misconfigured: ConfigError | None = field(default=None, init=False)

    def post(self, products: Sequence[Product], progress: Progress) -> tuple[ProductResult, ...]:
        """Post all products and say what became of each, in their order.

        Raises:
            ConfigError: openQA is not where the configuration says, or there is no key; nothing
                was scheduled.
        """
        with ThreadPoolExecutor(max_workers=self.at_once) as pool:
            posts = [pool.submit(self._post_unless_stopped, product) for product in products]
            unseen = set(posts)
            while unseen:
                try:
                    for post in as_completed(list(unseen)):
                        unseen.discard(post)
                        progress(post.result(), len(products))
                except KeyboardInterrupt:
                    # what is under way ends, and a person sees what was sent and what was not
                    self._stopped = "not sent: interrupted"
        results = tuple(post.result() for post in posts)
        if self._misconfigured and all(it.state is ProductState.FAILED for it in results):
            raise self._misconfigured
        return results

    def _post_unless_stopped(self, product: Product) -> ProductResult:
        if self._stopped:
            return _failed(product, self._stopped)
        try:
            # stored before it is sent: after a crash somebody knows that it may have been
            intended = self.ledger.intend(product, newest_job=max(self.known, default=0))
            result = replace(self._post(intended), product=product)
        except NotAllowedError as exc:
            self.refusal = str(exc)
            result = _failed(product, self.refusal)
        except FedoraOpenQAError as exc:
            result = _failed(product, str(exc), retry_after=_asked_to_wait(exc))
            if isinstance(exc, ConfigError):
                self._misconfigured = exc
            if isinstance(exc, ConfigError) or result.retry_after:
                # all others would be refused the same way
                self._stopped = f"not sent: {exc}"
        try:
            self.ledger.record(result)
        except FedoraOpenQAError as exc:
            # the jobs are there all the same, and the next attempt finds and stores them
            return _failed(product, f"{result.state}, but that is not stored: {exc}")
        return result

    def _post(self, product: Product) -> ProductResult:
        for _ in range(SENDS):
            try:
                result = _result(product, self.openqa.post_product(product))
            except AmbiguousWriteError as exc:
                # a gateway may say when to come back, and have passed the request on all the same
                problem, looks = exc, 1 if exc.retry_after else LOOKS
            else:
                if result.state is not ProductState.FAILED:
                    return result
                # openQA makes the jobs of a product in one transaction, and loses it where another
                # product registers the same new disk image meanwhile (4.6: "assets_type_name")
                problem, looks = AmbiguousWriteError(result.reason or ""), 1
            log.warning("%s: %s; asking what was scheduled", product.flavor, problem)
            if found := self._look_for(product, problem, looks=looks):
                return ProductResult(
                    product=product,
                    state=ProductState.POSTED,
                    job_ids=found,
                    reason="openQA did not say so, but these jobs are there",
                )
            if problem.retry_after:
                break
        raise problem

    def _look_for(
        self, product: Product, unanswered: AmbiguousWriteError, *, looks: int
    ) -> tuple[int, ...]:
        """List the jobs that an unanswered POST has made; openQA may still be making them.

        Raises:
            AmbiguousWriteError: nor does openQA answer that question.
        """
        for look in range(looks):
            if look:
                time.sleep(self.look_again_after)
            try:
                jobs = self.openqa.jobs_for_product(product)
            except FedoraOpenQAError as exc:
                raise AmbiguousWriteError(
                    f"it may be scheduled: {unanswered}; {exc}",
                    retry_after=_asked_to_wait(exc) or unanswered.retry_after,
                ) from exc
            found = tuple(
                sorted(
                    job.id
                    for job in jobs
                    if job.id not in self.known and may_test(job, product.settings)
                )
            )
            if found:
                return found
        return ()


def _asked_to_wait(error: FedoraOpenQAError) -> float | None:
    return error.retry_after if isinstance(error, TemporaryError) else None


def _failed(product: Product, reason: str, *, retry_after: float | None = None) -> ProductResult:
    return ProductResult(
        product=product, state=ProductState.FAILED, reason=reason, retry_after=retry_after
    )


def _result(product: Product, posted: PostedProduct) -> ProductResult:
    if posted.error:
        return ProductResult(product=product, state=ProductState.EMPTY, reason=posted.error)
    reason = _first_failure(posted.failures)
    if reason and not posted.job_ids:
        return _failed(product, reason)
    return ProductResult(
        product=product,
        state=ProductState.POSTED,
        job_ids=posted.job_ids,
        reason=reason,
        partial=not all(failure.exists for failure in posted.failures),
    )


def _first_failure(failures: Sequence[JobFailure]) -> str | None:
    """Return the first failure and how many there are besides; None: there is none.

    A collision of two products in openQA fails hundreds of jobs, all for one reason.
    """
    if not failures:
        return None
    others = f" (and {len(failures) - 1} other jobs)" if len(failures) > 1 else ""
    return f"{failures[0].job}: {failures[0].message}{others}"
