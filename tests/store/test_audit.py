"""The acts of people: one act a key, no more than a limit, and none that is forgotten too soon."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from fedora_openqa.errors import AlreadyAskedError, PermanentError, TooManyActsError
from fedora_openqa.model.audit import Act, Action, Ending, Intent, Role
from fedora_openqa.store.audit import DAY, Audit
from tests.store.timed import StoppedClock, TimedSubjects

PAUSE = Intent(
    who="ada",
    role=Role.OPERATOR,
    what=Action.PAUSE,
    target="update:43",
    reason="openQA moves",
    preview={"jobs": [1, 2], "note": "a\nb"},
    key="k-1",
)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(1e9)


@pytest.fixture
def audit(engine: Engine, clock: StoppedClock) -> Audit:
    return Audit(engine, clock=clock)


def test_an_act_is_there_before_it_is_done(audit: Audit, clock: StoppedClock) -> None:
    begun = audit.begin(PAUSE)
    stored = replace(PAUSE, preview={"jobs": [1, 2], "note": "a\ufffdb"})
    assert audit.find(begun.id) == Act(begun.id, stored, at=1e9)
    clock.now += 5
    audit.settle(begun.id, Ending.DONE, "paused")
    settled = Act(begun.id, stored, 1e9, ending=Ending.DONE, outcome="paused", settled=1e9 + 5)
    assert audit.acts(limit=5) == (settled,)
    # the first outcome stays
    audit.settle(begun.id, Ending.NOTHING, "no")
    assert audit.find(begun.id) == settled
    assert audit.find(begun.id + 1) is None
    assert (audit.asked("k-1"), audit.asked("k-2")) == (begun.id, None)


def test_a_key_is_one_act_even_at_the_same_time(audit: Audit) -> None:
    def begin(number: int) -> int:
        try:
            return audit.begin(replace(PAUSE, who=f"person {number % 2}"), most=number).id
        except AlreadyAskedError as exc:
            return -exc.act_id

    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(begin, range(8, 24)))
    (act,) = audit.acts(limit=50)
    assert sorted(ids) == [-act.id] * 15 + [act.id]


def test_a_person_may_start_so_much_in_a_day(audit: Audit, clock: StoppedClock) -> None:
    audit.begin(replace(PAUSE, cost=7), most=10)
    audit.begin(replace(PAUSE, who="bob", cost=10, key="k-2"), most=10)
    for most, cost in ((10, 4), (6, 0)):
        with pytest.raises(TooManyActsError, match="has started 7, and"):
            audit.begin(replace(PAUSE, cost=cost, key="k-3"), most=most)
    # what was asked for before is said, whatever the limit is now
    with pytest.raises(AlreadyAskedError):
        audit.begin(replace(PAUSE, cost=7), most=1)
    audit.begin(replace(PAUSE, cost=3, key="k-3"), most=10)
    clock.now += DAY
    audit.begin(replace(PAUSE, cost=10, key="k-4"), most=10)


def test_two_acts_at_the_same_time_do_not_exceed_the_limit(audit: Audit) -> None:
    def begin(number: int) -> bool:
        try:
            audit.begin(replace(PAUSE, cost=3, key=f"k-{number}"), most=10)
        except PermanentError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, range(16))) == 3


def test_acts_are_listed_by_person_and_time_the_newest_first(
    audit: Audit, clock: StoppedClock
) -> None:
    for number in range(6):
        clock.now += 1
        audit.begin(replace(PAUSE, who="ada" if number % 2 else "bob", key=f"k-{number}"))

    def keys(**options: object) -> list[str]:
        return [act.intent.key for act in audit.acts(**options)]  # type: ignore[arg-type]

    assert keys(limit=2) == ["k-5", "k-4"]
    assert keys(limit=4, page=2) == ["k-1", "k-0"]
    assert keys(limit=9, who="ada") == ["k-5", "k-3", "k-1"]
    assert keys(limit=9, since=1e9 + 5) == ["k-5", "k-4"]


def test_old_acts_are_deleted_with_what_is_old(audit: Audit, subjects: TimedSubjects) -> None:
    audit.begin(PAUSE)
    subjects.at(1e9 + 50).prune(keep=100.0)
    assert len(audit.acts(limit=5)) == 1
    subjects.at(1e9 + 150).prune(keep=100.0)
    assert audit.acts(limit=5) == ()
