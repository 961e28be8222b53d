"""Stored jobs: the newest state is kept, in whatever order jobs are heard of and read."""

from dataclasses import replace
from itertools import permutations

import pytest
from sqlalchemy import Engine, select

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.schema import job_day
from fedora_openqa.store.subjects import Subjects

SCENARIO = Scenario("base_selinux", "Server-dvd-iso", "x86_64", "64bit")
BUILD = "Fedora-Rawhide-20261120.n.0"

WAITING = StoredJob(
    id=7, build=BUILD, version="", scenario=SCENARIO, state="scheduled", result="none"
)
RUNNING = replace(WAITING, state="running", version="Rawhide", worker_class="qemu_x86_64")
FAILED = replace(
    WAITING, state="done", result="failed", failed_modules=("_boot", "base_selinux"), finished=50.0
)


@pytest.fixture
def history(engine: Engine) -> JobHistory:
    return JobHistory(engine)


@pytest.mark.parametrize("order", list(permutations([WAITING, RUNNING, FAILED])))
def test_the_newest_state_is_kept_in_every_order(
    history: JobHistory, order: tuple[StoredJob, ...]
) -> None:
    for job in order:
        history.remember([job])
    (found,) = history.runs(SCENARIO, most=10)
    expected = replace(FAILED, version="Rawhide", worker_class="qemu_x86_64", origin_id=7)
    assert found == expected


def test_a_result_may_be_changed_after_the_end(history: JobHistory) -> None:
    history.remember([FAILED])
    history.remember([replace(FAILED, result="passed", failed_modules=())])
    (found,) = history.runs(SCENARIO, most=10)
    assert found.result == "passed"


def test_runs_come_newest_first_and_of_one_scenario(history: JobHistory) -> None:
    other = replace(FAILED, id=9, scenario=SCENARIO._replace(machine="uefi"))
    history.remember([replace(FAILED, id=number) for number in (3, 8, 5)] + [other])
    assert [job.id for job in history.runs(SCENARIO, most=2)] == [8, 5]
    assert history.scenarios("base_selinux") == (SCENARIO, other.scenario)
    assert history.scenarios("base_update") == ()


def test_a_copy_knows_its_first_job_and_the_job_its_copy(history: JobHistory) -> None:
    history.remember([replace(FAILED, id=8, origin_id=7), replace(FAILED, clone_id=8)])
    history.remember([replace(FAILED, id=8)])
    copy, first = history.runs(SCENARIO, most=10)
    assert (first.clone_id, copy.origin_id) == (8, 7)


def test_restarts_make_a_chain_of_all_that_was_restarted(
    engine: Engine, history: JobHistory
) -> None:
    beside = replace(FAILED, id=5, scenario=SCENARIO._replace(test="support_server"))
    history.remember([beside, replace(FAILED, version="43", worker_class="tap")])
    deliveries = Deliveries(engine)
    deliveries.want((), copies=[(7, 8), (5, 9), (400, 401)])
    deliveries.want((), copies=[(8, 10)])
    chain = history.runs(SCENARIO, most=10)
    assert [(job.id, job.origin_id, job.clone_id) for job in chain] == [
        (10, 7, None),
        (8, 7, 10),
        (7, 7, 8),
    ]
    last = chain[0]
    assert (last.build, last.version, last.worker_class) == (BUILD, "43", "tap")
    assert (last.state, last.result, last.reason) == ("scheduled", "none", "")
    (copy, _) = history.runs(beside.scenario, most=10)
    assert (copy.id, copy.origin_id) == (9, 5)


def test_a_copy_that_ended_before_its_restart_is_heard_of_keeps_its_result(
    engine: Engine, history: JobHistory
) -> None:
    history.remember([replace(FAILED, version="43"), replace(FAILED, id=8, result="passed")])
    for _ in range(2):
        Deliveries(engine).want((), copies=[(7, 8)])
    copy, first = history.runs(SCENARIO, most=10)
    assert (copy.result, copy.origin_id, copy.version) == ("passed", 7, "43")
    assert (first.result, first.clone_id) == ("failed", 8)


def test_a_job_that_a_message_says_has_ended_ended_now(history: JobHistory) -> None:
    history.remember([replace(FAILED, finished=None)])
    (found,) = history.runs(SCENARIO, most=10)
    assert (found.finished or 0.0) > 1_600_000_000.0


def test_a_message_that_comes_after_a_read_does_not_move_the_end(history: JobHistory) -> None:
    history.remember([FAILED])
    history.remember([replace(FAILED, finished=None)])
    history.remember([RUNNING])
    (found,) = history.runs(SCENARIO, most=10)
    assert found.finished == FAILED.finished


def test_old_jobs_are_deleted_and_their_days_stay(engine: Engine, history: JobHistory) -> None:
    ended = [replace(FAILED, id=number, finished=86_400.0 * 5) for number in (1, 2)]
    history.remember([*ended, replace(RUNNING, id=3)])
    subjects = Subjects(engine)
    while subjects.prune(keep=-60.0):
        pass
    assert history.runs(SCENARIO, most=10) == ()
    history.remember([replace(FAILED, id=4, finished=86_400.0 * 5.5)])
    while subjects.prune(keep=-60.0):
        pass
    with engine.connect() as connection:
        (day,) = connection.execute(select(job_day)).all()
    assert tuple(day) == ("1970-01-06", "", "x86_64", "failed", 3, 0)
