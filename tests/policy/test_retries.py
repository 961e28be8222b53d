from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.errors import (
    AmbiguousWriteError,
    FedoraOpenQAError,
    GoneError,
    NotFoundError,
    PermanentError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
    TemporaryError,
)
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Parked, Skipped
from fedora_openqa.model.products import Product, ProductResult, ProductState, ScheduleResult
from fedora_openqa.model.work import Away, Finished, Postponed, SubjectState
from fedora_openqa.policy.retries import (
    LONGEST_ABSENCE,
    LONGEST_DELAY,
    LONGEST_REFUSAL,
    MOST_ATTEMPTS,
    PAUSED_DELAY,
    absence_delay,
    after_deliveries,
    after_error,
    after_schedule,
    delivery_refused,
    still_unsettled,
)

PRODUCT = Product(flavor="universal", arch="x86_64", settings={})


def result(
    state: ProductState, reason: str | None = None, *, partial: bool = False
) -> ScheduleResult:
    found = ProductResult(product=PRODUCT, state=state, reason=reason, partial=partial)
    return ScheduleResult(target="x", products=(found,))


@pytest.mark.parametrize("state", [ProductState.POSTED, ProductState.EXISTING, ProductState.EMPTY])
def test_what_openqa_has_or_will_not_have_is_done(state: ProductState) -> None:
    step = after_schedule(result(state), attempts=1, chance=0.5)
    assert step == Finished(SubjectState.SCHEDULED)


def test_an_expected_reason_is_a_skip_and_a_paused_lane_waits() -> None:
    skipped = after_schedule(ScheduleResult(target="x", reason="EPEL"), attempts=1, chance=0.5)
    assert skipped == Finished(SubjectState.SKIPPED, "EPEL")
    paused = ScheduleResult(target="x", reason="paused", paused=True)
    assert after_schedule(paused, attempts=99, chance=0.5) == Postponed(
        PAUSED_DELAY, "paused", counts=False
    )


def test_a_failed_product_is_tried_again_and_named() -> None:
    step = after_schedule(result(ProductState.FAILED, "403 no"), attempts=1, chance=0.5)
    assert step == Postponed(30.0, "1 of 1 products: 403 no")


@pytest.mark.parametrize("error", [SubjectError("doomed"), RequestRefusedError("403")])
def test_what_cannot_succeed_is_set_aside_at_once(error: FedoraOpenQAError) -> None:
    step = after_error(error, attempts=1, chance=0.5)
    assert step == Finished(SubjectState.PARKED, str(error))


@pytest.mark.parametrize(
    "error",
    [
        ServiceUnavailableError("503"),
        AmbiguousWriteError("?"),
        # announced, and not there yet
        NotFoundError("404"),
    ],
)
def test_what_may_succeed_is_tried_again_until_the_budget_is_spent(
    error: FedoraOpenQAError,
) -> None:
    assert isinstance(after_error(error, attempts=MOST_ATTEMPTS - 1, chance=0.5), Postponed)
    last = after_error(error, attempts=MOST_ATTEMPTS, chance=0.5)
    assert isinstance(last, Finished)
    assert last.state is SubjectState.PARKED
    assert str(error) in (last.reason or "")


@given(attempts=st.integers(1, MOST_ATTEMPTS - 1), chance=st.floats(0, 1))
def test_delays_grow_within_bounds(attempts: int, chance: float) -> None:
    step = after_error(ServiceUnavailableError("x"), attempts=attempts, chance=chance)
    assert isinstance(step, Postponed)
    assert 15.0 <= step.delay <= LONGEST_DELAY * 1.5


def test_what_was_sent_without_an_answer_settles_in_a_time() -> None:
    sent = [("new", 100.0), ("old", 50.0), ("just", 60.0), ("from the future", 9e9)]
    assert still_unsettled(sent, 45.0, now=105.0) == {"new": 40.0, "from the future": 45.0}


def test_a_service_that_asks_for_time_gets_it() -> None:
    busy = replace(result(ProductState.FAILED, "429"), retry_after=900.0)
    step = after_schedule(busy, attempts=1, chance=0.5)
    assert step == Postponed(900.0, "1 of 1 products: 429")


def test_a_comment_that_is_owed_is_tried_again() -> None:
    owing = replace(result(ProductState.POSTED), uncommented="429", retry_after=60.0)
    step = after_schedule(owing, attempts=1, chance=0.5)
    assert step == Postponed(60.0, "scheduled, but without a comment: 429")


@given(st.floats(0, 1e9), st.integers(1, 39), st.floats(0, 1))
def test_the_next_attempt_is_not_before_the_service_wants_it(
    seconds: float, attempts: int, chance: float
) -> None:
    error = TemporaryError("429", retry_after=seconds)
    step = after_error(error, attempts=attempts, chance=chance)
    assert isinstance(step, Postponed)
    assert step.delay >= min(seconds, LONGEST_DELAY)
    # bounded, whatever a service asks for
    assert step.delay <= LONGEST_DELAY * 1.5


@pytest.mark.parametrize(
    ("needs_person", "longest"), [(False, LONGEST_ABSENCE), (True, LONGEST_REFUSAL)]
)
def test_a_lane_waits_the_longer_the_longer_it_has_waited(
    *, needs_person: bool, longest: float
) -> None:
    away = Away("401", needs_person=needs_person)
    assert absence_delay(0.0, away) == 1.0
    assert absence_delay(10.0, away) == 10.0
    assert absence_delay(9e9, away) == longest
    asked = Away("429", needs_person=needs_person, retry_after=600.0)
    assert absence_delay(0.0, asked) == 600.0


def test_a_refusal_of_all_products_is_about_the_lane() -> None:
    failed = result(ProductState.FAILED, "refuses the API key")
    step = after_schedule(replace(failed, refusal="refuses the API key"), attempts=1, chance=0.5)
    assert step == Away("refuses the API key", needs_person=True)
    posted = result(ProductState.POSTED)
    some = replace(posted, products=posted.products + failed.products, refusal="key")
    assert isinstance(after_schedule(some, attempts=1, chance=0.5), Postponed)


def test_the_first_of_many_reasons_is_told_and_the_rest_counted() -> None:
    products = tuple(
        ProductResult(product=PRODUCT, state=ProductState.FAILED, reason=f"{number} " * 9999)
        for number in range(100)
    )
    step = after_schedule(ScheduleResult(target="x", products=products), attempts=1, chance=0.5)
    assert isinstance(step, Postponed)
    assert step.error.startswith("100 of 100 products: 0 0 0")
    assert step.error.endswith("(and 99 other reasons)")
    assert len(step.error) < 600


@pytest.mark.parametrize(
    ("states", "end"),
    [
        (["delivered", "pending", "parked"], None),
        (["delivered", "parked", "parked"], Finished(SubjectState.PARKED, "2: why; 3: why")),
        (["skipped", "delivered"], Finished(SubjectState.REPORTED)),
        (["skipped", "skipped"], Finished(SubjectState.SKIPPED, "why")),
    ],
)
def test_the_state_of_a_build_follows_from_its_deliveries(
    states: list[str], end: Finished | None
) -> None:
    deliveries = [
        Delivery(item=str(number), number=1, state=DeliveryState(state), reason="why")
        for number, state in enumerate(states, start=1)
    ]
    assert after_deliveries(deliveries) == end


@pytest.mark.parametrize(
    ("error", "step"),
    [
        (RequestRefusedError("no such outcome"), Parked("no such outcome")),
        (SubjectError("no such image"), Parked("no such image")),
        (GoneError("the respin was replaced"), Skipped("the respin was replaced")),
    ],
)
def test_a_refused_delivery_is_parked_unless_its_subject_is_gone(
    error: PermanentError, step: Skipped | Parked
) -> None:
    assert delivery_refused(error) == step
