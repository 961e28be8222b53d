"""The stored products of one request."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.products import ProductResult, ProductState
from fedora_openqa.model.work import Lease
from fedora_openqa.store.product_ledger import ProductLedger
from tests.store.timed import TimedSubjects
from tests.store.work import DVD, LEASE, LIVE, UPDATE, leased, result

KEY = (DVD.flavor, DVD.arch)
FAILED = replace(result(DVD, ProductState.FAILED), reason="no")

Open = Callable[[Lease], ProductLedger]


@pytest.fixture
def lease(subjects: TimedSubjects) -> Lease:
    subjects.at(0.0).want(UPDATE, message_id=None)
    return leased(subjects)


@pytest.fixture
def open_(engine: Engine) -> Open:
    return lambda lease: ProductLedger(engine, lease, clock=lambda _connection: lease.until - 1)


@pytest.mark.parametrize("state", [ProductState.POSTED, ProductState.EXISTING, ProductState.EMPTY])
def test_a_result_is_read_as_it_was_stored(lease: Lease, open_: Open, state: ProductState) -> None:
    stored = ProductResult(
        product=DVD, state=state, job_ids=(4, 7), reason="one is missing", partial=True
    )
    ledger = open_(lease)
    ledger.intend(DVD, newest_job=3)
    assert (ledger.intended(), ledger.finished()) == ({KEY: 3}, {})
    ledger.record(stored)
    assert (ledger.intended(), ledger.finished()) == ({}, {KEY: stored})


def test_products_do_not_touch_each_other(lease: Lease, open_: Open) -> None:
    ledger = open_(lease)
    ledger.intend(DVD, newest_job=3)
    ledger.intend(LIVE, newest_job=4)
    ledger.record(result(LIVE))
    assert set(ledger.intended()) == {KEY}
    assert set(ledger.finished()) == {(LIVE.flavor, LIVE.arch)}


def test_a_failed_product_may_be_posted_but_first_its_jobs_are_looked_for(
    lease: Lease, open_: Open
) -> None:
    ledger = open_(lease)
    ledger.intend(DVD, newest_job=3)
    ledger.record(replace(FAILED, reason="it may be scheduled: no answer"))
    assert (ledger.intended(), ledger.finished()) == ({KEY: 3}, {})


def test_a_product_that_was_never_to_be_posted_is_not_looked_for(lease: Lease, open_: Open) -> None:
    ledger = open_(lease)
    ledger.record(FAILED)
    assert (ledger.intended(), ledger.finished()) == ({}, {})


def test_the_first_attempt_says_since_when_jobs_may_be_ours(lease: Lease, open_: Open) -> None:
    ledger = open_(lease)
    ledger.intend(DVD, newest_job=3)
    ledger.intend(DVD, newest_job=9)
    assert ledger.intended() == {KEY: 3}


def test_another_request_knows_nothing_of_the_old_one(
    subjects: TimedSubjects, lease: Lease, open_: Open
) -> None:
    old = open_(lease)
    old.record(result(DVD))
    old.intend(LIVE, newest_job=3)
    subjects.at(1.0).want(replace(UPDATE, again=True), message_id=None)
    new = open_(leased(subjects, now=1.0))
    assert (new.intended(), new.finished()) == ({}, {})


def test_nothing_is_posted_once_the_lease_is_over(engine: Engine, lease: Lease) -> None:
    over = ProductLedger(engine, lease, clock=lambda _connection: lease.until)
    with pytest.raises(LeaseLostError, match="over"):
        over.intend(DVD, newest_job=3)
    assert over.intended() == {}


@pytest.mark.parametrize("thief", ["b", "a"])
def test_nothing_is_posted_once_somebody_else_has_the_lease(
    subjects: TimedSubjects, lease: Lease, open_: Open, thief: str
) -> None:
    leased(subjects, thief, now=LEASE)
    with pytest.raises(LeaseLostError):
        open_(lease).intend(DVD, newest_job=3)


def test_nothing_is_posted_for_a_request_that_was_made_anew(
    subjects: TimedSubjects, lease: Lease, open_: Open
) -> None:
    subjects.at(1.0).want(replace(UPDATE, again=True), message_id=None)
    with pytest.raises(LeaseLostError):
        open_(lease).intend(DVD, newest_job=3)


def test_what_was_posted_is_true_even_after_the_lease(
    subjects: TimedSubjects, lease: Lease, open_: Open
) -> None:
    late = open_(lease)
    late.intend(DVD, newest_job=3)
    now = open_(leased(subjects, "b", now=LEASE))
    late.record(result(DVD, ProductState.POSTED, 4))
    assert now.finished()[KEY].job_ids == (4,)


@pytest.mark.parametrize("posted", [True, False])
def test_a_failure_after_the_lease_hides_nothing_that_others_did(
    subjects: TimedSubjects, lease: Lease, open_: Open, *, posted: bool
) -> None:
    now = open_(leased(subjects, "b", now=LEASE))
    now.intend(DVD, newest_job=3)
    if posted:
        now.record(result(DVD))
    before = now.intended(), now.finished()
    open_(lease).record(FAILED)
    assert (now.intended(), now.finished()) == before
