"""Parked subjects, released and dropped."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.parking import Parking
from tests.store.timed import TimedParking, TimedSubjects
from tests.store.work import UPDATE, lease, leased


@pytest.fixture
def parking(engine: Engine) -> Parking:
    return TimedParking(engine, 2.0)


def park(subjects: TimedSubjects, reason: str = "404") -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(1.0).finish(leased(subjects), SubjectState.PARKED, reason=reason)


def test_what_is_released_is_wanted_now_and_tried_afresh(
    subjects: TimedSubjects, parking: Parking
) -> None:
    park(subjects)
    assert parking.release(UPDATE.key, by="ada")
    found = subjects.find(UPDATE.key)
    assert found
    assert (found.state, found.reason, found.number) == (SubjectState.WANTED, None, 1)
    assert found.last_error == "released by ada, was parked: 404"
    assert leased(subjects, now=2.0).attempts == 1


def test_a_long_reason_does_not_grow_with_each_release(
    subjects: TimedSubjects, parking: Parking
) -> None:
    park(subjects, "x" * 3000)
    parking.release(UPDATE.key, by="ada")
    found = subjects.find(UPDATE.key)
    assert found
    assert len(found.last_error or "") == 2000


def test_what_is_dropped_is_skipped_with_the_reason(
    subjects: TimedSubjects, parking: Parking
) -> None:
    park(subjects)
    assert parking.drop(UPDATE.key, reason="dropped by ada")
    found = subjects.find(UPDATE.key)
    assert found
    assert (found.state, found.reason) == (SubjectState.SKIPPED, "dropped by ada")
    assert lease(subjects, now=2.0) is None


def test_only_what_is_parked_is_changed(subjects: TimedSubjects, parking: Parking) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    before = subjects.all()
    for key in (UPDATE.key, "update:unknown"):
        assert not parking.release(key, by="ada")
        assert not parking.drop(key, reason="no")
    assert subjects.all() == before
