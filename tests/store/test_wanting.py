"""The effect of a message on the store, once."""

from dataclasses import replace

from fedora_openqa.model.work import Change, SubjectState, Wanted
from tests.store.timed import TimedSubjects
from tests.store.work import UPDATE, lease, leased


def test_an_unknown_subject_is_new_and_can_be_worked_on(subjects: TimedSubjects) -> None:
    assert subjects.at(5.0).want(UPDATE, message_id="m1") is Change.NEW
    taken = leased(subjects, now=6.0)
    assert (taken.key, taken.lane, taken.number) == (UPDATE.key, "update", 1)
    assert taken.request == {"update": "FEDORA-2026-1bd5f4a0c2", "flavors": ["server"]}
    assert (taken.attempts, taken.wanted_since) == (1, 5.0)


def test_the_same_message_again_changes_nothing(subjects: TimedSubjects) -> None:
    retriggered = replace(UPDATE, again=True)
    assert subjects.at(0.0).want(retriggered, message_id="m1") is Change.NEW
    assert subjects.at(1.0).want(retriggered, message_id="m1") is Change.NOTHING
    assert leased(subjects, now=1.0).number == 1


def test_an_id_that_is_known_from_another_subject_stores_nothing(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    other = replace(UPDATE, key="update:FEDORA-2026-0000000001")
    assert subjects.at(1.0).want(other, message_id="m1") is Change.NOTHING
    assert subjects.find(other.key) is None


def test_another_message_that_says_the_same_changes_nothing(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    assert subjects.at(1.0).want(UPDATE, message_id="m2") is Change.NOTHING
    subjects.at(2.0).finish(leased(subjects), SubjectState.SCHEDULED, reason=None)
    assert subjects.at(3.0).want(UPDATE, message_id="m3") is Change.NOTHING
    assert lease(subjects, now=3.0) is None


def test_another_content_is_another_request(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(1.0).finish(leased(subjects), SubjectState.SCHEDULED, reason=None)
    edited = replace(UPDATE, digest="two", request={"update": "other"})
    assert subjects.at(2.0).want(edited, message_id="m2") is Change.AGAIN
    taken = leased(subjects, now=3.0)
    assert (taken.number, taken.request) == (2, {"update": "other"})
    assert (taken.attempts, taken.wanted_since) == (1, 2.0)


def test_a_person_may_ask_for_the_same_again(subjects: TimedSubjects) -> None:
    again = replace(UPDATE, again=True)
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(1.0).finish(leased(subjects), SubjectState.PARKED, reason="no")
    assert subjects.at(2.0).want(again, message_id="m2") is Change.AGAIN
    assert subjects.at(2.0).want(again, message_id=None) is Change.AGAIN
    assert leased(subjects, now=2.0).number == 3


def test_a_request_is_as_old_as_its_message_however_often_it_was_tried(
    subjects: TimedSubjects,
) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(50.0).want(replace(UPDATE, digest="two"), message_id="m2")
    first = leased(subjects, now=60.0)
    subjects.at(65.0).postpone(first, error="503", delay=5.0)
    second = leased(subjects, now=70.0)
    assert (first.wanted_since, second.wanted_since) == (50.0, 50.0)
    assert (first.attempts, second.attempts) == (1, 2)


COMPOSE = Wanted(
    key="compose:Fedora-Rawhide-20261120.n.0", lane="compose", request={"location": "https://x"}
)
MOVED = replace(COMPOSE, request={"location": "https://y"})


def test_another_location_replaces_that_of_a_parked_subject(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(COMPOSE, message_id="m1")
    subjects.at(1.0).finish(leased(subjects), SubjectState.PARKED, reason="404")
    assert subjects.at(2.0).want(COMPOSE, message_id="m2") is Change.NOTHING
    assert subjects.at(2.0).want(MOVED, message_id="m3") is Change.AGAIN
    assert leased(subjects, now=2.0).request == MOVED.request


def test_another_location_replaces_that_of_a_failing_subject(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(COMPOSE, message_id="m1")
    subjects.at(1.0).postpone(leased(subjects), error="404", delay=500.0)
    assert subjects.at(2.0).want(MOVED, message_id="m2") is Change.AGAIN
    assert leased(subjects, now=2.0).request == MOVED.request


def test_another_location_changes_nothing_of_what_is_scheduled(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(COMPOSE, message_id="m1")
    subjects.at(1.0).finish(leased(subjects), SubjectState.SCHEDULED, reason=None)
    assert subjects.at(2.0).want(MOVED, message_id="m2") is Change.NOTHING


def test_a_message_about_a_waiting_subject_makes_it_due(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(1.0).postpone(leased(subjects), error="503", delay=500.0)
    assert subjects.at(2.0).want(UPDATE, message_id="m1") is Change.NOTHING
    assert lease(subjects, now=3.0) is None
    assert subjects.at(3.0).want(UPDATE, message_id="m2") is Change.DUE
    assert leased(subjects, now=3.0).attempts == 2


def test_a_message_does_not_disturb_a_worker(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    taken = leased(subjects)
    assert subjects.at(3.0).want(UPDATE, message_id="m2") is Change.NOTHING
    assert subjects.at(4.0).finish(taken, SubjectState.SCHEDULED, reason=None)
