"""How a restart of jobs is planned and done for a person; see `actions`.

Knows ports, never gateways.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    NotFoundError,
    SubjectError,
)
from fedora_openqa.model.acting import FAILURES, JOBS, LeftOut, Only, Order, Plan, PlannedJob, Wish
from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.reruns import Rerun, RerunRequest, Selection
from fedora_openqa.policy.history import history_of
from fedora_openqa.policy.reruns import requests_for
from fedora_openqa.policy.subject_names import parse_build
from fedora_openqa.workflows.acting import Record, conclude
from fedora_openqa.workflows.actions import Deed, blocked
from fedora_openqa.workflows.failures import FailureDesk, id_named
from fedora_openqa.workflows.rerun import Reruns

#: runs whose durations are looked at
RUNS = 20

#: builds whose jobs are restarted at once: openQA is asked once for each
MOST_BUILDS = 20

#: scenarios whose durations are looked at: a page is not to read without end
MOST_SCENARIOS = 100


@dataclass(frozen=True, slots=True)
class Rerunning(Deed):
    """Restarts jobs of subjects, of failures with one cause, or those that are named."""

    #: opens what restarts jobs; raises `ConfigError` without an API key
    reruns: Callable[[], Reruns]
    history: ports.JobHistory
    lists: ports.SubjectLists
    desk: FailureDesk

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = Plan(
            wish=wish, target=wish.target, effect="openQA makes a copy of each job and runs it"
        )
        try:
            selections = self._select(wish)
        except (ConfigError, SubjectError) as exc:
            return blocked(plan, exc)
        jobs = [job for one in selections for job in (*one.jobs, *one.along)]
        usual = self._usual(jobs)
        along = {job.id for one in selections for job in one.along}
        return replace(
            plan,
            target=(
                wish.target
                if wish.target.startswith(FAILURES)
                else " ".join(one.build for one in selections)
            ),
            jobs=tuple(
                PlannedJob(
                    job.id,
                    _short(job),
                    f"{job.flavor} {job.arch}",
                    job.result if job.result != "none" else job.state,
                    usual.get(_scenario(job)),
                    along=job.id in along,
                )
                for job in jobs
            ),
            left_out=tuple(one for selection in selections for one in _left_out(selection)),
            obstacle=None if jobs else _obstacle(selections),
            is_known=any(one.is_known for one in selections),
        )

    @override
    def perform(self, order: Order, record: Record) -> None:
        reruns = self.reruns()
        # what has changed since it was planned is left out: jobs that run, or were restarted
        selections = self._select(order.wish)
        ended: list[Rerun] = []
        for selection in selections:
            if not selection.jobs:
                continue
            try:
                ended.append(reruns.restart(selection, force=order.wish.force))
            except FedoraOpenQAError as exc:
                if not ended:
                    raise
                conclude(record, _together(ended))
                raise AmbiguousWriteError(f"{record.outcome}; {selection.build}: {exc}") from exc
        if ended:
            conclude(record, _together(ended))
        else:
            record.nothing(f"nothing was restarted: {_obstacle(selections)}")

    def _select(self, wish: Wish) -> tuple[Selection, ...]:
        reruns = self.reruns()
        requests = tuple(self._requests(wish))
        if len(requests) > MOST_BUILDS:
            raise SubjectError(
                f"these are jobs of {len(requests)} builds, and {MOST_BUILDS} are asked about at"
                " most: fedora-openqa rerun restarts more"
            )
        return tuple(map(reruns.select, requests))

    def _requests(self, wish: Wish) -> Iterable[RerunRequest]:
        """Return what is asked of each build."""
        if wish.target.startswith(FAILURES):
            cluster = self.desk.find(id_named(wish.target.removeprefix(FAILURES)))
            return requests_for(cluster, RerunRequest(subject=""))
        if wish.target.startswith(JOBS):
            return self._requests_for_jobs(wish.target.removeprefix(JOBS).split(","))
        chosen = RerunRequest(
            subject="",
            failed=wish.only is Only.FAILED,
            incomplete=wish.only is Only.INCOMPLETE,
        )
        # a subject has several names
        builds = dict.fromkeys(map(parse_build, wish.target.split()))
        return [replace(chosen, subject=build) for build in builds]

    def _requests_for_jobs(self, ids: Iterable[str]) -> Iterable[RerunRequest]:
        builds: dict[str, list[int]] = {}
        for id_ in map(id_named, ids):
            found = self.lists.job(id_)
            if found is None:
                raise NotFoundError(f"the store does not know job {id_}")
            builds.setdefault(found.build, []).append(id_)
        return [RerunRequest(subject=build, jobs=tuple(ids)) for build, ids in builds.items()]

    def _usual(self, jobs: Collection[Job]) -> Mapping[Scenario, float]:
        """Return the seconds that scenarios usually run, by the stored jobs; not of all."""
        found = {}
        for scenario in list(dict.fromkeys(map(_scenario, jobs)))[:MOST_SCENARIOS]:
            usual = history_of(scenario, self.history.runs(scenario, most=RUNS)).usual
            if usual is not None:
                found[scenario] = usual
        return found


def _together(ended: Sequence[Rerun]) -> Rerun:
    return Rerun(
        {old: new for one in ended for old, new in one.copies.items()},
        refused=tuple(refused for one in ended for refused in one.refused),
    )


def _left_out(selection: Selection) -> tuple[LeftOut, ...]:
    held = [LeftOut(f"{one.job.id} {_short(one.job)}", one.reason) for one in selection.held]
    held += [LeftOut(str(job_id), "its scenario has a newer job") for job_id in selection.renewed]
    if selection.pending:
        held.append(LeftOut(f"{selection.pending} more", "wait or run"))
    return tuple(held)


def _obstacle(selections: Sequence[Selection]) -> str:
    reasons = dict.fromkeys(one.reason for one in selections if one.reason)
    return "; ".join(reasons) or "none of its jobs can be restarted now"


def _scenario(job: Job) -> Scenario:
    return Scenario(job.test, job.flavor, job.arch, job.machine)


def _short(job: Job) -> str:
    return f"{job.test}@{job.machine}"
