"""Old subjects are deleted, and none that is still needed."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.work import Change, SubjectState, Wanted
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.product_ledger import ProductLedger
from fedora_openqa.store.pruning import ROWS_AT_ONCE, SUBJECTS_AT_ONCE
from fedora_openqa.store.stories import Stories
from tests.store.timed import StoppedClock, TimedSubjects
from tests.store.work import DVD, LEASE, UPDATE, leased, result


@pytest.mark.parametrize("state", [SubjectState.SCHEDULED, SubjectState.SKIPPED])
def test_what_was_finished_long_ago_goes_with_all_that_belongs_to_it(
    engine: Engine, subjects: TimedSubjects, state: SubjectState
) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    taken = leased(subjects)
    ProductLedger(engine, taken, clock=lambda _connection: 0.0).record(result(DVD))
    subjects.at(1.0).finish(taken, state, reason=None)
    assert subjects.at(1.0).prune(keep=0.0) == 0
    assert subjects.at(2.0).prune(keep=0.0) == 1
    assert ProductLedger(engine, taken, clock=lambda _connection: 0.0).finished() == {}
    assert subjects.at(3.0).want(UPDATE, message_id="m1") is Change.NEW


def test_what_is_wanted_or_parked_stays(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    assert subjects.at(9e9).prune(keep=0.0) == 0
    subjects.at(1.0).finish(leased(subjects), SubjectState.PARKED, reason="look")
    assert subjects.at(9e9).prune(keep=0.0) == 0
    assert subjects.at(2.0).want(UPDATE, message_id="m2") is Change.NOTHING


def test_a_message_that_was_seen_lately_keeps_its_subject(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(1.0).finish(leased(subjects), SubjectState.SCHEDULED, reason=None)
    subjects.at(100.0).want(UPDATE, message_id="m2")
    assert subjects.at(50.0).prune(keep=0.0) == 0
    # otherwise this would schedule everything again
    assert subjects.at(101.0).want(UPDATE, message_id="m2") is Change.NOTHING
    assert subjects.at(150.0).prune(keep=0.0) == 1


def test_many_are_deleted_a_few_at_a_time(engine: Engine, subjects: TimedSubjects) -> None:
    many = 2 * SUBJECTS_AT_ONCE + 1
    for number in range(many):
        wanted = Wanted(key=f"update:{number}", lane="update", request={})
        subjects.want(wanted, message_id=f"m{number}")
        subjects.finish(leased(subjects), SubjectState.SCHEDULED, reason=None)
    pruned = [subjects.at(2.0).prune(keep=0.0) for _ in range(4)]
    assert pruned == [SUBJECTS_AT_ONCE, SUBJECTS_AT_ONCE, 1, 0]
    assert Stories(engine).last_message() is None


def test_a_build_with_many_deliveries_goes_alone(engine: Engine, subjects: TimedSubjects) -> None:
    deliveries = Deliveries(engine, clock=StoppedClock(0.0))
    for build, number in (("A", 1), ("B", ROWS_AT_ONCE), ("C", 1)):
        items = [
            WantedDelivery(sink=Sink.WIKI, build=build, item=str(item)) for item in range(number)
        ]
        deliveries.want(items)
        lease = subjects.lease("a", [Sink.WIKI], seconds=LEASE)
        assert lease
        subjects.finish(lease, SubjectState.REPORTED, reason=None)
    assert [subjects.at(2.0).prune(keep=0.0) for _ in range(4)] == [1, 1, 1, 0]


def test_old_messages_of_what_stays_are_deleted(engine: Engine, subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(5.0).want(UPDATE, message_id="m2")
    assert subjects.at(3.0).prune(keep=0.0) == 0
    (story,) = Stories(engine).find(UPDATE.key)
    assert [message.id for message in story.messages] == ["m2"]


def test_a_message_is_stored_between_two_parts(subjects: TimedSubjects) -> None:
    for number in range(SUBJECTS_AT_ONCE + 1):
        wanted = Wanted(key=f"update:{number}", lane="update", request={})
        subjects.want(wanted, message_id=f"m{number}")
        subjects.finish(leased(subjects), SubjectState.SCHEDULED, reason=None)
    assert subjects.at(2.0).prune(keep=0.0) == SUBJECTS_AT_ONCE
    # what was not deleted yet is as it was; a new message keeps it
    left = Wanted(key=f"update:{SUBJECTS_AT_ONCE}", lane="update", request={})
    assert subjects.at(3.0).want(left, message_id="new") is Change.NOTHING
    assert subjects.at(3.0).prune(keep=0.5) == 0
