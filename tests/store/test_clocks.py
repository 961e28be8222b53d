"""The clock of the database counts; times that were stored by a wrong clock."""

import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.work import Away, Lease
from fedora_openqa.store.clock import FARTHEST_DUE, clock_difference, database_time
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.product_ledger import ProductLedger
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.wiring.store import warn_of_store
from tests.store.timed import StoppedClock, TimedSubjects
from tests.store.work import DVD, KINDS, LANE_DELAY, LEASE, UPDATE, leased, subject

YEAR = 365 * 86_400.0


def test_the_store_asks_the_database_for_the_time(engine: Engine) -> None:
    subjects = Subjects(engine)
    before = time.time()
    subjects.want(UPDATE, message_id=None)
    found = subjects.find(UPDATE.key)
    assert found
    # the same host here
    assert before - 1 <= found.created <= time.time() + 1
    assert abs(clock_difference(engine)) < 60


def test_the_time_goes_on_within_a_transaction(engine: Engine) -> None:
    with transaction(engine) as connection:
        first = database_time(connection)
        time.sleep(0.01)
        assert database_time(connection) > first


def test_what_was_stored_while_the_clock_was_ahead_is_due(subjects: TimedSubjects) -> None:
    subjects.at(YEAR).want(UPDATE, message_id=None)
    assert subjects.at(0.0).next_due(KINDS) == 0.0
    taken = leased(subjects)
    # so is one that was postponed then
    subjects.at(YEAR).postpone(taken, error="503", delay=30.0)
    assert leased(subjects, now=1.0).key == UPDATE.key


def test_what_is_not_due_for_long_is_not_due(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id=None)
    subjects.at(0.0).postpone(leased(subjects), error="later", delay=FARTHEST_DUE)
    assert subjects.at(0.0).lease("a", KINDS, seconds=LEASE) is None
    assert leased(subjects, now=FARTHEST_DUE)


def test_a_lease_and_a_wait_of_a_clock_that_was_ahead_are_over(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id=None)
    lost = leased(subjects, now=YEAR)
    again = leased(subjects, "b", now=1.0)
    assert again.attempts == 2
    assert not subjects.renew(lost, seconds=LEASE)
    subjects.at(YEAR).postpone_lane(again, Away("503"), delay=LANE_DELAY)
    assert leased(subjects, now=2.0)


def test_a_limit_per_minute_outlives_a_clock_that_was_ahead(engine: Engine) -> None:
    subjects = TimedSubjects(engine, per_minute={"compose": 1})
    for name in ("a", "b"):
        subjects.at(0.0).want(subject(name), message_id=None)
    assert leased(subjects, now=YEAR)
    assert leased(subjects, now=1.0)


def test_the_lanes_are_counted_by_the_same_rule(engine: Engine, subjects: TimedSubjects) -> None:
    subjects.at(YEAR).want(UPDATE, message_id=None)
    (lane,) = Stories(engine).lanes(now=0.0)
    assert (lane.due, lane.waiting) == (1, 0)


def test_a_delivery_of_a_clock_that_was_ahead_is_due(engine: Engine) -> None:
    clock = StoppedClock(YEAR)
    report = WantedDelivery(sink=Sink.WIKI, build="B", item="1", delay=60.0)
    deliveries = Deliveries(engine, clock=clock)
    deliveries.want([report])
    clock.now = 0.0
    lease = TimedSubjects(engine).lease("a", [Sink.WIKI], seconds=LEASE)
    assert lease
    assert [one.item for one in deliveries.ledger(lease).due()] == ["1"]


def test_a_lease_ends_by_the_time_after_the_lock(engine: Engine, subjects: TimedSubjects) -> None:
    """A process that is frozen between the lock and its answer holds nothing any more."""
    subjects.at(0.0).want(UPDATE, message_id=None)
    lease: Lease = leased(subjects)
    ledger = ProductLedger(engine, lease, clock=StoppedClock(LEASE - 1))
    ledger.intend(DVD, newest_job=0)
    late = ProductLedger(engine, lease, clock=StoppedClock(LEASE))
    with pytest.raises(Exception, match="is over"):
        late.intend(DVD, newest_job=0)


@pytest.mark.parametrize(("ahead", "warned"), [(0.3, False), (-3600.0, True), (7.0, True)])
def test_clocks_that_differ_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, ahead: float, warned: bool
) -> None:
    warn_of_store(f"sqlite:///{tmp_path}/store.db", clock_ahead=ahead)
    assert ("the database's clock is" in caplog.text) is warned
