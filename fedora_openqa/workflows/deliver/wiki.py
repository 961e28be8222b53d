"""Files the test cases that jobs pass on the wiki, together for all due jobs of a compose.

Knows ports, never gateways.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fedora_openqa import ports
from fedora_openqa.errors import ServiceUnavailableError, SubjectError
from fedora_openqa.model.deliveries import (
    Delivered,
    Delivery,
    DeliveryStep,
    Parked,
    Skipped,
    WantedDelivery,
    WikiAnswer,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import NotReported
from fedora_openqa.model.wiki import WikiPass, WikiTables
from fedora_openqa.model.work import Away, Concluded, Step
from fedora_openqa.policy.lineage import Runs, newest_copy
from fedora_openqa.policy.results import newer_run
from fedora_openqa.policy.retries import delivery_again
from fedora_openqa.policy.wiki_passes import Passes, needs_siblings, passes
from fedora_openqa.workflows.deliver.gathering import gather_build, gather_runs, job_ids, pending
from fedora_openqa.workflows.wiki_events import WikiEvents

log = logging.getLogger(__name__)

#: the outcome of every delivery to the wiki
PASS = "pass"  # noqa: S105 - a status

#: seconds until a missing page is looked for again; doubled each time
PAGE_DELAY = 300.0

#: seconds until an overwritten page is edited again; doubled each time
FIRST_DELAY = 15.0


@dataclass(frozen=True, slots=True)
class WikiReporting:
    """Files passes of a compose on the wiki."""

    openqa: ports.Runs
    wiki: ports.Wiki
    tables: WikiTables
    events: WikiEvents
    #: suites and their warnings; each is logged once
    warned: set[tuple[str, str]] = field(default_factory=set)

    def report(self, build: str, ledger: ports.DeliveryLedger) -> Step:
        """File the passes of due deliveries, and check that they are there.

        Raises:
            ConfigError: the deployment is wrong, or our account is blocked.
            PermanentError: the wiki cannot be used.
            RequestRefusedError, ServiceUnavailableError: openQA does not answer, or the
                database is away.
        """
        due = ledger.due()
        siblings, jobs = self._gather(build, due)
        runs = Runs(jobs)
        steps: list[tuple[Delivery, DeliveryStep]] = []
        told: list[tuple[Delivery, tuple[WikiPass, ...]]] = []
        for delivery in due:
            decided = self.decide(delivery, siblings=siblings, runs=runs)
            if isinstance(decided, Skipped):
                steps.append((delivery, decided))
            else:
                told.append((delivery, decided))
        ledger.record(steps)
        if not told:
            return Concluded(reached=False)
        try:
            filed = tuple(dict.fromkeys(cell for _delivery, cells in told for cell in cells))
            answer = self.wiki.file(filed, self.events.of_passes(filed))
        except SubjectError as exc:
            ledger.record([(delivery, Skipped(str(exc))) for delivery, _cells in told])
            return Concluded(reached=False)
        except ServiceUnavailableError as exc:
            return Away(str(exc), retry_after=exc.retry_after)
        ledger.record([(one, _step(one, cells, answer)) for one, cells in told])
        return Concluded(reached=True)

    def describe(self, build: str, wanted: Sequence[WantedDelivery]) -> Iterator[str]:
        """Describe the passes that would be filed for each wanted delivery, a line each."""
        deliveries = [pending(one) for one in wanted]
        siblings, jobs = gather_build(self.openqa, build, job_ids(deliveries))
        runs = Runs(jobs)
        for delivery in deliveries:
            decided = self.decide(delivery, siblings=siblings, runs=runs)
            if isinstance(decided, tuple):
                yield from (f"job {delivery.item}: {cell}" for cell in decided)
            else:
                yield f"nothing of {delivery.item}: {decided.reason}"

    def _gather(
        self, build: str, due: Sequence[Delivery]
    ) -> tuple[Mapping[int, Job], Mapping[int, Job]]:
        """Read jobs; and all others of the build if a decision needs them."""
        wanted = job_ids(due)
        jobs = gather_runs(self.openqa, wanted)
        for job in (jobs[job_id] for job_id in wanted if job_id in jobs):
            if job.clone_id is not None or needs_siblings(job, self.tables):
                return gather_build(self.openqa, build, wanted)
        return jobs, jobs

    def decide(
        self, delivery: Delivery, *, siblings: Mapping[int, Job], runs: Runs
    ) -> tuple[WikiPass, ...] | Skipped:
        """Return the cells that a job passes, or why it passes none.

        :param siblings: the jobs of the build
        :param runs: all jobs of the build, unless the job is the newest run of its scenario
        """
        job = runs.jobs.get(int(delivery.item))
        if job is None:
            return Skipped(f"openQA no longer has job {delivery.item}")
        job = newest_copy(job, runs.jobs)
        if newer := newer_run(job, runs):
            return Skipped(f"job {newer.id} is a newer run of its scenario")
        decided = passes(job, siblings=tuple(siblings.values()), tables=self.tables)
        self._warn(job, decided)
        return _cells(job, decided)

    def _warn(self, job: Job, decided: Passes | NotReported) -> None:
        """Log a warning of the tables, once for each suite."""
        warning = "; ".join(decided.warnings) if isinstance(decided, Passes) else ""
        if warning and (job.test, warning) not in self.warned:
            self.warned.add((job.test, warning))
            log.warning("job %d of suite %s: %s", job.id, job.test, warning)


def cells_of(
    job: Job, siblings: Mapping[int, Job], tables: WikiTables
) -> tuple[WikiPass, ...] | Skipped:
    """Return the cells a job passes, or why it passes none."""
    return _cells(job, passes(job, siblings=tuple(siblings.values()), tables=tables))


def _cells(job: Job, decided: Passes | NotReported) -> tuple[WikiPass, ...] | Skipped:
    if isinstance(decided, NotReported):
        return Skipped(decided.reason)
    if not decided.passes:
        return Skipped("; ".join(decided.warnings) or f"{job.test} passes no test case")
    return decided.passes


def _step(delivery: Delivery, cells: Sequence[WikiPass], answer: WikiAnswer) -> DeliveryStep:
    lost = [cell for cell in cells if cell in answer.lost]
    if lost:
        return delivery_again(
            f"{len(lost)} of {len(cells)} results are not there: others edit the same rows",
            attempts=delivery.attempts,
            first_delay=FIRST_DELAY,
            unsure=False,
        )
    pageless = [cell for cell in cells if cell in answer.pageless]
    if pageless:
        # people create the pages of a compose once it is announced
        return delivery_again(
            answer.impossible[pageless[0]],
            attempts=delivery.attempts,
            first_delay=PAGE_DELAY,
            unsure=False,
        )
    refused = dict.fromkeys(answer.refused[cell] for cell in cells if cell in answer.refused)
    if refused:
        return Parked("; ".join(refused))
    reasons = dict.fromkeys(answer.impossible[cell] for cell in cells if cell in answer.impossible)
    reason = "; ".join(reasons) or None
    if reason and all(cell in answer.impossible for cell in cells):
        return Skipped(reason)
    return Delivered(PASS, reason=reason)
