"""Nothing grows for ever, and nothing is forgotten that is still needed."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.work import Change, SubjectState
from fedora_openqa.store.products import StoredLedger
from fedora_openqa.store.subjects import Subjects
from tests.store.work import DVD, UPDATE, leased, result


@pytest.mark.parametrize("state", [SubjectState.SCHEDULED, SubjectState.SKIPPED])
def test_what_was_finished_long_ago_goes_with_all_that_belongs_to_it(
    engine: Engine, subjects: Subjects, state: SubjectState
) -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    taken = leased(subjects)
    StoredLedger(engine, taken, clock=lambda: 0.0).record(result(DVD))
    subjects.finish(taken, state, reason=None, now=1.0)
    assert subjects.prune(before=1.0) == 0
    assert subjects.prune(before=2.0) == 1
    assert StoredLedger(engine, taken, clock=lambda: 0.0).settled() == {}
    assert subjects.want(UPDATE, message_id="m1", now=3.0) is Change.NEW


def test_what_is_wanted_or_parked_stays(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    assert subjects.prune(before=9e9) == 0
    subjects.finish(leased(subjects), SubjectState.PARKED, reason="look", now=1.0)
    assert subjects.prune(before=9e9) == 0
    assert subjects.want(UPDATE, message_id="m2", now=2.0) is Change.NOTHING


def test_a_message_that_was_seen_lately_keeps_its_subject(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    subjects.finish(leased(subjects), SubjectState.SCHEDULED, reason=None, now=1.0)
    subjects.want(UPDATE, message_id="m2", now=100.0)
    assert subjects.prune(before=50.0) == 0
    # otherwise this would schedule everything again
    assert subjects.want(UPDATE, message_id="m2", now=101.0) is Change.NOTHING
    assert subjects.prune(before=150.0) == 1
