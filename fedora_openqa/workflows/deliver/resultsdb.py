"""Tells ResultsDB of jobs: each outcome once, the newest at last.

Knows ports, never gateways.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC
from typing import TypeAlias

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    GoneError,
    NotAllowedError,
    PermanentError,
    ServiceUnavailableError,
    SubjectError,
    TemporaryError,
)
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
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import (
    CoreOSImageItem,
    ImageItem,
    NotReported,
    Result,
    ResultItem,
    StoredResult,
)
from fedora_openqa.model.work import Away, Concluded, Step
from fedora_openqa.policy.lineage import scenario_of
from fedora_openqa.policy.results import (
    WAITING,
    copies_beside,
    may_be_retried,
    newer_run,
    others_to_report,
    result_for,
)
from fedora_openqa.policy.retries import delivery_again
from fedora_openqa.policy.stored_results import row_of
from fedora_openqa.policy.waves import next_wave
from fedora_openqa.workflows.deliver.gathering import gather_runs, job_ids, pending

log = logging.getLogger(__name__)

#: a delivery with what ResultsDB should be told
Told: TypeAlias = tuple[Delivery, Result]


@dataclass(frozen=True, slots=True)
class ResultsDBReporting:
    """The workflow, with everything it needs in place."""

    openqa: ports.Runs
    resultsdb: ports.ResultsDB
    #: where jobs that others lead to are wanted
    deliveries: ports.Deliveries
    #: what the URLs of openQA's jobs begin with
    base_url: str
    #: says what ResultsDB is told of what openQA knows nothing of, by the facts of its delivery
    result_of_facts: Callable[[Mapping[str, str]], Result]
    posts_at_once: int
    #: seconds after which what was sent without an answer is there, or never will be
    settles_after: float
    #: seconds that the bad result of a job that may be tried again is held
    hold: float
    #: tells the time, seconds since 1970
    clock: Callable[[], float]

    def report(self, build: str, ledger: ports.DeliveryLedger) -> Step:
        """Tell ResultsDB what is due.

        Raises:
            ConfigError: the deployment is wrong.
            LeaseLostError: somebody else tells it now.
            RequestRefusedError, ServiceUnavailableError: openQA does not say how jobs are, or
                the database is away.
        """
        # by number: the newest run of a test is told last
        due = sorted(ledger.due(), key=lambda one: (len(one.item), one.item))
        unanswered = ledger.unanswered(settles_after=self.settles_after)
        items = dict.fromkeys([*(one.item for one in due), *unanswered])
        jobs = gather_runs(self.openqa, [int(item) for item in items if item.isdecimal()])
        self._want_others(build, due, jobs)
        steps: list[tuple[Delivery, DeliveryStep]] = []
        told: list[Told] = []
        for delivery in due:
            decided = self._hold(delivery, jobs, unanswered) or self.decide(delivery, jobs)
            if isinstance(decided, Result):
                told.append((delivery, decided))
            else:
                steps.append((delivery, decided))
        ledger.record(steps)
        try:
            unknown, reached = self._look(told, ledger)
        except ServiceUnavailableError as exc:
            return Away(str(exc), retry_after=exc.retry_after)
        return self._send(self._named(unknown, ledger), ledger, reached=reached)

    def describe(self, _build: str, wanted: Sequence[WantedDelivery]) -> Iterator[str]:
        """Describe the result that ResultsDB would get for each wanted delivery, a line each."""
        deliveries = [pending(one) for one in wanted]
        jobs = gather_runs(self.openqa, job_ids(deliveries))
        for delivery in deliveries:
            decided = self.decide(delivery, jobs)
            if isinstance(decided, Result):
                yield f"{decided.ref_url}: {decided.testcase} is {decided.outcome}"
            else:
                yield f"nothing of {delivery.item}: {decided}"

    def decide(self, delivery: Delivery, jobs: Mapping[int, Job]) -> Result | DeliveryStep:
        """Return what ResultsDB should be told of one job, or why it should not.

        :param jobs: by id; all of the build, unless the job is the newest run of its scenario
        """
        if delivery.facts:
            return self.result_of_facts(delivery.facts)
        job = jobs.get(int(delivery.item))
        if job is None:
            return Skipped(f"openQA no longer has job {delivery.item}")
        announced = not WAITING.isdisjoint({delivery.told, delivery.sending})
        result = result_for(job, base_url=self.base_url, announced=announced)
        if isinstance(result, NotReported):
            if result.odd:
                log.warning("job %d is not reported: %s", job.id, result.reason)
            return Skipped(result.reason)
        if newer := newer_run(job, jobs.values()):
            return Skipped(f"job {newer.id} is a newer run of its scenario")
        if may_be_retried(job) and job.finished:
            ready = job.finished.replace(tzinfo=UTC).timestamp() + self.hold
            if ready > self.clock():
                return Later(ready - self.clock(), "openQA may try it again", counts=False)
        return result

    def _hold(
        self, delivery: Delivery, jobs: Mapping[int, Job], unanswered: Mapping[str, float]
    ) -> Later | None:
        """Hold a result while one of the same test may still arrive behind it.

        :param unanswered: what was sent without an answer, to the seconds until it has
            arrived or never will
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
        """Follow jobs to their copies, and to others of which no message may tell."""
        followed = [jobs[job_id] for job_id in job_ids(due) if job_id in jobs]
        changed = {job.clone_id for job in followed if job.clone_id is not None}
        changed |= {other for job in followed for other in others_to_report(job)}
        made = {other for job in followed for other in copies_beside(job)}
        reports = {
            job_id: WantedDelivery(sink=Sink.RESULTSDB, build=build, item=str(job_id))
            for job_id in sorted((changed | made).difference(job_ids(due)))
        }
        if reports:
            key = next(iter(reports.values())).key
            stored = {row.item: row for row in self.deliveries.all(key)}
            # each once: what has ended is not looked at again for another's sake
            self.deliveries.want(
                [
                    report
                    for job_id, report in reports.items()
                    if (row := stored.get(report.item)) is None
                    or (job_id in changed and _may_be_news(row))
                ]
            )

    def _look(self, told: Sequence[Told], ledger: ports.DeliveryLedger) -> tuple[list[Told], bool]:
        """Leave out what ResultsDB knows; return also whether it has answered."""
        steps: list[tuple[Delivery, DeliveryStep]] = []
        unknown: list[Told] = []
        stored: dict[tuple[ResultItem, str], Mapping[str, Sequence[StoredResult]]] = {}
        for delivery, result in told:
            if delivery.sending is None:
                if delivery.told == result.outcome:
                    steps.append((delivery, Delivered(result.outcome)))
                else:
                    unknown.append((delivery, result))
                continue
            of = (whole(result.item), result.source)
            try:
                if of not in stored:
                    stored[of] = self._stored(*of)
            except SubjectError as exc:
                steps.append((delivery, _without_subject(exc)))
                continue
            row = row_of(result, stored[of].get(result.testcase, ()))
            if row is None:
                unknown.append((delivery, result))
            else:
                steps.append((delivery, Delivered(result.outcome, str(row.id))))
        ledger.record(steps)
        return unknown, bool(stored)

    def _stored(self, item: ResultItem, source: str) -> Mapping[str, Sequence[StoredResult]]:
        """Return what ResultsDB has of an item, by test case, the newest first."""
        found: dict[str, list[StoredResult]] = {}
        for row in self.resultsdb.stored(item, source=source):
            found.setdefault(row.testcase, []).append(row)
        return found

    def _named(
        self, told: Sequence[Told], ledger: ports.DeliveryLedger
    ) -> Sequence[tuple[Told, frozenset[str]]]:
        """Add what each result would make in ResultsDB; leaves out what is about nothing."""
        steps: list[tuple[Delivery, DeliveryStep]] = []
        named = []
        for delivery, result in told:
            try:
                named.append(((delivery, result), self.resultsdb.names(result)))
            except SubjectError as exc:
                steps.append((delivery, _without_subject(exc)))
            except ServiceUnavailableError as exc:
                # whoever has the compose is away, not ResultsDB
                steps.append((delivery, self._again(delivery, exc)))
        ledger.record(steps)
        return named

    def _send(
        self,
        named: Sequence[tuple[Told, frozenset[str]]],
        ledger: ports.DeliveryLedger,
        *,
        reached: bool,
    ) -> Step:
        # names that ResultsDB has by now
        seen: set[str] = set()
        left = list(named)
        with ThreadPoolExecutor(self.posts_at_once) as pool:
            while left:
                # what was refused has made no names: so only the next wave is certain
                wave = next_wave([names for _told, names in left], seen=seen)
                now = frozenset(wave[: self.posts_at_once])
                chunk = [one for index, one in enumerate(left) if index in now]
                left = [one for index, one in enumerate(left) if index not in now]
                ledger.intend({one.item: result.outcome for (one, result), _names in chunk})
                ends = list(pool.map(self._post, (told for told, _names in chunk)))
                reached = reached or not all(isinstance(end, Later) for end in ends)
                steps = []
                for ((one, _result), names), end in zip(chunk, ends, strict=True):
                    steps.append((one, end if reached else _uncounted(end)))
                    seen |= names if isinstance(end, Delivered) else set()
                later = [end for end in ends if isinstance(end, Later)]
                asked = max((end.retry_after or 0.0 for end in later), default=0.0)
                if reached and asked:
                    # ResultsDB asked to wait: the rest is not sent before
                    wait = Later(asked, later[0].error, counts=False)
                    steps += [(one, wait) for (one, _result), _names in left]
                    left = []
                ledger.record(steps)
                if not reached:
                    return Away(later[0].error, retry_after=asked or None)
        return Concluded(reached=reached)

    def _post(self, told: Told) -> DeliveryStep:
        delivery, result = told
        try:
            result_id = self.resultsdb.post(result)
        except (AmbiguousWriteError, ServiceUnavailableError) as exc:
            return self._again(delivery, exc)
        except NotAllowedError:
            # of no result more than of others: the lane waits
            raise
        except PermanentError as exc:
            return Parked(str(exc))
        log.info("%s: %s is %s", result.ref_url, result.testcase, result.outcome)
        return Delivered(result.outcome, str(result_id))

    def _again(self, delivery: Delivery, error: TemporaryError) -> Later | Parked:
        return delivery_again(
            str(error),
            attempts=delivery.attempts,
            first_delay=self.settles_after,
            unsure=isinstance(error, AmbiguousWriteError),
            retry_after=error.retry_after,
        )


def _without_subject(error: SubjectError) -> Skipped | Parked:
    """Return what becomes of a result whose subject cannot be read."""
    return Skipped(str(error)) if isinstance(error, GoneError) else Parked(str(error))


def _may_be_news(row: Delivery) -> bool:
    """Return whether a job may have ended since it was last looked at, and nobody will look."""
    return row.state is DeliveryState.DELIVERED and row.told in WAITING


def whole(item: ResultItem) -> ResultItem:
    """Give what an item is part of: of an image its compose or build, else itself."""
    match item:
        case ImageItem(compose=compose):
            return compose
        case CoreOSImageItem(build=build):
            return build
        case _:
            return item


def _uncounted(step: DeliveryStep) -> DeliveryStep:
    """Leave out of account an attempt that nobody answered: it is not the delivery's fault."""
    if isinstance(step, Later):
        return Later(
            step.delay if step.unsure else 0.0, step.error, counts=False, unsure=step.unsure
        )
    return step
