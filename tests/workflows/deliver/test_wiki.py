"""Delivery to the wiki, on a real store: together for all due jobs of a compose."""

import threading
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest

from fedora_openqa.data.wiki_tables import load_wiki_tables
from fedora_openqa.errors import (
    ConfigError,
    FedoraOpenQAError,
    RequestRefusedError,
    ServiceUnavailableError,
    SubjectError,
)
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink, WantedDelivery
from fedora_openqa.model.work import Lease, Step, SubjectState
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.stories import Stories
from fedora_openqa.workflows.deliver.wiki import WikiReporting
from fedora_openqa.workflows.worker import Worker
from tests.store.timed import TimedParking, TimedSubjects
from tests.support.resultsdb import FakeJobs
from tests.support.stores import new_store
from tests.support.wiki import BUILD, EVENTS, FakeWiki, job

KEY = f"wiki:{BUILD}"


@dataclass
class Desk:
    folder: Path
    openqa: FakeJobs
    wiki: FakeWiki = field(default_factory=FakeWiki)
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.engine = new_store(self.folder / "store.db")
        self.deliveries = Deliveries(self.engine, clock=lambda _connection: self.now)
        self.subjects = TimedSubjects(self.engine, clock=lambda _connection: self.now)

    def event(self, *job_ids: int) -> None:
        self.deliveries.want(
            [
                WantedDelivery(sink=Sink.WIKI, build=BUILD, item=str(one), delay=60.0)
                for one in job_ids
            ]
        )

    def work(self, rounds: int = 20) -> None:
        for _ in range(rounds):
            due = self.subjects.next_due([Sink.WIKI])
            if due is None:
                return
            self.now = max(self.now, due)
            self.worker().work()

    def worker(self) -> Worker:
        reporting = WikiReporting(
            openqa=self.openqa,  # type: ignore[arg-type] # all that is needed of it
            wiki=self.wiki,
            tables=load_wiki_tables(),
            events=EVENTS,
        )

        def attempt(lease: Lease) -> Step:
            return reporting.report(lease.request["build"], self.deliveries.ledger(lease))

        return Worker(
            backlog=self.subjects,
            attempts={Sink.WIKI: attempt},
            owner="a",
            lease_seconds=120.0,
            keep_seconds=1e9,
            awake=threading.Event(),
        )

    def row(self, job_id: int) -> Delivery:
        return {row.item: row for row in self.deliveries.all(KEY)}[str(job_id)]

    def subject(self) -> tuple[SubjectState, str | None]:
        found = self.subjects.find(KEY)
        assert found
        return found.state, found.reason

    def testcases(self) -> set[str]:
        return {cell.testcase for cell in self.wiki.cells}


SELINUX = "QA:Testcase_base_selinux"
LOGGING = "QA:Testcase_base_system_logging"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    jobs = [job(1, "base_selinux"), job(2, "base_system_logging"), job(3, "no_such_suite")]
    return Desk(tmp_path, FakeJobs.of(*jobs, job(4, "base_update_cli", "failed")))


def test_a_page_is_edited_once_for_all_that_is_due(desk: Desk) -> None:
    desk.event(1)
    desk.now += 30.0
    desk.event(2, 3, 4)
    desk.work()
    assert desk.wiki.calls == 1
    assert desk.testcases() == {SELINUX, LOGGING}
    assert {number: str(desk.row(number).state) for number in (1, 2, 3, 4)} == {
        1: "delivered",
        2: "delivered",
        3: "skipped",
        4: "skipped",
    }
    assert "no_such_suite" in (desk.row(3).reason or "")
    assert desk.subject() == (SubjectState.REPORTED, None)


def test_all_jobs_of_the_compose_are_read_only_if_they_matter(desk: Desk) -> None:
    desk.event(1, 2, 3, 4)
    desk.work()
    assert desk.openqa.builds == 0
    desk.openqa.jobs[6] = job(6, "desktop_notifications_live")
    desk.event(6)
    desk.work()
    assert desk.openqa.builds == 1
    assert "QA:Testcase_desktop_error_checks" not in desk.testcases()
    desk.openqa.jobs[7] = job(7, "desktop_notifications_postinstall")
    desk.event(7)
    desk.work()
    assert "QA:Testcase_desktop_error_checks" in desk.testcases()


def test_the_newest_copy_of_a_job_counts(desk: Desk) -> None:
    desk.openqa.jobs[5] = job(5, "base_update_cli")
    desk.openqa.change(4, clone_id=5)
    desk.event(4)
    desk.work()
    assert desk.testcases() == {"QA:Testcase_base_update_cli"}


def test_the_older_of_two_runs_without_clone_relation_passes_nothing(desk: Desk) -> None:
    for number, result in ((11, "passed"), (12, "failed")):
        one = job(number, "base_selinux", result)
        settings = {**one.settings, "TEST_TARGET": "ISO", "ISO": "Server.iso"}
        desk.openqa.jobs[number] = replace(one, settings=settings)
    desk.event(11, 12)
    desk.work()
    assert desk.wiki.calls == 0
    assert desk.row(11).reason == "job 12 is a newer run of its scenario"
    desk.openqa.change(12, result="user_cancelled")
    desk.event(11)
    desk.work()
    assert desk.wiki.calls == 1


def test_what_was_written_over_is_written_again(desk: Desk) -> None:
    desk.wiki.lost = {SELINUX}
    desk.event(1, 2)
    desk.now += 60.0
    desk.worker().work()
    assert desk.testcases() == {LOGGING}
    assert desk.row(1).state is DeliveryState.PENDING
    desk.wiki.lost = set()
    desk.work()
    assert desk.testcases() == {SELINUX, LOGGING}
    assert desk.subject()[0] is SubjectState.REPORTED


def test_what_a_page_has_no_place_for_says_so(desk: Desk) -> None:
    desk.wiki.impossible = {SELINUX}
    desk.event(1, 2)
    desk.work()
    assert desk.row(1).state is DeliveryState.SKIPPED
    assert desk.row(1).reason == f"no row for {SELINUX}"
    assert desk.testcases() == {LOGGING}


def test_a_page_that_is_not_there_yet_is_waited_for_and_parked_in_the_end(desk: Desk) -> None:
    desk.wiki.pageless = {SELINUX}
    desk.event(1, 2)
    desk.work(rounds=2)
    assert (desk.row(1).state, desk.row(1).last_error) == (DeliveryState.PENDING, "no such page")
    assert desk.testcases() == {LOGGING}
    desk.work(rounds=40)
    assert desk.row(1).state is DeliveryState.PARKED
    assert "no such page" in (desk.row(1).reason or "")
    desk.wiki.pageless = set()
    assert TimedParking(desk.engine, desk.now).release(KEY, by="ada")
    desk.work()
    assert desk.testcases() == {SELINUX, LOGGING}


def test_a_compose_without_pages_is_skipped(desk: Desk) -> None:
    desk.wiki.before = partial(_raise, SubjectError(f"{BUILD} is no compose with result pages"))
    desk.event(1)
    desk.work()
    assert desk.subject() == (SubjectState.SKIPPED, f"{BUILD} is no compose with result pages")


def test_a_page_that_may_not_be_edited_parks_its_own_results_only(desk: Desk) -> None:
    desk.wiki.refused = {SELINUX}
    desk.event(1, 2)
    desk.work()
    assert (desk.row(1).state, desk.row(1).reason) == (DeliveryState.PARKED, "protectedpage")
    assert desk.row(2).state is DeliveryState.DELIVERED
    assert desk.testcases() == {LOGGING}
    desk.wiki.refused = set()
    assert TimedParking(desk.engine, desk.now).release(KEY, by="ada")
    desk.work()
    assert desk.testcases() == {SELINUX, LOGGING}
    assert desk.row(1).state is DeliveryState.DELIVERED


def test_a_wiki_that_refuses_us_parks_all_of_it_until_a_person_has_looked(desk: Desk) -> None:
    desk.wiki.before = partial(_raise, RequestRefusedError("protectedpage: only for sysops"))
    desk.event(1, 2)
    desk.work()
    assert desk.subject() == (SubjectState.PARKED, "protectedpage: only for sysops")
    desk.wiki.before = lambda: None
    assert TimedParking(desk.engine, desk.now).release(KEY, by="ada")
    desk.work()
    assert desk.testcases() == {SELINUX, LOGGING}


def test_a_wiki_that_is_away_loses_nothing(desk: Desk) -> None:
    desk.wiki.before = partial(_raise, ServiceUnavailableError("503"))
    desk.event(1, 2)
    desk.work(rounds=60)
    (absence,) = Stories(desk.engine).absences()
    assert (absence.lane, absence.error) == ("wiki", "503")
    desk.wiki.before = lambda: None
    desk.work()
    assert desk.testcases() == {SELINUX, LOGGING}


def test_a_blocked_account_holds_the_lane_and_parks_nothing(desk: Desk) -> None:
    desk.wiki.before = partial(_raise, ConfigError("blocked: for 72 hours"))
    desk.event(1, 2)
    for _ in range(5):
        desk.now = max(desk.now, desk.subjects.next_due([Sink.WIKI]) or 0.0)
        with pytest.raises(ConfigError):
            desk.worker().work()
    (absence,) = Stories(desk.engine).absences()
    assert (absence.lane, absence.error) == ("wiki", "blocked: for 72 hours")
    assert {desk.row(number).state for number in (1, 2)} == {DeliveryState.PENDING}
    desk.wiki.before = lambda: None
    desk.work()
    assert desk.testcases() == {SELINUX, LOGGING}


def test_a_job_that_openqa_has_forgotten_is_skipped_by_itself(desk: Desk) -> None:
    desk.event(99, 1)
    desk.work()
    assert desk.row(99).state is DeliveryState.SKIPPED
    assert desk.testcases() == {SELINUX}


def _raise(error: FedoraOpenQAError) -> None:
    raise error
