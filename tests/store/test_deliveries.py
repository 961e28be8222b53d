"""Deliveries, wanted and recorded: on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.deliveries import (
    Delivered,
    DeliveryState,
    Later,
    Parked,
    Sink,
    Skipped,
    WantedDelivery,
)
from fedora_openqa.model.work import Away, SubjectState
from fedora_openqa.store.stories import Stories
from tests.store.delivering import BUILD, KEY, LEASE, DeliverySetup
from tests.store.timed import TimedParking
from tests.store.work import LANE_DELAY


@pytest.fixture
def setup(engine: Engine) -> DeliverySetup:
    return DeliverySetup(engine)


def test_what_is_told_is_remembered(setup: DeliverySetup) -> None:
    setup.want(1, 2)
    lease, ledger = setup.take()
    one, two = ledger.due()
    ledger.intend({"1": "PASSED", "2": "FAILED"})
    assert setup.row(2).sending == "FAILED"
    ledger.record([(one, Delivered("PASSED", "77")), (two, Delivered("FAILED", "78"))])
    assert setup.settle(lease)
    assert setup.subject() == (SubjectState.REPORTED, None)
    row = setup.row()
    assert (row.state, row.told, row.reference, row.sending, row.message_id) == (
        DeliveryState.DELIVERED,
        "PASSED",
        "77",
        None,
        "m",
    )
    assert setup.lease() is None


def test_one_worker_at_a_time_tells_a_sink_of_a_build(setup: DeliverySetup) -> None:
    setup.want(1)
    setup.want(1, sink=Sink.WIKI)
    setup.take()
    setup.want(2)
    assert setup.lease("b") is None
    assert setup.lease("b", Sink.WIKI)


def test_what_is_wanted_while_its_build_is_worked_on_is_due_afterwards(
    setup: DeliverySetup,
) -> None:
    setup.want(1)
    lease, ledger = setup.take()
    (row,) = ledger.due()
    setup.want(2)
    ledger.record([(row, Delivered("PASSED"))])
    assert setup.settle(lease)
    assert setup.subject()[0] is SubjectState.WANTED
    _lease, ledger = setup.take()
    assert [row.item for row in ledger.due()] == ["2"]


def test_what_is_asked_for_again_while_it_is_told_is_looked_at_again(setup: DeliverySetup) -> None:
    setup.want(1)
    lease, ledger = setup.take()
    (row,) = ledger.due()
    ledger.intend({"1": "QUEUED"})
    setup.want(1)
    ledger.record([(row, Delivered("QUEUED", "7"))])
    assert setup.settle(lease)
    assert (setup.row().state, setup.row().told) == (DeliveryState.PENDING, "QUEUED")
    assert setup.subject()[0] is SubjectState.WANTED


@pytest.mark.parametrize("again", [False, True])
def test_jobs_wait_for_each_other_but_not_for_ever(setup: DeliverySetup, *, again: bool) -> None:
    setup.want(1, delay=60.0)
    setup.now += 50.0
    setup.want(1 if again else 2, delay=60.0)
    assert setup.lease() is None
    setup.now += 10.0
    _lease, ledger = setup.take()
    assert [row.item for row in ledger.due()] == (["1"] if again else ["1", "2"])


def test_each_delivery_is_parked_by_itself(setup: DeliverySetup) -> None:
    setup.want(1, 2, 3)
    lease, ledger = setup.take()
    one, two, three = ledger.due()
    ledger.record([(one, Parked("gone")), (two, Skipped("a copy")), (three, Delivered("PASSED"))])
    assert setup.settle(lease)
    assert setup.subject() == (SubjectState.PARKED, "1: gone")
    assert TimedParking(setup.engine, setup.now).release(KEY, by="ada")
    lease, ledger = setup.take()
    (row,) = ledger.due()
    assert row.item == "1"
    ledger.record([(row, Delivered("PASSED"))])
    assert setup.settle(lease)
    assert setup.subject() == (SubjectState.REPORTED, None)


def test_what_is_parked_can_be_dropped(setup: DeliverySetup) -> None:
    setup.want(1)
    lease, ledger = setup.take()
    ledger.record([(ledger.due()[0], Parked("gone"))])
    setup.settle(lease)
    assert TimedParking(setup.engine, setup.now).drop(KEY, reason="dropped by ada")
    assert setup.row().state is DeliveryState.SKIPPED
    assert setup.subject() == (SubjectState.SKIPPED, "dropped by ada")
    assert setup.lease() is None


def test_a_new_delivery_does_not_wake_a_parked_one(setup: DeliverySetup) -> None:
    setup.want(1)
    lease, ledger = setup.take()
    ledger.record([(ledger.due()[0], Parked("gone"))])
    setup.settle(lease)
    setup.want(2)
    lease, ledger = setup.take()
    (row,) = ledger.due()
    assert row.item == "2"
    ledger.record([(row, Delivered("PASSED"))])
    setup.settle(lease)
    assert setup.subject() == (SubjectState.PARKED, "1: gone")


def test_what_is_only_skipped_says_why(setup: DeliverySetup) -> None:
    setup.want(1, 2)
    lease, ledger = setup.take()
    ledger.record([(row, Skipped("no target")) for row in ledger.due()])
    setup.settle(lease)
    assert setup.subject() == (SubjectState.SKIPPED, "no target")


def test_an_uncertain_attempt_is_remembered_until_somebody_has_looked(setup: DeliverySetup) -> None:
    setup.want(1)
    lease, ledger = setup.take()
    (row,) = ledger.due()
    ledger.intend({"1": "PASSED"})
    ledger.record([(row, Later(45.0, "no answer", unsure=True))])
    setup.settle(lease)
    assert setup.lease() is None
    setup.now += 45.0
    lease, ledger = setup.take()
    (row,) = ledger.due()
    assert (row.sending, row.attempts, row.last_error) == ("PASSED", 1, "no answer")
    ledger.record([(row, Parked("given up", unsure=True))])
    assert setup.row().sending == "PASSED"
    setup.settle(lease)
    assert TimedParking(setup.engine, setup.now).release(KEY, by="ada")
    _lease, ledger = setup.take()
    ledger.record([(ledger.due()[0], Later(0.0, "refused"))])
    assert setup.row().sending is None


def test_whoever_lost_the_lease_tells_nobody(setup: DeliverySetup) -> None:
    setup.want(1)
    lease, ledger = setup.take()
    (row,) = ledger.due()
    setup.now += LEASE
    _other, others = setup.take()
    with pytest.raises(LeaseLostError):
        ledger.intend({"1": "PASSED"})
    ledger.record([(row, Parked("an old opinion"))])
    assert setup.row().state is DeliveryState.PENDING
    assert not setup.settle(lease)
    # what it had delivered before is stored all the same
    ledger.record([(row, Delivered("PASSED", "7"))])
    assert setup.row().told == "PASSED"
    assert others.due() == ()


def test_an_absent_sink_makes_its_lane_wait_and_no_other(setup: DeliverySetup) -> None:
    setup.want(1)
    setup.want(1, sink=Sink.WIKI)
    setup.now += 1
    setup.deliveries.want([WantedDelivery(sink=Sink.RESULTSDB, build="B", item="9")])
    lease, _ledger = setup.take()
    assert setup.subjects.postpone_lane(lease, Away("503"), delay=LANE_DELAY)
    assert setup.lease() is None
    assert setup.lease("b", Sink.WIKI)
    (absence,) = Stories(setup.engine).absences()
    assert (absence.lane, absence.error) == ("resultsdb", "503")
    assert setup.subjects.next_due([Sink.RESULTSDB]) == setup.now + 1.0
    setup.now += 1.0
    lease, ledger = setup.take()
    # the oldest comes first, and its attempt did not count
    assert (lease.key, lease.attempts) == (KEY, 1)
    ledger.record([(ledger.due()[0], Delivered("PASSED"))])
    assert setup.settle(lease)
    assert Stories(setup.engine).absences() == ()


def test_a_sink_is_asked_for_the_less_often_the_longer_it_is_away(setup: DeliverySetup) -> None:
    setup.want(1)
    waits = []
    for _ in range(10):
        lease, _ledger = setup.take()
        setup.subjects.postpone_lane(lease, Away("503"), delay=LANE_DELAY)
        due = setup.subjects.next_due([Sink.RESULTSDB])
        assert due is not None
        waits.append(due - setup.now)
        setup.now = due
    assert waits == [1.0, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0, 15.0, 15.0]


def test_what_a_sink_has_already_is_believed_once(setup: DeliverySetup) -> None:
    report = WantedDelivery(sink=Sink.RESULTSDB, build=BUILD, item="1")
    setup.deliveries.confirm(report, told="PASSED", reference=None)
    assert setup.subject() == (SubjectState.REPORTED, None)
    assert setup.row().told == "PASSED"
    setup.want(1)
    setup.deliveries.confirm(report, told="PASSED", reference=None)
    assert setup.row().state is DeliveryState.PENDING


def test_facts_of_a_message_are_kept(setup: DeliverySetup) -> None:
    facts = {"job_id": "2023", "status": "success"}
    report = WantedDelivery(sink=Sink.RESULTSDB, build=BUILD, item="autocloud:2023", facts=facts)
    setup.deliveries.want([report])
    _lease, ledger = setup.take()
    assert ledger.due()[0].facts == facts
    assert setup.deliveries.all("resultsdb:other") == ()


def test_reported_builds_are_forgotten_in_time(setup: DeliverySetup) -> None:
    setup.want(1)
    lease, ledger = setup.take()
    ledger.record([(ledger.due()[0], Delivered("PASSED"))])
    setup.settle(lease)
    assert setup.subjects.prune(keep=-1.0) == 1
    assert setup.deliveries.all(KEY) == ()


def test_the_story_of_a_build_has_its_reports(setup: DeliverySetup) -> None:
    setup.want(1)
    stories = Stories(setup.engine)
    by_build = stories.find(f"compose:{BUILD}", build=BUILD)
    by_message = stories.find("m")
    assert by_build == by_message
    assert [row.item for row in by_build[0].deliveries] == ["1"]
    assert stories.last_message() == setup.now
