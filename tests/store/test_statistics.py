"""Numbers of days, and what the newest sweep saw."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from fedora_openqa.model.audit import Action, Intent, Role
from fedora_openqa.model.deliveries import Delivered, Sink, WantedDelivery
from fedora_openqa.model.statistics import BOUNDS, Day
from fedora_openqa.model.sweeps import Seen
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.audit import Audit
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.sightings import Sightings
from fedora_openqa.store.statistics import SECONDS, Statistics
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.sweeps import Sweeps
from fedora_openqa.views.statistics import statistics_view
from tests.store.timed import StoppedClock
from tests.store.work import UPDATE
from tests.support.stored_jobs import stored

#: 2001-09-09
START = 11_574 * SECONDS
FIRST, NEXT = "2001-09-09", "2001-09-10"


def test_jobs_count_on_the_day_they_ended(engine: Engine) -> None:
    clock = StoppedClock(START + SECONDS)
    ends = (START - 0.5, START, START + SECONDS - 0.5, START + SECONDS, START + 2 * SECONDS)
    jobs = [replace(stored(number), finished=end) for number, end in enumerate(ends, 1)]
    jobs.append(replace(stored(9, outcome="done/failed"), finished=START + 1))
    JobHistory(engine, clock=clock).remember(jobs)
    found = Statistics(engine).days(FIRST, NEXT)
    assert [(day.day, day.jobs) for day in found] == [
        (FIRST, {"passed": 2, "failed": 1}),
        (NEXT, {"passed": 1}),
    ]


def test_deleted_jobs_still_count(engine: Engine) -> None:
    clock = StoppedClock(START)
    JobHistory(engine, clock=clock).remember([replace(stored(1, clone_id=2), finished=START)])
    clock.now += 100 * SECONDS
    subjects = Subjects(engine, clock=clock)
    while subjects.prune(keep=SECONDS):
        pass
    JobHistory(engine, clock=clock).remember([replace(stored(2), finished=START)])
    (day,) = Statistics(engine).days(FIRST, FIRST)
    assert (day.jobs, day.restarted) == ({"passed": 2}, 1)


def test_restarted_jobs_and_what_sweeps_found_count(engine: Engine) -> None:
    clock = StoppedClock(START)
    failed = replace(stored(1, outcome="done/failed", clone_id=2), finished=START)
    JobHistory(engine, clock=clock).remember([failed, replace(stored(2), finished=START)])
    subjects = Subjects(engine, clock=clock)
    for number in (2, 0, 3):
        subjects.swept({"update": number, "resultsdb": 1, "wiki": 0})
    clock.now += SECONDS
    subjects.swept({"update": 7})
    days = Statistics(engine).days(FIRST, NEXT)
    assert [day.restarted for day in days] == [1, 0]
    assert [day.swept for day in days] == [{"update": 5, "resultsdb": 3}, {"update": 7}]
    assert [(day.restarted, day.swept) for day in statistics_view(days).days] == [(0, 7), (1, 8)]


def test_delays_are_those_until_subjects_are_scheduled_and_results_are_there(
    engine: Engine,
) -> None:
    clock = StoppedClock(START)
    subjects, deliveries = Subjects(engine, clock=clock), Deliveries(engine, clock=clock)
    subjects.want(UPDATE, message_id="m1")
    job = WantedDelivery(sink=Sink.WIKI, build="B", item="7")
    deliveries.want([job], message_id="d1")
    clock.now += 45
    lease = subjects.lease("a", ["update"], seconds=60.0)
    assert lease
    subjects.finish(lease, SubjectState.SCHEDULED, reason=None)
    lease = subjects.lease("a", ["wiki"], seconds=60.0)
    assert lease
    ledger = deliveries.ledger(lease)
    clock.now += 50_000
    ledger.record([(one, Delivered("PASSED")) for one in ledger.due()])
    Audit(engine, clock=clock).begin(
        Intent(who="ada", role=Role.COMMAND, what=Action.WAIVE, target="x", key="k")
    )
    (day,) = Statistics(engine).days(FIRST, FIRST)
    assert (day.plan, day.report) == ({60: 1}, {86_400: 1})
    assert (day.subjects, day.acts) == ({"scheduled": 1}, {"waive": 1})
    (shown,) = statistics_view((day,)).days
    assert shown.plan
    assert shown.report
    assert (shown.plan.p50, shown.plan.p90, shown.waivers) == (60, 60, 1)
    assert (shown.report.p50, shown.report.number) == (86_400, 1)


@given(delays=st.dictionaries(st.sampled_from(BOUNDS), st.integers(1, 1000), min_size=1))
def test_quantiles_are_bounds_that_so_many_do_not_exceed(delays: dict[int, int]) -> None:
    (day,) = statistics_view((Day(FIRST, plan=delays),)).days
    assert day.plan
    total = sum(delays.values())
    for share, bound in ((0.5, day.plan.p50), (0.9, day.plan.p90)):
        within = sum(number for it, number in delays.items() if it <= bound)
        below = sum(number for it, number in delays.items() if it < bound)
        assert below < share * total <= within
    assert day.plan.number == total


@pytest.mark.parametrize(
    ("key", "seen"),
    [(UPDATE.key, True), ("coreos:45.1", True), ("coreos:45", False), ("compose:C", False)],
)
def test_the_newest_sweep_saw_a_subject_or_not(engine: Engine, key: str, *, seen: bool) -> None:
    sightings = Sightings(engine)
    assert (sightings.look(key).at, sightings.look(key).seen) == (None, False)
    clock = StoppedClock(START)
    sweeps = Sweeps(engine, clock=clock)
    sweeps.begin("a", seconds=60.0)
    core = replace(UPDATE, key="coreos:45.1:x86_64", lane="coreos")
    found = [
        Seen(wanted=one, build="B", arch="", content=None, current=True) for one in (UPDATE, core)
    ]
    sweeps.gather("a", found, None, found={})
    Subjects(engine, clock=clock).swept({})
    assert (sightings.look(key).at, sightings.look(key).seen) == (START, seen)
