"""A store with a worker of ResultsDB's lane, and a clock that a test sets."""

import threading
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fedora_openqa.model.deliveries import Delivery, Sink, WantedDelivery
from fedora_openqa.model.work import Lease, Step
from fedora_openqa.policy.autocloud import autocloud_result
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.workflows.deliver.resultsdb import ResultsDBReporting
from fedora_openqa.workflows.worker import Worker
from tests.store.timed import TimedSubjects
from tests.support.resultsdb import BASE_URL, BUILD, FakeJobs, FakeResultsDB
from tests.support.stores import new_store

KEY = f"resultsdb:{BUILD}"


SETTLES = 45.0


@dataclass
class Desk:
    folder: Path
    openqa: FakeJobs
    resultsdb: FakeResultsDB = field(default_factory=FakeResultsDB)
    now: float = 1000.0
    pages_url: str = ""

    def __post_init__(self) -> None:
        self.engine = new_store(self.folder / "store.db")
        self.deliveries = Deliveries(self.engine, clock=lambda _connection: self.now)
        self.subjects = TimedSubjects(self.engine, clock=lambda _connection: self.now)

    def event(self, *job_ids: int, build: str = BUILD) -> None:
        self.deliveries.want(
            [WantedDelivery(sink=Sink.RESULTSDB, build=build, item=str(one)) for one in job_ids]
        )

    def work(self, rounds: int = 50) -> int:
        """Work on what is due, now or in a time; gives how many rounds that took."""
        for number in range(rounds):
            due = self.subjects.next_due([Sink.RESULTSDB])
            if due is None:
                return number
            self.now = max(self.now, due)
            self.worker().work()
        return rounds

    def work_once(self) -> None:
        self.worker().work()

    def worker(self) -> Worker:
        reporting = ResultsDBReporting(
            openqa=self.openqa,  # type: ignore[arg-type] # all that is needed of it
            resultsdb=self.resultsdb,
            deliveries=self.deliveries,
            base_url=BASE_URL,
            result_of_facts=partial(autocloud_result, base_url="https://autocloud.example"),
            posts_at_once=2,
            settles_after=SETTLES,
            hold=60.0,
            clock=lambda: self.now,
            pages_url=self.pages_url,
        )

        def attempt(lease: Lease) -> Step:
            return reporting.report(lease.request["build"], self.deliveries.ledger(lease))

        return Worker(
            backlog=self.subjects,
            attempts={Sink.RESULTSDB: attempt},
            owner="a",
            lease_seconds=120.0,
            keep_seconds=1e9,
            awake=threading.Event(),
        )

    def row(self, job_id: int, build: str = BUILD) -> Delivery:
        rows = self.deliveries.all(f"resultsdb:{build}")
        return {row.item: row for row in rows}[str(job_id)]
