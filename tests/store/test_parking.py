"""What a person decides about parked subjects."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.parking import Parking
from fedora_openqa.store.subjects import Subjects
from tests.store.work import UPDATE, lease, leased


@pytest.fixture
def parking(engine: Engine) -> Parking:
    return Parking(engine)


def park(subjects: Subjects, reason: str = "404") -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    subjects.finish(leased(subjects), SubjectState.PARKED, reason=reason, now=1.0)


def test_what_is_released_is_wanted_now_and_tried_afresh(
    subjects: Subjects, parking: Parking
) -> None:
    park(subjects)
    assert parking.release(UPDATE.key, by="ada", now=2.0)
    found = subjects.find(UPDATE.key)
    assert found
    assert (found.state, found.reason, found.number) == (SubjectState.WANTED, None, 1)
    assert found.last_error == "released by ada, was parked: 404"
    assert leased(subjects, now=2.0).attempts == 1


def test_a_long_reason_does_not_grow_with_each_release(
    subjects: Subjects, parking: Parking
) -> None:
    park(subjects, "x" * 3000)
    parking.release(UPDATE.key, by="ada", now=2.0)
    found = subjects.find(UPDATE.key)
    assert found
    assert len(found.last_error or "") == 2000


def test_what_is_dropped_is_skipped_with_the_reason(subjects: Subjects, parking: Parking) -> None:
    park(subjects)
    assert parking.drop(UPDATE.key, reason="dropped by ada", now=2.0)
    found = subjects.find(UPDATE.key)
    assert found
    assert (found.state, found.reason) == (SubjectState.SKIPPED, "dropped by ada")
    assert lease(subjects, now=2.0) is None


def test_only_what_is_parked_is_changed(subjects: Subjects, parking: Parking) -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    before = subjects.all()
    for key in (UPDATE.key, "update:unknown"):
        assert not parking.release(key, by="ada", now=2.0)
        assert not parking.drop(key, reason="no", now=2.0)
    assert subjects.all() == before
