"""Delivery to ResultsDB, on a real store: each outcome once, the newest last."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from fedora_openqa.errors import (
    AmbiguousWriteError,
    NotAllowedError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.model.deliveries import DeliveryState, Sink, WantedDelivery
from fedora_openqa.model.jobs import Module
from fedora_openqa.model.results import Result
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.retries import LONGEST_ABSENCE, MOST_DELIVERY_ATTEMPTS
from fedora_openqa.store.stories import Stories
from tests.support.desk import KEY, SETTLES, Desk
from tests.support.resultsdb import FakeJobs, job


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, FakeJobs.of(job(1), job(2, "failed"), job(3, "softfailed")))


def test_jobs_are_told_of_once_however_often_messages_come(desk: Desk) -> None:
    desk.event(1, 2, 3)
    desk.work()
    desk.event(1, 2)
    desk.event(2)
    desk.work()
    assert sorted(desk.resultsdb.told()) == [("1", "PASSED"), ("2", "FAILED"), ("3", "INFO")]
    assert desk.resultsdb.looks == 0
    assert desk.row(2).reference == str(desk.resultsdb.told().index(("2", "FAILED")) + 1)
    found = desk.subjects.find(KEY)
    assert found
    assert found.state is SubjectState.REPORTED


def test_a_note_links_to_the_pages_and_other_pages_are_no_reason_to_send_again(
    desk: Desk,
) -> None:
    desk.openqa.change(2, modules=(Module("_boot", "failed", ("fatal",)),))
    desk.event(1, 2)
    desk.work()
    assert [row.note for row in desk.resultsdb.rows] == ["", "_boot module failed"]
    desk.pages_url = "https://pages.example.org/"
    desk.event(1, 2)
    desk.work()
    # nor if it is not known whether a result has arrived
    desk.resultsdb.after = partial(_raise, AmbiguousWriteError("dropped"))
    desk.event(3)
    desk.work_once()
    desk.resultsdb.after = lambda _result: None
    desk.pages_url = "https://other.example.org"
    desk.work()
    assert desk.row(3).state is DeliveryState.DELIVERED
    assert [row.note for row in desk.resultsdb.rows[2:]] == ["https://pages.example.org/j/3"]
    desk.openqa.change(2, result="passed")
    desk.event(2)
    desk.work()
    assert desk.resultsdb.rows[3].note == "_boot module failed; https://other.example.org/j/2"


def test_the_newest_state_of_a_job_wins_whatever_the_order_of_messages(desk: Desk) -> None:
    desk.openqa.change(1, state="scheduled", result="none")
    desk.event(1)
    desk.work()
    desk.openqa.change(1, state="running")
    desk.event(1)
    desk.work()
    desk.openqa.change(1, state="done", result="failed")
    desk.event(1)
    desk.event(1)
    desk.work()
    assert desk.resultsdb.told() == [("1", "QUEUED"), ("1", "RUNNING"), ("1", "FAILED")]


def test_copies_are_followed(desk: Desk) -> None:
    desk.openqa.change(2, clone_id=3)
    desk.event(2)
    desk.work()
    assert desk.resultsdb.told() == [("3", "INFO")]
    assert desk.row(2).state is DeliveryState.SKIPPED


def test_children_of_a_failed_job_are_told_of_without_a_message(desk: Desk) -> None:
    desk.openqa.change(2, children=(1, 3))
    desk.openqa.change(3, result="skipped", state="cancelled")
    desk.event(2)
    desk.work()
    assert sorted(desk.resultsdb.told()) == [("1", "PASSED"), ("2", "FAILED"), ("3", "FAILED")]


def test_whole_clusters_that_never_ran_are_told_of_once(desk: Desk) -> None:
    skipped = {"state": "cancelled", "result": "skipped"}
    desk.openqa.jobs[2] = replace(job(2, "failed"), children=(3,))
    desk.openqa.jobs[3] = replace(job(3, **skipped), parallel=(4, 5), parents=(2,))
    # a support server is nothing to ResultsDB, but leads to others
    desk.openqa.jobs[4] = replace(job(4, TEST_TARGET="NONE", **skipped), parallel=(3, 6))
    desk.openqa.jobs[5] = replace(job(5, **skipped), parallel=(3,))
    desk.openqa.jobs[6] = replace(job(6, **skipped), parallel=(4,))
    del desk.openqa.jobs[4].settings["ADVISORY"]  # type: ignore[attr-defined] # a dict
    desk.event(2)
    assert desk.work() < 10
    assert sorted(desk.resultsdb.told()) == [(one, "FAILED") for one in ("2", "3", "5", "6")]
    desk.event(2, 3)
    assert desk.work() < 10
    assert len(desk.resultsdb.told()) == 4


def test_a_job_that_is_skipped_beside_a_failed_one_is_told_of_at_once(desk: Desk) -> None:
    desk.openqa.jobs[2] = replace(job(2, "failed"), parallel=(3,))
    desk.openqa.jobs[3] = replace(job(3, "skipped", state="cancelled"), parallel=(2,))
    desk.event(2)
    assert desk.work() < 5
    assert desk.resultsdb.told() == [("2", "FAILED"), ("3", "FAILED")]


def test_copies_of_a_cluster_wait_in_resultsdb_if_openqa_names_one_of_them_only(
    desk: Desk,
) -> None:
    waiting = {"state": "scheduled", "result": "none"}
    desk.openqa.jobs[11] = replace(
        job(11, **waiting), origin_id=1, parallel=(12,), children=(13,), parents=(2,)
    )
    desk.openqa.jobs[12] = replace(job(12, **waiting), origin_id=3, parallel=(11, 14))
    desk.openqa.jobs[13] = replace(job(13, **waiting), origin_id=4)
    desk.openqa.jobs[14] = replace(job(14, **waiting), origin_id=5, parallel=(12,))
    desk.event(11)
    assert desk.work() < 10
    assert sorted(desk.resultsdb.told()) == [(one, "QUEUED") for one in ("11", "12", "13", "14")]
    desk.event(11)
    assert desk.work() < 5
    assert len(desk.resultsdb.told()) == 4


@pytest.fixture
def two_runs(tmp_path: Path) -> Desk:
    """A test that was scheduled twice; the older run has failed, the newer one has passed."""
    return Desk(tmp_path, FakeJobs.of(job(6, "failed", TEST="login"), job(18, TEST="login")))


@pytest.mark.parametrize("order", [(6, 18), (18, 6)])
def test_an_older_run_is_skipped_in_whatever_order_messages_come(
    two_runs: Desk, order: tuple[int, ...]
) -> None:
    for job_id in order:
        two_runs.event(job_id)
        two_runs.work()
    assert two_runs.resultsdb.told() == [("18", "PASSED")]
    assert two_runs.row(6).state is DeliveryState.SKIPPED
    assert two_runs.row(6).reason == "job 18 is a newer run of its scenario"


def test_a_newer_run_that_only_waits_counts_already(two_runs: Desk) -> None:
    two_runs.openqa.change(18, state="scheduled", result="none")
    two_runs.event(6, 18)
    two_runs.work()
    assert two_runs.resultsdb.told() == [("18", "QUEUED")]


def test_a_newer_run_that_was_cancelled_counts_as_none(two_runs: Desk) -> None:
    two_runs.openqa.change(18, state="cancelled", result="user_cancelled")
    two_runs.event(6, 18)
    two_runs.work()
    assert two_runs.resultsdb.told() == [("6", "FAILED")]


def test_a_result_that_may_arrive_late_is_waited_for_before_a_newer_run_is_told(
    two_runs: Desk,
) -> None:
    newer = two_runs.openqa.jobs.pop(18)
    two_runs.resultsdb.before = partial(_raise, AmbiguousWriteError("503"))
    two_runs.event(6)
    two_runs.work_once()
    two_runs.resultsdb.before = lambda _result: None
    two_runs.openqa.jobs[18] = newer
    two_runs.now += 10.0
    two_runs.event(6, 18)
    two_runs.work_once()
    assert two_runs.resultsdb.told() == []
    assert (two_runs.row(18).due, two_runs.row(18).attempts) == (1000.0 + SETTLES, 0)
    two_runs.work()
    assert two_runs.resultsdb.told() == [("18", "PASSED")]


def test_who_looks_for_newer_runs_reads_all_jobs_of_a_build_only_if_there_are_some(
    desk: Desk, two_runs: Desk
) -> None:
    desk.event(1, 2, 3)
    desk.work()
    assert desk.openqa.builds == 0
    two_runs.event(6)
    two_runs.work()
    assert two_runs.openqa.builds == 1


def test_runs_are_told_of_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    desk = Desk(tmp_path, FakeJobs.of(*(job(number) for number in (1, 9, 10, 100))))
    desk.event(100, 10, 9, 1)
    desk.work()
    assert [job_id for job_id, _outcome in desk.resultsdb.told()] == ["1", "9", "10", "100"]


@pytest.mark.parametrize("result", ["user_cancelled", "obsoleted"])
def test_a_copy_that_was_announced_and_cancelled_does_not_wait_for_ever(
    desk: Desk, result: str
) -> None:
    desk.event(1)
    desk.work()
    desk.openqa.change(1, clone_id=11)
    desk.openqa.jobs[11] = replace(job(11, "none", state="scheduled", TEST="test_1"), origin_id=1)
    desk.event(11)
    desk.work()
    desk.openqa.change(11, state="cancelled", result=result)
    desk.event(11)
    desk.work()
    outcomes = ["PASSED", "QUEUED", "NEEDS_INSPECTION"]
    assert [outcome for _job_id, outcome in desk.resultsdb.told()] == outcomes
    assert desk.resultsdb.rows[-1].note == f"openQA calls it {result}"


def test_a_bad_result_that_may_change_is_held_and_nobody_waits_for_it(desk: Desk) -> None:
    finished = datetime.fromtimestamp(990.0, UTC).replace(tzinfo=None)
    desk.openqa.jobs[2] = job(2, "failed", RETRY="1")
    desk.openqa.change(2, finished=finished)
    desk.event(1, 2)
    desk.work_once()
    assert desk.resultsdb.told() == [("1", "PASSED")]
    assert (desk.row(2).due, desk.row(2).attempts) == (1050.0, 0)
    desk.openqa.change(2, clone_id=3)
    desk.work()
    assert desk.resultsdb.told() == [("1", "PASSED"), ("3", "INFO")]
    desk.openqa.change(2, clone_id=None)
    desk.event(2)
    desk.work()
    assert desk.resultsdb.told()[-1] == ("2", "FAILED")


def test_each_job_is_skipped_or_parked_by_itself(desk: Desk) -> None:
    desk.openqa.jobs[4] = job(4)
    desk.openqa.jobs[5] = job(5, KOJITASK="7")

    def collected(result: Result) -> None:
        if result.ref_url.endswith("/4"):
            raise SubjectError("Fedora-Rawhide-20250101.n.0 no longer exists")

    def refused(result: Result) -> None:
        if result.ref_url.endswith("/2"):
            raise RequestRefusedError("400 outcome: must be one of PASSED")

    desk.resultsdb.before_prepare = collected
    desk.resultsdb.before = refused
    desk.event(1, 2, 3, 4, 5, 99)
    desk.work()
    assert sorted(desk.resultsdb.told()) == [("1", "PASSED"), ("3", "INFO")]
    assert {job_id: str(desk.row(job_id).state) for job_id in (2, 4, 5, 99)} == {
        2: "parked",
        4: "parked",
        5: "skipped",
        99: "skipped",
    }
    assert "no longer exists" in (desk.row(4).reason or "")
    found = desk.subjects.find(KEY)
    assert found
    assert found.state is SubjectState.PARKED


@pytest.mark.parametrize("stored", [False, True])
def test_what_nobody_answered_about_is_looked_for_before_it_is_sent_again(
    desk: Desk, *, stored: bool
) -> None:
    silent = [True]

    def silence(_result: Result) -> None:
        if silent.pop() if silent else False:
            raise AmbiguousWriteError("no answer in time")

    if stored:
        desk.resultsdb.after = silence
    else:
        desk.resultsdb.before = silence
    desk.event(1)
    desk.work_once()
    assert desk.row(1).sending == "PASSED"
    # not before it can have settled
    desk.now += SETTLES - 1
    desk.work_once()
    assert desk.resultsdb.looks == 0
    desk.work()
    assert desk.resultsdb.told() == [("1", "PASSED")]
    assert desk.resultsdb.looks == 1
    assert desk.row(1).state is DeliveryState.DELIVERED


def test_a_worker_that_died_while_sending_is_followed_by_one_that_looks(desk: Desk) -> None:
    class GoneError(BaseException):
        pass

    def die(_result: Result) -> None:
        raise GoneError

    desk.resultsdb.after = die
    desk.event(1)
    with pytest.raises(GoneError):
        desk.work_once()
    desk.resultsdb.after = lambda _result: None
    desk.work()
    assert desk.resultsdb.told() == [("1", "PASSED")]


def test_who_looks_too_early_waits_no_longer_than_needed(desk: Desk) -> None:
    desk.resultsdb.after = partial(_raise, AmbiguousWriteError("dropped"))
    desk.event(1)
    desk.work_once()
    desk.resultsdb.after = lambda _result: None
    for _ in range(3):
        desk.now += 10.0
        # a message has somebody look at once
        desk.event(1)
        desk.work_once()
    assert desk.resultsdb.looks == 0
    assert desk.row(1).due == 1000.0 + SETTLES
    desk.work()
    assert desk.now == 1000.0 + SETTLES
    assert desk.resultsdb.told() == [("1", "PASSED")]


def test_a_result_that_changed_while_nobody_answered_is_sent(desk: Desk) -> None:
    desk.openqa.change(1, state="running", result="none")
    desk.resultsdb.after = partial(_raise, AmbiguousWriteError("dropped"))
    desk.event(1)
    desk.work_once()
    desk.resultsdb.after = lambda _result: None
    desk.openqa.change(1, state="done", result="passed")
    desk.work()
    assert desk.resultsdb.told() == [("1", "RUNNING"), ("1", "PASSED")]


def _raise(error: Exception, _result: object = None) -> None:
    raise error


@pytest.mark.parametrize("error", [ServiceUnavailableError("refused"), AmbiguousWriteError("503")])
def test_an_absent_resultsdb_is_asked_now_and_then_and_nothing_is_given_up(
    desk: Desk, error: Exception
) -> None:
    desk.resultsdb.before = partial(_raise, error)
    desk.resultsdb.before_look = partial(_raise, ServiceUnavailableError("refused"))
    desk.event(1, 2, 3)
    desk.openqa.jobs[7] = job(7, BUILD="Update-other")
    desk.now += 1
    desk.event(7, build="Update-other")
    began = desk.now
    rounds = desk.work(rounds=120)
    assert rounds == 120
    assert desk.now - began >= 100 * LONGEST_ABSENCE
    # one try a time, for all of them
    assert desk.resultsdb.posts + desk.resultsdb.looks <= 125
    (absence,) = Stories(desk.engine).absences()
    assert absence.lane == "resultsdb"
    desk.resultsdb.before = lambda _result: None
    desk.resultsdb.before_look = lambda: None
    desk.work()
    told = desk.resultsdb.told()
    assert sorted(told) == [("1", "PASSED"), ("2", "FAILED"), ("3", "INFO"), ("7", "PASSED")]
    # the oldest first
    assert told[-1] == ("7", "PASSED")
    assert Stories(desk.engine).absences() == ()


def test_what_is_never_taken_while_others_are_is_parked_in_the_end(desk: Desk) -> None:
    def poison(result: Result) -> None:
        if result.ref_url.endswith("/2"):
            raise AmbiguousWriteError("500 Internal Server Error")

    desk.resultsdb.before = poison
    desk.event(1, 2, 3)
    desk.work()
    assert sorted(desk.resultsdb.told()) == [("1", "PASSED"), ("3", "INFO")]
    assert desk.row(2).state is DeliveryState.PARKED
    assert f"given up after {MOST_DELIVERY_ATTEMPTS} attempts" in (desk.row(2).reason or "")


def test_a_result_alone_that_is_never_taken_is_parked_and_stops_no_other_build(
    desk: Desk,
) -> None:
    def poison(result: Result) -> None:
        if result.ref_url.endswith("/2"):
            raise AmbiguousWriteError("500 Internal Server Error")

    desk.resultsdb.before = poison
    desk.event(2)
    desk.openqa.jobs[7] = job(7, BUILD="Update-other")
    desk.now += 1
    desk.event(7, build="Update-other")
    assert desk.work(rounds=60) < 60
    assert desk.resultsdb.told() == [("7", "PASSED")]
    assert desk.row(2).state is DeliveryState.PARKED


def test_a_resultsdb_that_asks_to_wait_is_sent_nothing_before(desk: Desk) -> None:
    # what is there may be read all the same
    busy = ServiceUnavailableError("429", retry_after=1800.0)
    desk.resultsdb.before = partial(_raise, busy)
    began = desk.now
    desk.event(1, 2, 3)
    desk.work_once()
    sent = desk.resultsdb.posts
    desk.resultsdb.before = lambda _result: None
    sent_at: list[float] = []
    desk.resultsdb.after = lambda _result: sent_at.append(desk.now)
    desk.work()
    assert desk.resultsdb.posts == sent + 3
    assert min(sent_at) >= began + 1800
    assert len(desk.resultsdb.told()) == 3


def test_a_compose_that_cannot_be_asked_for_delays_no_other(desk: Desk) -> None:
    def away(result: Result) -> None:
        if result.ref_url.endswith("/2"):
            raise ServiceUnavailableError("GET composeinfo.json: 503")

    desk.resultsdb.before_prepare = away
    desk.event(1, 2)
    desk.work_once()
    assert desk.resultsdb.told() == [("1", "PASSED")]
    assert Stories(desk.engine).absences() == ()
    desk.resultsdb.before_prepare = lambda _result: None
    desk.work()
    assert sorted(desk.resultsdb.told()) == [("1", "PASSED"), ("2", "FAILED")]


def test_what_autocloud_said_needs_nobody_else(desk: Desk) -> None:
    facts = {
        "job_id": "2023",
        "compose_id": "Fedora-Atomic-25-20170206.0",
        "image_url": "http://x/Fedora-Atomic-25-20170206.0.x86_64.qcow2",
        "status": "failed",
    }
    report = WantedDelivery(
        sink=Sink.RESULTSDB, build=facts["compose_id"], item="autocloud:2023", facts=facts
    )
    desk.deliveries.want([report])
    desk.work()
    (row,) = desk.resultsdb.rows
    assert (row.testcase, row.outcome, row.source) == ("compose.cloud.all", "FAILED", "autocloud")
    assert row.ref_url == "https://autocloud.example/jobs/2023/output"


def test_the_module_that_failed_is_named(desk: Desk) -> None:
    desk.openqa.change(2, modules=(Module("_install", "failed", ("fatal",)),))
    desk.event(2)
    desk.work()
    assert desk.resultsdb.rows[0].note == "_install module failed"


@pytest.fixture
def many(tmp_path: Path) -> Desk:
    return Desk(tmp_path, FakeJobs.of(*(job(number) for number in range(1, 7))))


def test_a_slow_answer_delays_only_its_own_result(many: Desk) -> None:
    others = threading.Event()

    def wait_for_others(result: Result) -> None:
        if result.ref_url.endswith("/2"):
            assert others.wait(60)

    def count(_result: Result) -> None:
        if len(many.resultsdb.rows) == 5:
            others.set()

    many.resultsdb.before, many.resultsdb.after = wait_for_others, count
    many.event(1, 2, 3, 4, 5, 6)
    many.work_once()
    assert [job_id for job_id, _outcome in many.resultsdb.told()] == ["1", "3", "4", "5", "6", "2"]
    assert all(many.row(number).state is DeliveryState.DELIVERED for number in range(1, 7))


def test_what_is_answered_beside_a_refusal_of_all_is_recorded(many: Desk) -> None:
    refused = threading.Event()

    def refuse(result: Result) -> None:
        if result.ref_url.endswith("/2"):
            refused.set()
            raise NotAllowedError("403")
        if result.ref_url.endswith("/3"):
            assert refused.wait(60)

    many.resultsdb.before = refuse
    many.event(1, 2, 3, 4, 5, 6)
    with pytest.raises(NotAllowedError):
        many.work_once()
    assert many.resultsdb.posts == 3
    states = [many.row(number).state for number in range(1, 5)]
    delivered, pending = DeliveryState.DELIVERED, DeliveryState.PENDING
    assert states == [delivered, pending, delivered, pending]
    assert many.row(4).sending is None
