"""Who works on which subject, and for how long."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.work import SubjectState, Wanted
from fedora_openqa.store.subjects import Subjects
from tests.store.work import KINDS, LEASE, UPDATE, lease, leased, subject


def test_the_most_urgent_comes_first_then_what_is_due_longest(subjects: Subjects) -> None:
    subjects.want(subject("late"), message_id=None, now=3.0)
    subjects.want(subject("early"), message_id=None, now=1.0)
    subjects.want(subject("urgent", priority=10), message_id=None, now=4.0)
    subjects.want(subject("future", priority=10), message_id=None, now=99.0)
    order = [leased(subjects, now=5.0).key for _ in range(3)]
    assert order == ["compose:urgent", "compose:early", "compose:late"]
    assert lease(subjects, now=5.0) is None


def test_a_leased_subject_is_nobody_elses_until_the_lease_is_over(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id=None, now=0.0)
    leased(subjects, "a", now=0.0)
    assert lease(subjects, "b", now=LEASE - 1) is None
    taken = leased(subjects, "b", now=LEASE)
    assert (taken.owner, taken.number, taken.attempts) == ("b", 1, 2)


def test_a_renewed_lease_lasts_longer(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id=None, now=0.0)
    taken = leased(subjects, "a", now=0.0)
    assert subjects.renew(taken, now=50.0, until=200.0)
    assert lease(subjects, "b", now=LEASE) is None
    assert lease(subjects, "b", now=200.0)


@pytest.mark.parametrize("thief", ["b", "a"])
def test_who_has_lost_the_lease_changes_nothing(subjects: Subjects, thief: str) -> None:
    subjects.want(UPDATE, message_id=None, now=0.0)
    lost = leased(subjects, "a", now=0.0)
    # a process that was started again may well have the name of the one that hung
    held = leased(subjects, thief, now=LEASE)
    assert not subjects.finish(lost, SubjectState.SKIPPED, reason=None, now=LEASE)
    assert not subjects.postpone(lost, error="503", due=0.0, now=LEASE)
    assert not subjects.renew(lost, now=LEASE, until=9e9)
    assert subjects.finish(held, SubjectState.SCHEDULED, reason=None, now=LEASE)


def test_a_finished_request_is_not_finished_twice(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id=None, now=0.0)
    taken = leased(subjects)
    assert subjects.finish(taken, SubjectState.SCHEDULED, reason=None, now=1.0)
    assert not subjects.finish(taken, SubjectState.PARKED, reason=None, now=2.0)


def test_who_works_on_an_old_request_changes_nothing(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id="m1", now=0.0)
    old = leased(subjects, "a")
    subjects.want(replace(UPDATE, digest="two"), message_id="m2", now=1.0)
    assert not subjects.finish(old, SubjectState.SCHEDULED, reason=None, now=2.0)
    assert not subjects.postpone(old, error="503", due=9e9, now=2.0)
    # and the new one waits for nobody
    assert leased(subjects, "b", now=2.0).number == 2


def test_a_postponed_subject_comes_back_when_it_is_due(subjects: Subjects) -> None:
    subjects.want(UPDATE, message_id=None, now=0.0)
    assert subjects.postpone(leased(subjects), error="503 " * 9999, due=30.0, now=1.0)
    assert lease(subjects, now=29.0) is None
    assert leased(subjects, now=30.0).attempts == 2


def test_the_next_due_is_what_can_be_leased_next(subjects: Subjects) -> None:
    assert subjects.next_due(KINDS) is None
    subjects.want(UPDATE, message_id=None, now=5.0)
    assert subjects.next_due(KINDS) == 5.0
    taken = leased(subjects, now=5.0)
    assert subjects.next_due(KINDS) == 5.0 + LEASE
    subjects.want(subject("later"), message_id=None, now=60.0)
    assert subjects.next_due(KINDS) == 60.0
    subjects.postpone(taken, error="503", due=20.0, now=10.0)
    assert subjects.next_due(KINDS) == 20.0
    subjects.finish(leased(subjects, now=20.0), SubjectState.SKIPPED, reason="no", now=21.0)
    assert subjects.next_due(KINDS) == 60.0


def test_a_kind_has_a_limit_per_minute_and_others_have_not(engine: Engine) -> None:
    subjects = Subjects(engine, per_minute={"update": 2})
    for number in range(4):
        key = f"update:{number}"
        subjects.want(Wanted(key=key, kind="update", request={}), message_id=None, now=0.0)
    wanted = Wanted(key="compose:C", kind="compose", request={})
    subjects.want(wanted, message_id=None, now=1.0)

    def leased(now: float) -> str | None:
        lease = subjects.lease("a", KINDS, now=now, until=now + 1000.0)
        return lease.key if lease else None

    assert [leased(10.0), leased(10.0)] == ["update:0", "update:1"]
    assert [leased(11.0), leased(12.0)] == ["compose:C", None]
    assert [leased(71.0), leased(71.0), leased(71.0)] == ["update:2", "update:3", None]


def test_an_attempt_that_does_not_count_is_not_counted(subjects: Subjects) -> None:
    wanted = Wanted(key="update:U", kind="update", request={})
    subjects.want(wanted, message_id=None, now=0.0)
    for now in (1.0, 2.0, 3.0):
        lease = subjects.lease("a", KINDS, now=now, until=now + 10.0)
        assert lease
        assert lease.attempts == 1
        assert subjects.postpone(lease, error="paused", due=now, now=now, counts=False)
