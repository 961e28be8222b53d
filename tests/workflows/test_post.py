import threading
import time
from collections.abc import Callable

import pytest

from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import (
    JobFailure,
    PostedProduct,
    Product,
    ProductResult,
    ProductState,
)
from fedora_openqa.workflows.post import Forgetful, Posting
from tests.support.fakes import FakeOpenQA

DVD = Product(flavor="Server-dvd-iso", arch="x86_64", settings={"BUILD": "B"})
LIVE = Product(flavor="Workstation-live-iso", arch="x86_64", settings={"BUILD": "B"})
BOOT = Product(flavor="Server-boot-iso", arch="x86_64", settings={"BUILD": "B"})
LOST = AmbiguousWriteError("POST isos: no answer in time")


def post(openqa: FakeOpenQA, *products: Product, at_once: int = 1) -> tuple[ProductResult, ...]:
    known = frozenset(job.id for job in openqa.jobs)
    posting = Posting(
        openqa=openqa, ledger=Forgetful(), known=known, at_once=at_once, look_again_after=0.01
    )
    return posting.post(products, lambda _result, _total: None)


def raising(error: FedoraOpenQAError, *numbers: int) -> Callable[[Product, int], None]:
    """Fail the posts of these numbers."""

    def check(_product: Product, number: int) -> None:
        if number in numbers:
            raise error

    return check


def states(results: tuple[ProductResult, ...]) -> list[ProductState]:
    return [result.state for result in results]


def test_results_come_in_the_order_of_the_products() -> None:
    results = post(FakeOpenQA(), DVD, LIVE, BOOT, at_once=3)
    assert [result.product for result in results] == [DVD, LIVE, BOOT]
    assert sorted(job_id for result in results for job_id in result.job_ids) == [1, 2, 3]


def test_progress_is_told_of_every_product() -> None:
    seen = []
    posting = Posting(
        openqa=FakeOpenQA(), ledger=Forgetful(), known=(), at_once=2, look_again_after=0
    )
    posting.post([DVD, LIVE], lambda result, total: seen.append((result.product.flavor, total)))
    assert sorted(seen) == [("Server-dvd-iso", 2), ("Workstation-live-iso", 2)]


def test_no_more_posts_are_under_way_than_allowed() -> None:
    openqa = FakeOpenQA()
    under_way = threading.Semaphore(2)

    def enter(_product: Product, _number: int) -> None:
        assert under_way.acquire(blocking=False)

    openqa.before_post = enter
    openqa.after_post = lambda _product, _number: under_way.release()
    assert states(post(openqa, *[DVD] * 20, at_once=2)) == [ProductState.POSTED] * 20


def test_one_failure_stops_no_other_product() -> None:
    openqa = FakeOpenQA()
    openqa.before_post = raising(RequestRefusedError("403 no"), 1)
    refused = post(openqa, DVD, LIVE, BOOT)
    assert states(refused) == [ProductState.POSTED, ProductState.FAILED, ProductState.POSTED]
    assert refused[1].reason == "403 no"


def test_what_was_scheduled_without_an_answer_is_not_sent_again() -> None:
    openqa = FakeOpenQA()
    openqa.after_post = raising(LOST, 0)
    (result,) = post(openqa, DVD)
    assert (result.state, result.job_ids) == (ProductState.POSTED, (1,))
    assert openqa.posts == [DVD]


def test_what_was_not_scheduled_is_sent_once_more() -> None:
    openqa = FakeOpenQA()
    openqa.before_post = raising(LOST, 0)
    (result,) = post(openqa, DVD)
    assert (result.state, result.job_ids) == (ProductState.POSTED, (1,))
    assert openqa.posts == [DVD, DVD]


def test_jobs_that_were_there_before_do_not_count_as_scheduled() -> None:
    old = Job(id=1, flavor=DVD.flavor, arch=DVD.arch, state="done", result="passed")
    openqa = FakeOpenQA([old])
    openqa.before_post = raising(LOST, 0, 1, 2)
    (result,) = post(openqa, DVD)
    assert (result.state, result.job_ids) == (ProductState.FAILED, ())
    assert "no answer in time" in (result.reason or "")
    assert len(openqa.posts) == 3


def test_openqa_may_take_a_moment_to_show_what_it_scheduled() -> None:
    openqa = FakeOpenQA()
    looks = []

    def appear() -> None:
        looks.append(1)
        if len(looks) == 3:
            openqa.jobs.append(
                Job(id=9, flavor=DVD.flavor, arch=DVD.arch, state="scheduled", result="none")
            )

    openqa.before_post = raising(LOST, 0)
    openqa.before_look = appear
    (result,) = post(openqa, DVD)
    assert (result.state, result.job_ids) == (ProductState.POSTED, (9,))
    assert openqa.posts == [DVD]


def test_nothing_is_sent_again_while_openqa_cannot_be_asked() -> None:
    openqa = FakeOpenQA()
    openqa.after_post = raising(LOST, 0)

    def silent() -> None:
        raise ServiceUnavailableError("GET jobs: 503")

    openqa.before_look = silent
    (result,) = post(openqa, DVD)
    assert result.state is ProductState.FAILED
    assert "may be scheduled" in (result.reason or "")
    assert openqa.posts == [DVD]


def test_an_interruption_says_what_was_not_sent() -> None:
    openqa = FakeOpenQA()
    openqa.before_post = lambda _product, _number: time.sleep(0.005)
    posting = Posting(openqa=openqa, ledger=Forgetful(), known=(), at_once=2, look_again_after=0)
    interruptions = iter([KeyboardInterrupt])

    def interrupt(_result: ProductResult, _total: int) -> None:
        for interruption in interruptions:
            raise interruption

    results = posting.post([DVD] * 200, interrupt)
    assert len(results) == 200
    sent = [result for result in results if result.state is ProductState.POSTED]
    unsent = [result for result in results if result.state is ProductState.FAILED]
    assert len(sent) == len(openqa.posts)
    assert unsent
    assert {result.reason for result in unsent} == {"not sent: interrupted"}


class Away(Forgetful):
    """Cannot store what became of a product."""

    def record(self, result: ProductResult) -> None:
        raise ServiceUnavailableError(f"database: locked ({result.product.flavor})")


def test_a_product_is_not_done_before_that_is_stored() -> None:
    openqa = FakeOpenQA()
    posting = Posting(openqa=openqa, ledger=Away(), known=(), at_once=1, look_again_after=0)
    (result,) = posting.post([DVD], lambda _result, _total: None)
    assert result.state is ProductState.FAILED
    assert "posted, but that is not stored: database: locked" in (result.reason or "")


class Colliding(FakeOpenQA):
    """Loses the transaction of its first posts, as openQA does when two products collide."""

    def __init__(self, *, lost: int) -> None:
        super().__init__()
        self.lost = lost

    def post_product(self, product: Product) -> PostedProduct:
        if len(self.posts) < self.lost:
            self.posts.append(product)
            failure = JobFailure("install", "duplicate key", exists=False)
            return PostedProduct(job_ids=(), failures=(failure,))
        return super().post_product(product)


def test_a_product_that_collided_with_another_is_sent_again() -> None:
    openqa = Colliding(lost=2)
    (result,) = post(openqa, DVD)
    assert (result.state, result.job_ids) == (ProductState.POSTED, (1,))
    assert len(openqa.posts) == 3


def test_a_product_whose_jobs_cannot_be_created_is_given_up_with_openqas_words() -> None:
    openqa = Colliding(lost=99)
    (result,) = post(openqa, DVD)
    assert (result.state, result.reason) == (ProductState.FAILED, "install: duplicate key")
    assert len(openqa.posts) == 3


@pytest.mark.parametrize(
    ("answer", "state", "partial"),
    [
        (PostedProduct((1,)), ProductState.POSTED, False),
        (PostedProduct((), error="no products found"), ProductState.EMPTY, False),
        (PostedProduct((), (JobFailure("a", "bad", exists=False),)), ProductState.FAILED, False),
        (PostedProduct((1,), (JobFailure("a", "bad", exists=False),)), ProductState.POSTED, True),
        (PostedProduct((1,), (JobFailure("1", "hm", exists=True),)), ProductState.POSTED, False),
    ],
)
def test_what_openqa_could_not_do_is_kept(
    answer: PostedProduct, state: ProductState, *, partial: bool
) -> None:
    class Answering(FakeOpenQA):
        def post_product(self, product: Product) -> PostedProduct:  # noqa: ARG002
            return answer

    (result,) = post(Answering(), DVD)
    assert (result.state, result.partial) == (state, partial)
    assert result.reason is not None or not (answer.failures or answer.error)


def busy(seconds: float) -> ServiceUnavailableError:
    return ServiceUnavailableError("POST isos: 429", retry_after=seconds)


def test_while_openqa_asks_to_wait_nothing_more_is_sent_or_looked_for() -> None:
    openqa = FakeOpenQA()
    openqa.before_post = raising(busy(60), 1)
    openqa.before_look = lambda: pytest.fail("nothing was done, so there is nothing to look for")
    posted, refused, unsent = post(openqa, DVD, LIVE, BOOT)
    assert posted.state is ProductState.POSTED
    assert (refused.state, refused.reason, refused.retry_after) == (
        ProductState.FAILED,
        "POST isos: 429",
        60,
    )
    assert (unsent.state, unsent.reason) == (ProductState.FAILED, "not sent: POST isos: 429")
    assert openqa.posts == [DVD, LIVE]


def test_after_an_answer_that_says_when_to_come_back_one_look_tells_what_was_done() -> None:
    openqa = FakeOpenQA()
    openqa.after_post = raising(AmbiguousWriteError("POST isos: 503", retry_after=60), 0)
    assert states(post(openqa, DVD)) == [ProductState.POSTED]
    openqa = FakeOpenQA()
    openqa.before_post = raising(AmbiguousWriteError("POST isos: 503", retry_after=60), 0)
    (result,) = post(openqa, DVD)
    assert (result.state, result.retry_after) == (ProductState.FAILED, 60)
    assert openqa.posts == [DVD]


def test_a_wrong_deployment_ends_a_run_that_has_posted_nothing() -> None:
    openqa = FakeOpenQA()
    openqa.before_post = raising(ConfigError("redirected"), 0)
    with pytest.raises(ConfigError, match="redirected"):
        post(openqa, DVD, LIVE)
    assert openqa.posts == [DVD]
    openqa = FakeOpenQA()
    openqa.before_post = raising(ConfigError("redirected"), 1)
    assert states(post(openqa, DVD, LIVE)) == [ProductState.POSTED, ProductState.FAILED]


def test_a_failure_of_hundreds_of_jobs_is_told_with_the_first_and_their_number() -> None:
    failures = tuple(
        JobFailure(f"job {number}", "assets_type_name", exists=False) for number in range(134)
    )

    class Colliding(FakeOpenQA):
        def post_product(self, product: Product) -> PostedProduct:
            super().post_product(product)
            self.jobs.clear()
            return PostedProduct((), failures)

    (result,) = post(Colliding(), DVD)
    assert result.reason == "job 0: assets_type_name (and 133 other jobs)"
