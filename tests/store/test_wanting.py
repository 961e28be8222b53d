"""What a message changes, and that it changes it once."""

from dataclasses import replace

from fedora_openqa.model.work import Change, SubjectState
from fedora_openqa.store.subjects import Subjects
from tests.store.work import UPDATE, lease, leased


def test_an_unknown_subject_is_new_and_can_be_worked_on(subjects: Subjects) -> None:
    assert subjects.want(UPDATE, message_id="m1", now=5.0) is Change.NEW
    taken = leased(subjects, now=6.0)
    assert (taken.key, taken.kind, taken.number) == (UPDATE.key, "update", 1)
    assert taken.request == {"update": "FEDORA-2026-1bd5f4a0c2", "flavors": ["server"]}
    assert (taken.attempts, taken.wanted_since) == (1, 5.0)


def test_the_same_message_again_changes_nothing(subjects: Subjects) -> None:
    retriggered = replace(UPDATE, again=True)
    assert subjects.want(retriggered, message_id="m1", now=0.0) is Change.NEW
    assert subjects.want(retriggered, message_id="m1", now=1.0) is Change.NOTHING
    assert leased(subjects, now=1.0).number == 1


def test_another_message_that_says_the_same_changes_nothing(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    assert subjects.want(UPDATE, message_id="m2", now=1.0) is Change.NOTHING
    subjects.finish(leased(subjects), SubjectState.SCHEDULED, reason=None, now=2.0)
    assert subjects.want(UPDATE, message_id="m3", now=3.0) is Change.NOTHING
    assert lease(subjects, now=3.0) is None


def test_another_content_is_another_request(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    subjects.finish(leased(subjects), SubjectState.SCHEDULED, reason=None, now=1.0)
    edited = replace(UPDATE, digest="two", request={"update": "other"})
    assert subjects.want(edited, message_id="m2", now=2.0) is Change.AGAIN
    taken = leased(subjects, now=3.0)
    assert (taken.number, taken.request) == (2, {"update": "other"})
    assert (taken.attempts, taken.wanted_since) == (1, 2.0)


def test_a_person_may_ask_for_the_same_again(subjects: Subjects) -> None:
    again = replace(UPDATE, again=True)
    subjects.want(UPDATE, message_id="m1", now=0.0)
    subjects.finish(leased(subjects), SubjectState.PARKED, reason="no", now=1.0)
    assert subjects.want(again, message_id="m2", now=2.0) is Change.AGAIN
    assert subjects.want(again, message_id=None, now=2.0) is Change.AGAIN
    assert leased(subjects, now=2.0).number == 3


def test_a_request_is_as_old_as_its_message_however_often_it_was_tried(
    subjects: Subjects,
) -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    subjects.want(replace(UPDATE, digest="two"), message_id="m2", now=50.0)
    first = leased(subjects, now=60.0)
    subjects.postpone(first, error="503", due=70.0, now=65.0)
    second = leased(subjects, now=70.0)
    assert (first.wanted_since, second.wanted_since) == (50.0, 50.0)
    assert (first.attempts, second.attempts) == (1, 2)
