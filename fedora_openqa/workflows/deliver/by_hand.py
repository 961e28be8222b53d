"""Delivers jobs that a person names: at once, without a store, and waits for the sinks."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import (
    PermanentError,
    ServiceUnavailableError,
    SubjectError,
    TemporaryError,
)
from fedora_openqa.model.deliveries import (
    CellEnd,
    Delivered,
    Delivery,
    DeliveryState,
    DeliveryStep,
    Later,
    ManualDelivery,
    Parked,
    Skipped,
    WikiAnswer,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.results import Result
from fedora_openqa.model.wiki import WikiEvent, WikiPass
from fedora_openqa.model.work import Away, Step
from fedora_openqa.policy.contents import (
    Content,
    content_of,
    content_of_job,
    is_of_other_content,
)
from fedora_openqa.policy.lineage import Runs, newest_jobs
from fedora_openqa.policy.results import others_to_report, was_ended_by_another
from fedora_openqa.policy.subject_names import parse_build
from fedora_openqa.policy.wiki_passes import needs_siblings
from fedora_openqa.workflows.deliver.gathering import gather_build, gather_runs
from fedora_openqa.workflows.deliver.memory import MemoryLedger
from fedora_openqa.workflows.deliver.resultsdb import ResultsDBReporting
from fedora_openqa.workflows.deliver.wiki import WikiReporting

#: an outcome that no sink has: makes a workflow check the sink first
UNKNOWN = "?"

#: rounds until deliveries that a sink does not answer are left to the person
MOST_ROUNDS = 6

#: longest wait for another try, in seconds
LONGEST_PAUSE = 120.0

#: delivers the due deliveries of a build to a sink
Deliver = Callable[[str, ports.DeliveryLedger], Step]


@dataclass(slots=True)
class WatchedWiki(ports.Wiki):
    """`fedora_openqa.ports.Wiki` that remembers the end of each cell."""

    wiki: ports.Wiki
    ends: dict[WikiPass, CellEnd] = field(default_factory=dict)

    @override
    def file(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        answer = self.wiki.file(passes, events)
        for cell, end in answer.ends.items():
            # a pass that is filed in one round is known in the next
            if cell not in self.ends or not self.ends[cell].is_there:
                self.ends[cell] = end
        return answer

    @override
    def look(self, passes: Sequence[WikiPass], events: Mapping[str, WikiEvent]) -> WikiAnswer:
        return self.wiki.look(passes, events)


@dataclass(frozen=True, slots=True)
class Selected:
    """The jobs of a command, the oldest first."""

    jobs: tuple[Job, ...]
    #: these jobs and the others that were read of their builds, by id
    known: Mapping[int, Job]


@dataclass(frozen=True, slots=True)
class ByHand:
    """Selects jobs and delivers them."""

    openqa: ports.Runs
    bodhi: ports.Bodhi
    #: open the delivery to a sink, when it is needed
    resultsdb: Callable[..., ResultsDBReporting]
    wiki: Callable[..., WikiReporting]
    #: returns the time, seconds since 1970
    clock: Callable[[], float]
    #: waits so many seconds
    sleep: Callable[[float], None]
    #: called with the number of jobs done, and of all
    progress: Callable[[int, int], None] = field(default=lambda _done, _all: None)

    def deliver_resultsdb(self, selected: Selected, *, dry_run: bool) -> tuple[ManualDelivery, ...]:
        """Deliver jobs to ResultsDB, or only return the results that would be sent."""
        reporting = self.resultsdb(dry_run=dry_run)
        decided = decide_results(selected, reporting, bodhi=self.bodhi)
        if dry_run:
            return decided
        return with_ends(decided, self._deliver_decided(selected, decided, reporting.report))

    def deliver_wiki(self, selected: Selected, *, dry_run: bool) -> tuple[ManualDelivery, ...]:
        """Deliver jobs to the wiki, or only return the passes that would be filed."""
        reporting = self.wiki(dry_run=dry_run)
        decided = decide_passes(selected, reporting)
        if dry_run:
            return decided
        wiki = WatchedWiki(reporting.wiki)
        deliver = replace(reporting, wiki=wiki).report
        return with_ends(decided, self._deliver_decided(selected, decided, deliver), wiki.ends)

    def _deliver_decided(
        self, selected: Selected, decided: Iterable[ManualDelivery], deliver: Deliver
    ) -> Mapping[int, Delivery]:
        wanted = {one.job_id for one in decided if one.is_delivered}
        return self.deliver([job for job in selected.jobs if job.id in wanted], deliver)

    def select(self, targets: Sequence[str]) -> Selected:
        """Read jobs by their ids, and the newest of whole builds; each once.

        Includes jobs that openQA cancelled because of a named one: no message names them.

        :param targets: job ids; or ids or URLs of subjects, or BUILDs of openQA

        Raises:
            SubjectError: openQA has no such job, or none of such a build.
            RequestRefusedError, ServiceUnavailableError: openQA does not answer.
        """
        ids = [int(target) for target in targets if target.isdecimal()]
        known = dict(gather_runs(self.openqa, ids))
        missing = [str(job_id) for job_id in ids if job_id not in known]
        if missing:
            raise SubjectError(f"openQA has no job {', '.join(missing)}")
        found = {job_id: known[job_id] for job_id in ids}
        last = tuple(found.values())
        while others := {other for job in last for other in others_to_report(job)} - found.keys():
            known |= gather_runs(self.openqa, others)
            last = tuple(
                known[other]
                for other in others
                if other in known and was_ended_by_another(known[other])
            )
            found |= {job.id: job for job in last}
        for target in [target for target in targets if not target.isdecimal()]:
            build = parse_build(target)
            jobs = self.openqa.jobs_for_build(build)
            if not jobs:
                raise SubjectError(f"openQA has no jobs of {build}")
            known |= {job.id: job for job in jobs}
            found |= {job.id: job for job in newest_jobs(jobs)}
        return Selected(tuple(found[job_id] for job_id in sorted(found)), known)

    def deliver(self, jobs: Sequence[Job], deliver: Deliver) -> Mapping[int, Delivery]:
        """Deliver jobs to a sink, build by build, and return their deliveries by job id.

        A result that was sent without an answer is looked for, and sent again if it is not there.

        Raises:
            ConfigError: the deployment is wrong.
            PermanentError, TemporaryError: openQA or the sink does not answer.
        """
        ends: dict[int, Delivery] = {}
        builds: dict[str, list[Job]] = {}
        for job in jobs:
            builds.setdefault(job.build, []).append(job)
        for build, members in builds.items():
            ledger = MemoryLedger(self.clock, {str(job.id): _unknown(job) for job in members})
            for _round in range(MOST_ROUNDS):
                step = deliver(build, ledger)
                self.progress(len(ends) + len(members) - len(ledger.pending()), len(jobs))
                if isinstance(step, Away):
                    raise ServiceUnavailableError(step.error)
                waiting = [row.due for row in ledger.pending()]
                pause = min(waiting, default=math.inf) - self.clock()
                if pause > LONGEST_PAUSE:
                    break
                self.sleep(max(pause, 0.0))
            ends |= {int(item): row for item, row in ledger.rows.items()}
        return ends


def decide_results(
    selected: Selected, reporting: ResultsDBReporting, *, bodhi: ports.Bodhi
) -> tuple[ManualDelivery, ...]:
    """Return the results of jobs for ResultsDB; one that fails delays no other.

    A job that tested other builds than its update has now is skipped: gating is about the
    present builds.
    """
    told = []
    contents = _Contents(bodhi)
    runs = Runs(selected.known)
    for job in selected.jobs:
        decided = reporting.decide(_unknown(job), runs)
        if not isinstance(decided, Result):
            told.append(ManualDelivery(job.id, skip=_reason(decided)))
            continue
        try:
            if reason := contents.reason_against(job):
                told.append(ManualDelivery(job.id, skip=reason))
            else:
                told.append(ManualDelivery(job.id, body=reporting.resultsdb.prepare(decided).body))
        except (PermanentError, TemporaryError) as exc:
            told.append(ManualDelivery(job.id, failure=str(exc)))
    return tuple(told)


@dataclass(frozen=True, slots=True)
class _Contents:
    """The present contents of updates; Bodhi is asked once for each."""

    bodhi: ports.Bodhi
    known: dict[str, Content | PermanentError | TemporaryError] = field(default_factory=dict)

    def reason_against(self, job: Job) -> str | None:
        """Return why a job is not about the present content of its update; None: it is.

        Raises:
            PermanentError, TemporaryError: Bodhi does not answer.
        """
        advisory = job.settings.get("ADVISORY")
        if not advisory or content_of_job(job) is None:
            return None
        if advisory not in self.known:
            try:
                self.known[advisory] = content_of(self.bodhi.load(advisory).nvrs)
            except (PermanentError, TemporaryError) as exc:
                self.known[advisory] = exc
        content = self.known[advisory]
        if isinstance(content, Exception):
            raise content
        if is_of_other_content(job, content):
            return f"it tested other builds than {advisory} has now"
        return None


def decide_passes(selected: Selected, reporting: WikiReporting) -> tuple[ManualDelivery, ...]:
    """Return the passes of jobs for the wiki; raises as `gather_build`."""
    told = []
    builds: dict[str, Mapping[int, Job]] = {}
    runs = Runs(selected.known)
    for job in selected.jobs:
        if needs_siblings(job, reporting.tables) and job.build not in builds:
            builds[job.build], _jobs = gather_build(reporting.openqa, job.build, [])
        siblings = builds.get(job.build, {})
        decided = reporting.decide(_unknown(job), siblings=siblings, runs=runs)
        if isinstance(decided, Skipped):
            told.append(ManualDelivery(job.id, skip=decided.reason))
        else:
            told.append(ManualDelivery(job.id, cells=decided))
    return tuple(told)


def with_ends(
    told: Iterable[ManualDelivery],
    deliveries: Mapping[int, Delivery],
    cells: Mapping[WikiPass, CellEnd] = MappingProxyType({}),
) -> tuple[ManualDelivery, ...]:
    """Add the ends of deliveries, and of the cells that jobs pass."""
    return tuple(_with_end(one, deliveries.get(one.job_id), cells) for one in told)


def _with_end(
    told: ManualDelivery, delivery: Delivery | None, cells: Mapping[WikiPass, CellEnd]
) -> ManualDelivery:
    ends = {cell: cells[cell] for cell in told.cells if cell in cells}
    told = replace(told, delivery=delivery, ends=ends)
    if ends or delivery is None or delivery.state is DeliveryState.DELIVERED:
        return told
    if delivery.state is DeliveryState.SKIPPED:
        return replace(told, skip=delivery.reason)
    reason = delivery.reason or delivery.last_error or "no service answered"
    return replace(told, failure=reason)


def _reason(step: DeliveryStep) -> str:
    match step:
        case Later(_delay, error):
            return error
        case Delivered(told):
            return told
        case Skipped(reason) | Parked(reason):
            return reason


def _unknown(job: Job) -> Delivery:
    return Delivery(item=str(job.id), number=1, state=DeliveryState.PENDING, sending=UNKNOWN)
