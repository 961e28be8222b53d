"""Old subjects are deleted, and none that is still needed."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.work import Change, SubjectState
from fedora_openqa.store.product_ledger import ProductLedger
from tests.store.timed import TimedSubjects
from tests.store.work import DVD, UPDATE, leased, result


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
