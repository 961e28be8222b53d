"""The inbox as sweeps use it."""

from dataclasses import replace

from fedora_openqa.model.work import Change, Known, SubjectState
from fedora_openqa.store.subjects import KEYS_AT_ONCE
from tests.store.timed import TimedSubjects
from tests.store.work import KINDS, UPDATE, leased


def test_only_stored_subjects_have_a_digest(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(replace(UPDATE, digest="d1"), message_id=None)
    keys = [UPDATE.key, *(f"update:{number}" for number in range(KEYS_AT_ONCE * 2))]
    assert subjects.known(keys) == {UPDATE.key: Known("d1")}
    assert subjects.known([]) == {}


def test_what_is_remembered_needs_no_work_until_it_changes(subjects: TimedSubjects) -> None:
    known = replace(UPDATE, digest="d1")
    subjects.at(1.0).remember(known, reason="openQA has jobs of it")
    found = subjects.find(UPDATE.key)
    assert found is not None
    assert (found.state, found.reason) == (SubjectState.SCHEDULED, "openQA has jobs of it")
    assert subjects.next_due(KINDS) is None
    assert subjects.at(2.0).want(known, message_id="m1") is Change.NOTHING
    changed = replace(UPDATE, digest="d2")
    assert subjects.at(3.0).want(changed, message_id="m2") is Change.AGAIN


def test_what_a_message_was_quicker_to_ask_for_stays_wanted(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    subjects.at(1.0).remember(UPDATE, reason="openQA has jobs of it")
    assert leased(subjects, now=2.0).key == UPDATE.key
