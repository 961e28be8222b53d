"""Finds results that sinks do not have: of ended jobs without a confirmed delivery.

A lost message therefore costs time, never a result. Results that a sink has count as delivered,
so it works with an empty store. Knows ports, never gateways.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Protocol

from fedora_openqa import ports
from fedora_openqa.errors import PermanentError, TemporaryError
from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink, WantedDelivery, key_of
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import Result, StoredResult
from fedora_openqa.model.sweeps import CaughtUp, Failure
from fedora_openqa.model.wiki import WikiTables
from fedora_openqa.policy.contents import is_of_other_digest
from fedora_openqa.policy.effects import REPORT, before_mail
from fedora_openqa.policy.lineage import Runs, newest_jobs
from fedora_openqa.policy.results import WAITING, newer_run, result_for
from fedora_openqa.policy.stored_results import row_of
from fedora_openqa.policy.sweeping import builds_to_compare
from fedora_openqa.policy.wiki_passes import might_pass
from fedora_openqa.workflows.deliver.resultsdb import whole
from fedora_openqa.workflows.deliver.wiki import PASS, cells_of
from fedora_openqa.workflows.wiki_events import WikiEvents

#: failures of openQA or of a sink in a row, after which other builds are left to the next sweep:
#: a service that hangs must not hold the lease of all sweeps for hours
PATIENCE = 3


class Evidence(Protocol):
    """Reads which results a sink has."""

    @property
    def sink(self) -> Sink:
        """The sink."""

    def expected(
        self, build: str, jobs: Iterable[Job], *, announced: Collection[int]
    ) -> Mapping[int, str]:
        """Return what the sink should have of ended jobs of a build, from job id to outcome.

        :param jobs: all jobs of the build without a copy
        :param announced: the jobs that were delivered as waiting or running
        """

    def found(self, jobs: Mapping[int, Job], wanted: Iterable[int]) -> Mapping[int, str]:
        """Return what the sink has of the wanted jobs, from job id to outcome.

        :param jobs: all jobs of the build

        Raises:
            PermanentError, TemporaryError: the sink does not answer.
        """


@dataclass(frozen=True, slots=True)
class ResultsDBEvidence:
    """Reads results in ResultsDB."""

    resultsdb: ports.ResultsDB
    #: what the URLs of openQA's jobs begin with
    base_url: str
    sink: Sink = Sink.RESULTSDB

    def expected(
        self,
        build: str,  # noqa: ARG002
        jobs: Iterable[Job],
        *,
        announced: Collection[int],
    ) -> Mapping[int, str]:
        """Return the outcome of the newest run of each scenario."""
        runs = Runs({job.id: job for job in jobs})
        results = {
            job.id: result_for(job, base_url=self.base_url, announced=job.id in announced)
            for job in runs.jobs.values()
            if job.is_ended and newer_run(job, runs) is None
        }
        return {
            job_id: result.outcome
            for job_id, result in results.items()
            if isinstance(result, Result)
        }

    def found(self, jobs: Mapping[int, Job], wanted: Iterable[int]) -> Mapping[int, str]:
        """Return the stored outcomes of the wanted jobs; raises as `ResultsDB.stored`."""
        results = {job_id: result_for(jobs[job_id], base_url=self.base_url) for job_id in wanted}
        named = {job_id: one for job_id, one in results.items() if isinstance(one, Result)}
        rows: dict[str, list[StoredResult]] = {}
        for item in dict.fromkeys(whole(one.item) for one in named.values()):
            for row in self.resultsdb.stored(item, source="openqa"):
                rows.setdefault(row.testcase, []).append(row)
        return {
            job_id: one.outcome
            for job_id, one in named.items()
            if row_of(one, rows.get(one.testcase, ()))
        }


@dataclass(frozen=True, slots=True)
class WikiEvidence:
    """Reads passes on the wiki."""

    wiki: ports.Wiki
    tables: WikiTables
    events: WikiEvents
    sink: Sink = Sink.WIKI

    def expected(
        self,
        build: str,
        jobs: Iterable[Job],
        *,
        announced: Collection[int],  # noqa: ARG002
    ) -> Mapping[int, str]:
        """Return the jobs that pass test cases."""
        if not might_pass(build):
            return {}
        runs = Runs({job.id: job for job in jobs})
        known = {job.id: job for job in runs.jobs.values() if job.is_ended}
        return {
            job.id: PASS
            for job in known.values()
            if newer_run(job, runs) is None and isinstance(self._cells(job, known), tuple)
        }

    def found(self, jobs: Mapping[int, Job], wanted: Iterable[int]) -> Mapping[int, str]:
        """Return the wanted jobs without a missing pass; raises as `Wiki.look`."""
        cells = {job_id: self._cells(jobs[job_id], jobs) for job_id in wanted}
        passes = {job_id: some for job_id, some in cells.items() if isinstance(some, tuple)}
        wanted_cells = tuple(dict.fromkeys(cell for some in passes.values() for cell in some))
        answer = self.wiki.look(wanted_cells, self.events.of_passes(wanted_cells))
        return {
            job_id: PASS
            for job_id, some in passes.items()
            if not any(cell in answer.lost for cell in some)
        }

    def _cells(self, job: Job, jobs: Mapping[int, Job]) -> object:
        return cells_of(job, jobs, self.tables)


@dataclass(frozen=True, slots=True)
class _Compared:
    """A comparison of one sink with one build."""

    wanted: tuple[WantedDelivery, ...] = ()
    #: number of deliveries that only the sink knew
    confirmed: int = 0
    #: whether no delivery of an ended job is open
    settled: bool = True


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Stores deliveries that sinks lack."""

    openqa: ports.OpenQA
    deliveries: ports.Deliveries
    board: ports.Sweeps
    sinks: tuple[Evidence, ...]
    #: builds that are compared in one sweep
    budget: int
    #: whether this process mails compose reports; only the store knows which were sent
    mails: bool = False

    @property
    def all_sinks(self) -> tuple[Sink, ...]:
        """The sinks of this process."""
        return (*([Sink.MAIL] if self.mails else []), *(one.sink for one in self.sinks))

    def catch_up(self, builds: Mapping[str, str], sinks: Collection[Sink]) -> CaughtUp:
        """Make missing deliveries of builds pending; a service that is away delays no other.

        Jobs that tested other builds than an update has now are left out. Builds whose jobs had
        all ended at the last comparison, and whose results the sink had, are not compared again.

        :param builds: openQA's BUILDs to the digest of their present content; empty: unknown
        :param sinks: those to compare
        """
        compared = {sink: self.board.comparisons(sink) for sink in sinks}
        wanted: list[WantedDelivery] = []
        confirmed = 0
        failed: list[Failure] = []
        left: dict[Sink, tuple[str, ...]] = {}
        in_a_row = Counter[str]()
        for number, (build, open_) in enumerate(builds_to_compare(builds, compared).items()):
            over = number >= self.budget or in_a_row["openQA"] == PATIENCE
            away = [sink for sink in open_ if over or in_a_row[sink] == PATIENCE]
            left |= {sink: (*left.get(sink, ()), build) for sink in away}
            if len(away) == len(open_):
                continue
            try:
                jobs = self.openqa.jobs_for_build(build)
            except (PermanentError, TemporaryError) as exc:
                failed.append(Failure(f"openQA about {build}", str(exc)))
                in_a_row["openQA"] += 1
                continue
            in_a_row["openQA"] = 0
            for sink in open_:
                if sink in away:
                    continue
                try:
                    found = self._compare(sink, build, jobs, digest=builds[build])
                except (PermanentError, TemporaryError) as exc:
                    failed.append(Failure(f"{sink} about {build}", str(exc)))
                    in_a_row[sink] += 1
                    continue
                in_a_row[sink] = 0
                wanted += found.wanted
                confirmed += found.confirmed
        return CaughtUp(wanted=tuple(wanted), confirmed=confirmed, failed=tuple(failed), left=left)

    def _compare(self, sink: Sink, build: str, jobs: Sequence[Job], *, digest: str) -> _Compared:
        """Compare a sink with a build, and store the comparison."""
        newest = newest_jobs(jobs)
        tested = [job for job in newest if not is_of_other_digest(job, digest)]
        if sink is Sink.MAIL:
            found = self._compare_mail(build, tested)
        else:
            (evidence,) = (one for one in self.sinks if one.sink is sink)
            found = self._compare_results(build, tested, evidence)
        self.board.compared(
            sink,
            build,
            digest=digest,
            settled=found.settled and all(job.is_ended for job in newest),
            jobs={job.id for job in jobs},
        )
        return found

    def _compare_mail(self, build: str, jobs: Iterable[Job]) -> _Compared:
        """Make the report on a compose pending if there was none, or jobs have ended since."""
        report = WantedDelivery(sink=Sink.MAIL, build=build, item=REPORT)
        rows = self.deliveries.all(report.key, items=[REPORT])
        ends = [job.finished.replace(tzinfo=UTC).timestamp() for job in jobs if job.finished]
        if not ends:
            return _Compared()
        if rows and (rows[0].state is not DeliveryState.DELIVERED or max(ends) <= rows[0].updated):
            return _Compared(settled=rows[0].state is not DeliveryState.PENDING)
        since = self.board.switch_on(Sink.MAIL)
        if max(ends) < since:
            self.deliveries.skip(report, reason=f"its jobs ended {before_mail(since)}")
            return _Compared()
        self.deliveries.want([report])
        return _Compared(wanted=(report,), settled=False)

    def _compare_results(self, build: str, jobs: Iterable[Job], evidence: Evidence) -> _Compared:
        """Make results pending that a sink does not have."""
        rows = {row.item: row for row in self.deliveries.all(key_of(evidence.sink, build))}
        announced = [int(item) for item, row in rows.items() if row.told in WAITING]
        expected = evidence.expected(build, jobs, announced=announced)
        reports = {
            job_id: WantedDelivery(sink=evidence.sink, build=build, item=str(job_id))
            for job_id in expected
        }
        open_ = [
            job_id
            for job_id, outcome in expected.items()
            if not _is_settled(rows.get(str(job_id)), outcome)
        ]
        ended = {job.id: job for job in jobs if job.is_ended}
        found = evidence.found(ended, open_) if open_ else {}
        missing = []
        for job_id in open_:
            if found.get(job_id) == expected[job_id]:
                self.deliveries.confirm(reports[job_id], told=expected[job_id], reference=None)
            else:
                missing.append(reports[job_id])
        # the worker of the lane sends results again that were delivered with another outcome
        self.deliveries.want(missing)
        waits = any(row.state is DeliveryState.PENDING for row in rows.values())
        return _Compared(
            wanted=tuple(missing),
            confirmed=len(open_) - len(missing),
            settled=not missing and not waits,
        )


def _is_settled(row: Delivery | None, outcome: str) -> bool:
    """Return whether a stored delivery needs nothing more."""
    if row is None:
        return False
    if row.state is DeliveryState.DELIVERED:
        return row.told == outcome
    # pending, parked or skipped
    return True
