"""Finds results that sinks do not have: of ended jobs without a confirmed delivery.

A lost message therefore costs time, never a result. Results that a sink has count as delivered,
so it works with an empty store. Knows ports, never gateways.
"""

from collections.abc import Collection, Iterable, Mapping
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
from fedora_openqa.policy.compose_ids import COMPOSE_ID
from fedora_openqa.policy.contents import is_of_other_digest
from fedora_openqa.policy.effects import REPORT
from fedora_openqa.policy.lineage import newest_jobs
from fedora_openqa.policy.results import WAITING, newer_run, result_for
from fedora_openqa.policy.stored_results import row_of
from fedora_openqa.policy.wiki_passes import might_pass
from fedora_openqa.workflows.deliver.resultsdb import whole
from fedora_openqa.workflows.deliver.wiki import PASS, cells_of
from fedora_openqa.workflows.wiki_events import WikiEvents


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
        jobs = tuple(jobs)
        results = {
            job.id: result_for(job, base_url=self.base_url, announced=job.id in announced)
            for job in jobs
            if job.is_ended and newer_run(job, jobs) is None
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
        jobs = tuple(jobs)
        known = {job.id: job for job in jobs if job.is_ended}
        return {
            job.id: PASS
            for job in known.values()
            if newer_run(job, jobs) is None and isinstance(self._cells(job, known), tuple)
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
class CatchUp:
    """Stores deliveries that sinks lack."""

    openqa: ports.OpenQA
    deliveries: ports.Deliveries
    sinks: tuple[Evidence, ...]
    #: whether this process mails compose reports; only the store knows which were sent
    mails: bool = False

    def catch_up(self, builds: Mapping[str, str]) -> CaughtUp:
        """Make missing deliveries of builds pending; a service that is away delays no other.

        Jobs that tested other builds than an update has now are left out.

        :param builds: openQA's BUILDs to the digest of their present content; empty: unknown
        """
        wanted: list[WantedDelivery] = []
        confirmed = 0
        failed: list[Failure] = []
        for build, digest in builds.items():
            try:
                jobs = [
                    job
                    for job in newest_jobs(self.openqa.jobs_for_build(build))
                    if not is_of_other_digest(job, digest)
                ]
            except (PermanentError, TemporaryError) as exc:
                failed.append(Failure(f"openQA about {build}", str(exc)))
                continue
            if self.mails:
                wanted += self._want_mail(build, jobs)
            for evidence in self.sinks:
                try:
                    missing, known = self._compare(build, jobs, evidence)
                except (PermanentError, TemporaryError) as exc:
                    failed.append(Failure(f"{evidence.sink} about {build}", str(exc)))
                    continue
                wanted += missing
                confirmed += known
        return CaughtUp(wanted=tuple(wanted), confirmed=confirmed, failed=tuple(failed))

    def _want_mail(self, build: str, jobs: Iterable[Job]) -> list[WantedDelivery]:
        """Make the report on a compose pending if there was none, or jobs have ended since."""
        report = WantedDelivery(sink=Sink.MAIL, build=build, item=REPORT)
        rows = [row for row in self.deliveries.all(report.key) if row.item == REPORT]
        ends = [job.finished.replace(tzinfo=UTC).timestamp() for job in jobs if job.finished]
        if not ends or not COMPOSE_ID.fullmatch(build):
            return []
        if rows and (rows[0].state is not DeliveryState.DELIVERED or max(ends) <= rows[0].updated):
            return []
        self.deliveries.want([report])
        return [report]

    def _compare(
        self, build: str, jobs: Iterable[Job], evidence: Evidence
    ) -> tuple[list[WantedDelivery], int]:
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
        return missing, len(open_) - len(missing)


def _is_settled(row: Delivery | None, outcome: str) -> bool:
    """Return whether a stored delivery needs nothing more."""
    if row is None:
        return False
    if row.state is DeliveryState.DELIVERED:
        return row.told == outcome
    # pending, parked or skipped
    return True
