"""Delivers the results of jobs to ResultsDB: each outcome once, the newest run last.

Knows ports, never gateways.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    NotAllowedError,
    PermanentError,
    ServiceUnavailableError,
    SubjectError,
    TemporaryError,
)
from fedora_openqa.measures import measures
from fedora_openqa.model.deliveries import (
    Delivered,
    Delivery,
    DeliveryState,
    DeliveryStep,
    Later,
    Parked,
    Sink,
    Skipped,
    WantedDelivery,
    key_of,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import (
    CoreOSBuildItem,
    CoreOSImageItem,
    ImageItem,
    NotReported,
    Prepared,
    Result,
    ResultItem,
    StoredResult,
    UpdateItem,
)
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import Away, Step
from fedora_openqa.policy.lineage import Runs, scenario_of
from fedora_openqa.policy.results import (
    WAITING,
    copies_beside,
    may_be_retried,
    newer_run,
    others_to_report,
    result_for,
)
from fedora_openqa.policy.retries import delivery_again, delivery_refused
from fedora_openqa.policy.stored_results import row_of
from fedora_openqa.workflows.deliver.gathering import gather_runs, job_ids, pending
from fedora_openqa.workflows.deliver.window import Sending, Window

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ResultsDBReporting:
    """Delivers results of a build to ResultsDB."""

    openqa: ports.Runs
    resultsdb: ports.ResultsDB
    #: where deliveries of related jobs are stored
    deliveries: ports.Deliveries
    #: what the URLs of openQA's jobs begin with
    base_url: str
    #: makes the result of a delivery that is not an openQA job (Autocloud), from its facts
    result_of_facts: Callable[[Mapping[str, str]], Result]
    posts_at_once: int
    #: seconds after which a result that was sent without an answer is stored, or never will be
    settles_after: float
    #: seconds that a bad result is held if openQA may retry the job
    hold: float
    #: returns the time, seconds since 1970
    clock: Callable[[], float]
    #: what the URLs of our pages begin with, which notes link to; empty: they do not
    pages_url: str = ""

    def report(self, build: str, ledger: ports.DeliveryLedger) -> Step:
        """Deliver the results of a build that are due.

        Raises:
            ConfigError: the deployment is wrong.
            LeaseLostError: another worker has the build now.
            RequestRefusedError, ServiceUnavailableError: openQA does not answer, or the
                database is away.
        """
        # by number: the newest run of a test is sent last
        due = sorted(ledger.due(), key=lambda one: (len(one.item), one.item))
        unanswered = ledger.unanswered(settles_after=self.settles_after)
        items = dict.fromkeys([*(one.item for one in due), *unanswered])
        jobs = gather_runs(self.openqa, [int(item) for item in items if item.isdecimal()])
        self._want_others(build, due, jobs)
        runs = Runs(jobs)
        steps: list[tuple[Delivery, DeliveryStep]] = []
        results: list[tuple[Delivery, Result]] = []
        for delivery in due:
            decided = self._hold(delivery, jobs, unanswered) or self.decide(delivery, runs)
            if isinstance(decided, Result):
                results.append((delivery, decided))
            else:
                steps.append((delivery, decided))
        ledger.record(steps)
        try:
            missing, reached = self._look(results, ledger)
        except ServiceUnavailableError as exc:
            return Away(str(exc), retry_after=exc.retry_after)
        window = Window(self._post, ledger, size=self.posts_at_once, reached=reached)
        return window.send(self._prepare(missing, ledger))

    def describe(self, _build: str, wanted: Sequence[WantedDelivery]) -> Iterator[str]:
        """Describe the result that ResultsDB would get for each wanted delivery, a line each."""
        deliveries = [pending(one) for one in wanted]
        runs = Runs(gather_runs(self.openqa, job_ids(deliveries)))
        for delivery in deliveries:
            decided = self.decide(delivery, runs)
            if isinstance(decided, Result):
                yield f"{decided.ref_url}: {decided.testcase} is {decided.outcome}"
            else:
                yield f"nothing of {delivery.item}: {decided}"

    def decide(self, delivery: Delivery, runs: Runs) -> Result | DeliveryStep:
        """Return the result of a delivery, or the step that ends or postpones it.

        :param runs: all jobs of the build, unless the job is the newest run of its scenario
        """
        if delivery.facts:
            return self.result_of_facts(delivery.facts)
        job = runs.jobs.get(int(delivery.item))
        if job is None:
            return Skipped(f"openQA no longer has job {delivery.item}")
        announced = not WAITING.isdisjoint({delivery.told, delivery.sending})
        result = result_for(
            job, base_url=self.base_url, announced=announced, pages_url=self.pages_url
        )
        if isinstance(result, NotReported):
            if result.odd:
                log.warning("job %d is not reported: %s", job.id, result.reason)
            return Skipped(result.reason)
        if newer := newer_run(job, runs):
            return Skipped(f"job {newer.id} is a newer run of its scenario")
        if may_be_retried(job) and job.finished:
            ready = job.finished.replace(tzinfo=UTC).timestamp() + self.hold
            if ready > self.clock():
                return Later(ready - self.clock(), "openQA may try it again", counts=False)
        return result

    def _hold(
        self, delivery: Delivery, jobs: Mapping[int, Job], unanswered: Mapping[str, float]
    ) -> Later | None:
        """Hold a result while another of its scenario may still arrive after it.

        :param unanswered: items sent without an answer, to the seconds until they have arrived
            or never will
        """
        if delivery.item in unanswered:
            wait = unanswered[delivery.item]
            return Later(wait, "no answer yet", counts=False, unsure=True)
        if delivery.facts or (job := jobs.get(int(delivery.item))) is None:
            return None
        for item, wait in unanswered.items():
            other = jobs.get(int(item)) if item.isdecimal() else None
            if other is not None and scenario_of(other) == scenario_of(job):
                unsure = delivery.sending is not None
                reason = f"no answer yet about job {other.id} of the same scenario"
                return Later(wait, reason, counts=False, unsure=unsure)
        return None

    def _want_others(self, build: str, due: Sequence[Delivery], jobs: Mapping[int, Job]) -> None:
        """Want deliveries of copies of jobs, and of jobs that openQA sends no message about."""
        followed = [jobs[job_id] for job_id in job_ids(due) if job_id in jobs]
        changed = {job.clone_id for job in followed if job.clone_id is not None}
        changed |= {other for job in followed for other in others_to_report(job)}
        made = {other for job in followed for other in copies_beside(job)}
        wanted = {
            job_id: WantedDelivery(sink=Sink.RESULTSDB, build=build, item=str(job_id))
            for job_id in sorted((changed | made).difference(job_ids(due)))
        }
        if wanted:
            items = [one.item for one in wanted.values()]
            rows = self.deliveries.all(key_of(Sink.RESULTSDB, build), items=items)
            stored = {row.item: row for row in rows}
            # each once: an ended job is not read again for another's sake
            self.deliveries.want(
                [
                    one
                    for job_id, one in wanted.items()
                    if (row := stored.get(one.item)) is None
                    or (job_id in changed and _may_be_news(row))
                ]
            )

    def _look(
        self, results: Sequence[tuple[Delivery, Result]], ledger: ports.DeliveryLedger
    ) -> tuple[list[tuple[Delivery, Result]], bool]:
        """Return the results that ResultsDB does not have, and whether it has answered."""
        steps: list[tuple[Delivery, DeliveryStep]] = []
        missing: list[tuple[Delivery, Result]] = []
        stored: dict[tuple[ResultItem, str], Mapping[str, Sequence[StoredResult]]] = {}
        for delivery, result in results:
            if delivery.sending is None:
                if delivery.told == result.outcome:
                    steps.append((delivery, Delivered(result.outcome)))
                else:
                    missing.append((delivery, result))
                continue
            of = (whole(result.item), result.source)
            try:
                if of not in stored:
                    stored[of] = self._stored(*of)
            except SubjectError as exc:
                steps.append((delivery, delivery_refused(exc)))
                continue
            row = row_of(result, stored[of].get(result.testcase, ()))
            if row is None:
                missing.append((delivery, result))
            else:
                steps.append((delivery, Delivered(result.outcome, str(row.id))))
        ledger.record(steps)
        return missing, bool(stored)

    def _stored(self, item: ResultItem, source: str) -> Mapping[str, Sequence[StoredResult]]:
        """Return the stored results of an item by test case, the newest first."""
        found: dict[str, list[StoredResult]] = {}
        for row in self.resultsdb.stored(item, source=source):
            found.setdefault(row.testcase, []).append(row)
        return found

    def _prepare(
        self, results: Sequence[tuple[Delivery, Result]], ledger: ports.DeliveryLedger
    ) -> list[tuple[Delivery, Prepared]]:
        """Return the results that can be sent, in ResultsDB's form."""
        steps: list[tuple[Delivery, DeliveryStep]] = []
        prepared = []
        for delivery, result in results:
            try:
                prepared.append((delivery, self.resultsdb.prepare(result)))
            except PermanentError as exc:
                steps.append((delivery, delivery_refused(exc)))
            except ServiceUnavailableError as exc:
                # the server of the compose is away, not ResultsDB
                steps.append((delivery, self._again(delivery, exc)))
        ledger.record(steps)
        return prepared

    def _post(self, sending: Sending) -> DeliveryStep:
        delivery, prepared = sending
        try:
            result_id = self.resultsdb.post(prepared)
        except (AmbiguousWriteError, ServiceUnavailableError) as exc:
            return self._again(delivery, exc)
        except NotAllowedError:
            # every result would be refused: the lane waits
            raise
        except PermanentError as exc:
            return delivery_refused(exc)
        result = prepared.result
        log.info("%s: %s is %s", result.ref_url, result.testcase, result.outcome)
        if result.outcome not in WAITING:
            measures().job_result(
                _kind(result.item), result.extradata.get("arch", ""), result.outcome.lower()
            )
        return Delivered(result.outcome, str(result_id))

    def _again(self, delivery: Delivery, error: TemporaryError) -> Later | Parked:
        return delivery_again(
            str(error),
            attempts=delivery.attempts,
            first_delay=self.settles_after,
            unsure=isinstance(error, AmbiguousWriteError),
            retry_after=error.retry_after,
        )


def _may_be_news(row: Delivery) -> bool:
    """Return whether a delivered job was waiting or running, and may have ended since."""
    return row.state is DeliveryState.DELIVERED and row.told in WAITING


def whole(item: ResultItem) -> ResultItem:
    """Return the compose or build of an image, any other item itself."""
    match item:
        case ImageItem(compose=compose):
            return compose
        case CoreOSImageItem(build=build):
            return build
        case _:
            return item


def _kind(item: ResultItem) -> Kind:
    match item:
        case UpdateItem():
            return Kind.UPDATE
        case CoreOSBuildItem() | CoreOSImageItem():
            return Kind.COREOS
        case _:
            return Kind.COMPOSE
