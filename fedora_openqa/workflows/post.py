"""Posts products to openQA, a few at a time, each once.

After a POST without a clear answer, openQA is asked for new jobs before the product is sent
again. Knows the port, never the gateway.
"""

import logging
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    NotAllowedError,
    TemporaryError,
)
from fedora_openqa.logs import ContextPool
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

#: times that a product is sent if openQA has not scheduled it
SENDS = 3

#: called with each product's result as soon as it is known, and the number of products
Progress = Callable[[ProductResult, int], None]


def no_progress(_result: ProductResult, _total: int) -> None:
    """Show no progress."""


class Forgetful(ports.ProductLedger):
    """`fedora_openqa.ports.ProductLedger` of a command, which is not resumed."""

    @override
    def begin(self, content: Sequence[str]) -> None:
        pass

    @override
    def finished(self) -> Mapping[tuple[str, str], ProductResult]:
        return {}

    @override
    def intended(self) -> Mapping[tuple[str, str], int]:
        return {}

    @override
    def unanswered(self) -> Mapping[tuple[str, str], float]:
        return {}

    @override
    def intend(self, product: Product, *, newest_job: int) -> Product:
        return product

    @override
    def record(self, result: ProductResult) -> None:
        pass


@dataclass(slots=True)
class Posting:
    """Posts products; stops early if the next one could only fail for the same reason."""

    openqa: ports.OpenQA
    ledger: ports.ProductLedger
    #: ids of the build's jobs before the first POST
    known: Collection[int]
    #: products posted at a time
    at_once: int
    #: seconds between two looks
    look_again_after: float
    #: openQA's reason for letting us post nothing. None: it has not refused
    refusal: str | None = field(default=None, init=False)
    _stopped: str | None = field(default=None, init=False)
    _misconfigured: ConfigError | None = field(default=None, init=False)

    def post(self, products: Sequence[Product], progress: Progress) -> tuple[ProductResult, ...]:
        """Post products, and return their results in the same order.

        Raises:
            ConfigError: openQA's hostname or key is wrong; nothing was scheduled.
        """
        with ContextPool(max_workers=self.at_once) as pool:
            posts = [pool.submit(self._post_unless_stopped, product) for product in products]
            unseen = set(posts)
            while unseen:
                try:
                    for post in as_completed(list(unseen)):
                        unseen.discard(post)
                        progress(post.result(), len(products))
                except KeyboardInterrupt:
                    # open requests end, and the results show which products were sent
                    self._stopped = "not sent: interrupted"
        results = tuple(post.result() for post in posts)
        if self._misconfigured and all(it.state is ProductState.FAILED for it in results):
            raise self._misconfigured
        return results

    def _post_unless_stopped(self, product: Product) -> ProductResult:
        if self._stopped:
            return _failed(product, self._stopped)
        try:
            result = self._post(product)
        except NotAllowedError as exc:
            self.refusal = str(exc)
            result = _failed(product, self.refusal)
        except FedoraOpenQAError as exc:
            result = _failed(product, str(exc), retry_after=_asked_to_wait(exc))
            if isinstance(exc, ConfigError):
                self._misconfigured = exc
            if isinstance(exc, ConfigError) or result.retry_after:
                # all others would be refused for the same reason
                self._stopped = f"not sent: {exc}"
        _log(result)
        try:
            self.ledger.record(result)
        except FedoraOpenQAError as exc:
            # the jobs exist, and the next attempt finds and stores them
            return _failed(product, f"{result.state}, but that is not stored: {exc}")
        return result

    def _post(self, product: Product) -> ProductResult:
        for _ in range(SENDS):
            # stored before it is sent: after a crash the store knows that it may have been sent.
            # Each time: another worker may have the subject by now
            intended = self.ledger.intend(product, newest_job=max(self.known, default=0))
            try:
                result = _result(product, self.openqa.post_product(intended))
            except AmbiguousWriteError as exc:
                # a proxy may ask us to come back later, and have passed the request on all the same
                problem, looks = exc, 1 if exc.retry_after else LOOKS
            else:
                if result.state is not ProductState.FAILED:
                    return result
                # openQA makes the jobs of a product in one transaction, which fails if another
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
        """Return the ids of jobs that an unanswered POST has made; openQA may still be making them.

        Raises:
            AmbiguousWriteError: openQA does not answer this request either.
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


def _log(result: ProductResult) -> None:
    reason = f": {result.reason}" if result.reason else ""
    level = logging.WARNING if result.state is ProductState.FAILED else logging.INFO
    product = result.product
    log.log(
        level,
        "%s %s: %s, %d jobs%s",
        product.flavor,
        product.arch,
        result.state,
        len(result.job_ids),
        reason,
    )


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
    """Return the first failure and the number of others. None: there is none.

    If two products collide in openQA, hundreds of jobs fail for one reason.
    """
    if not failures:
        return None
    others = f" (and {len(failures) - 1} other jobs)" if len(failures) > 1 else ""
    return f"{failures[0].job}: {failures[0].message}{others}"
