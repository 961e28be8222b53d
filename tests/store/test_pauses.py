"""Lanes, paused and resumed."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.stories import Pause
from fedora_openqa.store.pauses import Pauses
from tests.store.timed import TimedPauses, TimedSubjects
from tests.store.work import KINDS, LEASE, UPDATE, lease, leased, subject

COMPOSES = Pause(lane="compose", by="ada", reason="openQA moves", since=5.0)


@pytest.fixture
def pauses(engine: Engine) -> Pauses:
    return TimedPauses(engine, 10.0)


def test_nobody_takes_a_subject_of_a_paused_lane(subjects: TimedSubjects, pauses: Pauses) -> None:
    subjects.at(0.0).want(subject("a", priority=10), message_id=None)
    subjects.at(1.0).want(UPDATE, message_id=None)
    pauses.pause(COMPOSES)
    # and it is not due: workers would never sleep
    assert subjects.next_due(KINDS) == 1.0
    assert leased(subjects, now=2.0).lane == "update"
    assert lease(subjects, now=2.0) is None


def test_a_pause_may_end_by_itself(subjects: TimedSubjects, engine: Engine) -> None:
    subjects.at(0.0).want(subject("a"), message_id=None)
    hour = replace(COMPOSES, until=3605.0)
    TimedPauses(engine, 5.0).pause(hour)
    assert TimedPauses(engine, 3604.0).all() == (hour,)
    assert lease(subjects, now=3604.0) is None
    assert TimedPauses(engine, 3605.0).all() == ()
    assert not TimedPauses(engine, 3605.0).resume("compose")
    assert leased(subjects, now=3605.0).lane == "compose"


def test_a_pause_of_all_lanes_stops_each_and_leaves_the_others_pauses(
    subjects: TimedSubjects, pauses: Pauses
) -> None:
    subjects.at(0.0).want(subject("a"), message_id=None)
    subjects.at(0.0).want(UPDATE, message_id=None)
    pauses.pause(COMPOSES)
    pauses.pause(replace(COMPOSES, lane="all"))
    assert lease(subjects, now=2.0) is None
    assert subjects.next_due(KINDS) is None
    assert pauses.resume("all")
    assert pauses.all() == (COMPOSES,)
    assert leased(subjects, now=10.0).lane == "update"
    assert lease(subjects, now=10.0) is None


def test_a_lane_of_a_release_stops_no_kind(subjects: TimedSubjects, pauses: Pauses) -> None:
    subjects.at(0.0).want(subject("a"), message_id=None)
    pauses.pause(replace(COMPOSES, lane="compose:Rawhide"))
    assert leased(subjects).lane == "compose"


def test_a_pause_is_remembered_and_may_get_another_reason(pauses: Pauses) -> None:
    other = replace(COMPOSES, lane="update:43", by="bob")
    pauses.pause(other)
    pauses.pause(COMPOSES)
    assert pauses.all() == (COMPOSES, other)
    pauses.pause(replace(COMPOSES, reason="it still does", since=6.0))
    assert [pause.reason for pause in pauses.all()] == ["it still does", "openQA moves"]


@pytest.mark.parametrize("lane", ["compose", "compose:Rawhide"])
def test_what_waits_goes_on_at_once_and_afresh(
    subjects: TimedSubjects, pauses: Pauses, lane: str
) -> None:
    subjects.at(0.0).want(subject("a"), message_id=None)
    subjects.at(0.0).want(UPDATE, message_id=None)
    for _ in range(2):
        subjects.at(1.0).postpone(leased(subjects), error="paused", delay=299.0)
    pauses.pause(replace(COMPOSES, lane=lane))
    assert pauses.resume(lane)
    assert pauses.all() == ()
    taken = leased(subjects, now=10.0)
    assert (taken.lane, taken.attempts) == ("compose", 1)
    assert lease(subjects, now=10.0) is None


def test_who_works_on_a_subject_keeps_it_when_its_lane_goes_on(
    subjects: TimedSubjects, pauses: Pauses
) -> None:
    subjects.at(0.0).want(subject("a"), message_id=None)
    taken = leased(subjects)
    pauses.pause(COMPOSES)
    pauses.resume("compose")
    assert lease(subjects, now=10.0) is None
    assert subjects.at(10.0).renew(taken, seconds=LEASE)


def test_what_was_not_stopped_cannot_go_on(subjects: TimedSubjects, pauses: Pauses) -> None:
    subjects.at(100.0).want(subject("a"), message_id=None)
    assert not pauses.resume("compose")
    assert subjects.next_due(KINDS) == 100.0
