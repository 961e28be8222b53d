"""Leases of subjects."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.model.products import ProductState
from fedora_openqa.model.work import SubjectState, Wanted
from tests.store.timed import TimedSubjects
from tests.store.work import DVD, KINDS, LEASE, LIVE, UPDATE, lease, leased, result, subject
from tests.support.stores import new_store


def test_the_most_urgent_comes_first_then_what_is_due_longest(subjects: TimedSubjects) -> None:
    subjects.at(3.0).want(subject("late"), message_id=None)
    subjects.at(1.0).want(subject("early"), message_id=None)
    subjects.at(4.0).want(subject("urgent", priority=10), message_id=None)
    subjects.at(99.0).want(subject("future", priority=10), message_id=None)
    order = [leased(subjects, now=5.0).key for _ in range(3)]
    assert order == ["compose:urgent", "compose:early", "compose:late"]
    assert lease(subjects, now=5.0) is None


def test_a_leased_subject_is_nobody_elses_until_the_lease_is_over(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id=None)
    leased(subjects, "a", now=0.0)
    assert lease(subjects, "b", now=LEASE - 1) is None
    taken = leased(subjects, "b", now=LEASE)
    assert (taken.owner, taken.number, taken.attempts) == ("b", 1, 2)


def test_a_renewed_lease_lasts_longer(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id=None)
    taken = leased(subjects, "a", now=0.0)
    assert subjects.at(50.0).renew(taken, seconds=150.0)
    assert lease(subjects, "b", now=LEASE) is None
    assert lease(subjects, "b", now=200.0)


@pytest.mark.parametrize("thief", ["b", "a"])
def test_who_has_lost_the_lease_changes_nothing(subjects: TimedSubjects, thief: str) -> None:
    subjects.at(0.0).want(UPDATE, message_id=None)
    lost = leased(subjects, "a", now=0.0)
    # a restarted process may have the same owner name as the one that hung
    held = leased(subjects, thief, now=LEASE)
    assert not subjects.at(LEASE).finish(lost, SubjectState.SKIPPED, reason=None)
    assert not subjects.at(LEASE).postpone(lost, error="503", delay=0.0)
    assert not subjects.at(LEASE).renew(lost, seconds=LEASE)
    assert subjects.at(LEASE).finish(held, SubjectState.SCHEDULED, reason=None)


def test_a_finished_request_is_not_finished_twice(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id=None)
    taken = leased(subjects)
    assert subjects.at(1.0).finish(taken, SubjectState.SCHEDULED, reason=None)
    assert not subjects.at(2.0).finish(taken, SubjectState.PARKED, reason=None)


def test_who_works_on_an_old_request_changes_nothing(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id="m1")
    old = leased(subjects, "a")
    subjects.at(1.0).want(replace(UPDATE, digest="two"), message_id="m2")
    assert not subjects.at(2.0).finish(old, SubjectState.SCHEDULED, reason=None)
    assert not subjects.at(2.0).postpone(old, error="503", delay=900.0)
    # and a new one is leased at once
    assert leased(subjects, "b", now=2.0).number == 2


def test_a_postponed_subject_comes_back_when_it_is_due(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(UPDATE, message_id=None)
    assert subjects.at(1.0).postpone(leased(subjects), error="503 " * 9999, delay=29.0)
    assert lease(subjects, now=29.0) is None
    assert leased(subjects, now=30.0).attempts == 2


def test_the_next_due_is_what_can_be_leased_next(subjects: TimedSubjects) -> None:
    assert subjects.next_due(KINDS) is None
    subjects.at(5.0).want(UPDATE, message_id=None)
    assert subjects.next_due(KINDS) == 5.0
    taken = leased(subjects, now=5.0)
    assert subjects.next_due(KINDS) == 5.0 + LEASE
    subjects.at(60.0).want(subject("later"), message_id=None)
    assert subjects.next_due(KINDS) == 60.0
    subjects.at(10.0).postpone(taken, error="503", delay=10.0)
    assert subjects.next_due(KINDS) == 20.0
    subjects.at(21.0).finish(leased(subjects, now=20.0), SubjectState.SKIPPED, reason="no")
    assert subjects.next_due(KINDS) == 60.0


def test_a_kind_has_a_limit_per_minute_and_others_have_not(engine: Engine) -> None:
    subjects = TimedSubjects(engine, per_minute={"update": 2})
    for number in range(4):
        key = f"update:{number}"
        subjects.at(0.0).want(Wanted(key=key, lane="update", request={}), message_id=None)
    wanted = Wanted(key="compose:C", lane="compose", request={})
    subjects.at(1.0).want(wanted, message_id=None)

    def leased(now: float) -> str | None:
        lease = subjects.at(now).lease("a", KINDS, seconds=1000.0)
        return lease.key if lease else None

    assert [leased(10.0), leased(10.0)] == ["update:0", "update:1"]
    assert [leased(11.0), leased(12.0)] == ["compose:C", None]
    assert [leased(71.0), leased(71.0), leased(71.0)] == ["update:2", "update:3", None]


def test_an_attempt_that_does_not_count_is_not_counted(subjects: TimedSubjects) -> None:
    wanted = Wanted(key="update:U", lane="update", request={})
    subjects.at(0.0).want(wanted, message_id=None)
    for now in (1.0, 2.0, 3.0):
        lease = subjects.at(now).lease("a", KINDS, seconds=10.0)
        assert lease
        assert lease.attempts == 1
        assert subjects.at(now).postpone(lease, error="paused", delay=0.0, counts=False)


def test_a_worker_may_leave_what_is_less_urgent_to_others(subjects: TimedSubjects) -> None:
    subjects.at(0.0).want(subject("nightly"), message_id=None)
    subjects.at(0.0).want(subject("candidate", priority=10), message_id=None)

    def reserved(now: float) -> str | None:
        taken = subjects.at(now).lease("a", KINDS, seconds=LEASE, least_priority=5)
        return taken.key if taken else None

    assert [reserved(1.0), reserved(1.0)] == ["compose:candidate", None]
    # it waits for the end of that lease, not for the nightly
    assert subjects.at(1.0).seconds_until_due(KINDS, least_priority=5) == LEASE
    assert leased(subjects, now=1.0).key == "compose:nightly"


@given(
    arrivals=st.lists(
        st.tuples(st.sampled_from([0, 5, 10]), st.integers(0, 120)), min_size=2, max_size=12
    )
)
def test_nothing_waits_for_ever_behind_what_is_more_urgent(
    tmp_path_factory: pytest.TempPathFactory, arrivals: list[tuple[int, int]]
) -> None:
    # whatever came more than a minute later for each point of priority goes after it
    subjects = TimedSubjects(new_store(tmp_path_factory.mktemp("store") / "store.db"))
    arrived: dict[str, tuple[int, float]] = {}
    now = 0.0
    for number, (priority, pause) in enumerate(arrivals):
        now += pause * 10
        wanted = subject(str(number), priority=priority)
        arrived[wanted.key] = (priority, now)
        subjects.at(now).want(wanted, message_id=None)
    order = [arrived[leased(subjects, now=now).key] for _ in arrivals]
    for place, (priority, came) in enumerate(order):
        for other_priority, other_came in order[place + 1 :]:
            assert came - other_came <= 60.0 * (priority - other_priority)


def test_a_subject_that_is_given_back_is_free_and_its_worker_changes_nothing(
    subjects: TimedSubjects,
) -> None:
    subjects.at(0.0).want(UPDATE, message_id=None)
    stopped = leased(subjects, "a", now=0.0)
    ledger = subjects.at(1.0).ledger(stopped)
    ledger.intend(DVD, newest_job=0)
    assert subjects.at(1.0).give_back(stopped)
    taken = leased(subjects, "b", now=1.0)
    assert not subjects.at(2.0).give_back(stopped)
    assert not subjects.at(2.0).finish(stopped, SubjectState.SCHEDULED, reason=None)
    with pytest.raises(LeaseLostError):
        ledger.intend(LIVE, newest_job=0)
    ledger.record(result(DVD, ProductState.FAILED))
    # what it has sent may arrive for as long as its lease would have lasted
    unanswered = {(DVD.flavor, DVD.arch): LEASE - 2.0}
    assert subjects.at(2.0).ledger(taken).unanswered() == unanswered
    assert subjects.at(LEASE).ledger(taken).unanswered() == {}
    ledger.record(result(DVD, ProductState.POSTED, 7))
    assert subjects.at(2.0).ledger(taken).unanswered() == {}
