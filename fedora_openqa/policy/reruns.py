"""Reruns: selects the jobs to restart, estimates their time, compares openQA's answer."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from fedora_openqa.model.failures import FailureCluster
from fedora_openqa.model.jobs import NOT_COMPLETE_RESULTS, Job, JobResult, JobState
from fedora_openqa.model.reruns import (
    Estimate,
    NotRestarted,
    Rerun,
    RerunRequest,
    RestartAnswer,
    Selection,
)
from fedora_openqa.policy.clusters import Relatives
from fedora_openqa.policy.durations import usual_durations
from fedora_openqa.policy.flavors import PREFIX
from fedora_openqa.policy.subject_names import parse_build
from fedora_openqa.texts import first_line

#: results of the jobs that ``--failed`` restarts. A *skipped* job is restarted along with the
#: job it waited for, and a cancelled one was cancelled on purpose
FAILED_RESULTS = NOT_COMPLETE_RESULTS | {JobResult.FAILED, JobResult.PARALLEL_FAILED}

#: characters of openQA's errors that are quoted for a job that no error names
REASON_SIZE = 500

#: a job in openQA's errors
NAMED_JOB = re.compile(r"(?:job|parent) ([0-9]+)", re.IGNORECASE)


def select_jobs(jobs: Iterable[Job], request: RerunRequest) -> Selection:
    """Select the jobs to restart, and the relatives that openQA restarts along with them.

    :param jobs: all jobs of the build, also those that have a copy
    """
    build = parse_build(request.subject)
    relatives = Relatives(jobs)
    newest = _newest(relatives.jobs.values())
    wanted = [job for job in newest if _asked_for(job, request)]
    pending = [job for job in wanted if job.is_pending]
    held = []
    roots: dict[int, int] = {}
    for job in wanted:
        if job.is_pending:
            continue
        root = relatives.root(job.id)
        if reason := _reason_to_wait(relatives, root):
            held.append(NotRestarted(job, reason))
        else:
            roots[job.id] = root
    asked_as = _asked_as(set(roots.values()), relatives)
    for id_, root in roots.items():
        if id_ not in asked_as:
            other = f"job {root}, which it waits for, is restarted with job {asked_as[root]}"
            held.append(
                NotRestarted(relatives.jobs[id_], f"{other}, and openQA copies no job twice")
            )
    return Selection(
        build=build,
        jobs=tuple(relatives.jobs[id_] for id_ in roots if id_ in asked_as),
        along=tuple(relatives.jobs[id_] for id_ in asked_as if id_ not in roots),
        asked_as=asked_as,
        held=tuple(held),
        pending=len(pending),
        renewed=_renewed(relatives.jobs.values(), newest, set(request.jobs)),
        reason=None if roots or held else _reason_for_none(build, newest, len(pending)),
        is_known=bool(newest),
    )


def requests_for(cluster: FailureCluster, request: RerunRequest) -> list[RerunRequest]:
    """Return for each build of some failures the request of its jobs; the first that failed first.

    :param request: what else is asked for
    """
    return [
        replace(
            request,
            subject=build,
            jobs=tuple(run.job.id for run in cluster.runs if run.job.build == build),
        )
        for build in cluster.builds
    ]


def estimate(jobs: Collection[Job], history: Iterable[Job]) -> Estimate:
    """Return the time that jobs usually take: the median of each test.

    :param history: passed jobs of the same flavors and arches, of any build
    """
    usual = usual_durations(jobs, history).values()
    return Estimate(
        total=sum(usual, start=timedelta()),
        longest=max(usual, default=timedelta()),
        unknown=len(jobs) - len(usual),
    )


def conclude(selection: Selection, answer: RestartAnswer) -> Rerun:
    """Return the copies of the selected jobs, and why others were not restarted."""
    copies = _final_copies(answer.copies)
    for job_id, asked in selection.asked_as.items():
        # a dry run has no copies, and does not name the jobs that are restarted along
        if asked in copies and copies[asked] is None:
            copies[job_id] = None
    refused = [
        NotRestarted(job, _reason_not_restarted(job, selection.asked_as[job.id], answer.errors))
        for job in selection.jobs
        if job.id not in copies
    ]
    return Rerun(
        copies=copies,
        refused=selection.held + tuple(refused),
        warnings=answer.warnings,
        enforceable=answer.enforceable and bool(refused),
    )


def _newest(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """Return the newest job of each scenario, unless it has a copy in another build."""
    by_scenario: dict[str, Job] = {}
    for job in sorted(jobs, key=lambda job: job.id):
        # the name is made of distri, version, flavor, arch, build, test and machine
        by_scenario[job.name] = job
    return tuple(job for job in by_scenario.values() if job.clone_id is None)


def _asked_for(job: Job, request: RerunRequest) -> bool:
    flavors = {_plain(flavor) for flavor in request.flavors}
    return (
        (not request.failed or (job.state == JobState.DONE and job.result in FAILED_RESULTS))
        and (not request.incomplete or job.result in NOT_COMPLETE_RESULTS)
        and (not flavors or _plain(job.flavor) in flavors)
        and (not request.tests or job.test in request.tests)
        and (not request.arches or job.arch in request.arches)
        and (not request.machines or job.machine in request.machines)
        and (not request.jobs or job.id in request.jobs)
    )


def _renewed(
    jobs: Iterable[Job], newest: Iterable[Job], wanted: Collection[int]
) -> tuple[int, ...]:
    """Return the wanted jobs whose scenario has a newer job that is not wanted."""
    present = {job.name: job.id for job in newest}
    return tuple(
        job.id
        for job in jobs
        if job.id in wanted and present.get(job.name) not in (job.id, *wanted)
    )


def _plain(flavor: str) -> str:
    return flavor.lower().removeprefix(PREFIX)


def _reason_to_wait(relatives: Relatives, root: int) -> str | None:
    """Return why openQA cannot, or should not yet, restart a job; None: it can."""
    for id_ in sorted(relatives.cluster(root).members):
        job = relatives.jobs[id_]
        if job.is_pending:
            return f"job {id_}, which would be restarted along, is {job.state}"
        if job.clone_id is not None:
            return f"job {id_}, which it needs, was restarted without it as job {job.clone_id}"
    return None


def _asked_as(roots: Collection[int], relatives: Relatives) -> dict[int, int]:
    """Return for each restarted job the job that is sent to openQA.

    If a parent and its child are both sent, openQA 4.6 restarts the child and then both, or
    refuses the parent; their order is not defined. So a job that is restarted along with
    another one is not sent.
    """
    clusters = {root: relatives.cluster(root).members for root in roots}
    asked_as: dict[int, int] = {}
    for root in sorted(roots, key=lambda root: (-len(clusters[root]), root)):
        if root not in asked_as:
            for id_ in clusters[root]:
                asked_as.setdefault(id_, root)
    return dict(sorted(asked_as.items()))


def _reason_for_none(build: str, newest: Collection[Job], pending: int) -> str:
    if not newest:
        return f"openQA has no jobs of build {build}"
    if pending:
        return f"all such jobs of {build} wait or run"
    return f"no such job among the {len(newest)} of {build}"


def _final_copies(copies: Mapping[int, int | None]) -> dict[int, int | None]:
    """Return the last copy of each job; one is copied twice if both its parents are restarted."""
    final: dict[int, int | None] = {}
    for old in copies.keys() - set(copies.values()):
        new = copies[old]
        # a copy is newer than its original: any other pair was misunderstood, and could be a cycle
        while new is not None and (copies.get(new) or 0) > new:
            new = copies[new]
        final[old] = new
    return dict(sorted(final.items()))


def _reason_not_restarted(job: Job, asked: int, errors: Sequence[str]) -> str:
    for error in errors:
        named = set(map(int, NAMED_JOB.findall(error)))
        if named & {job.id, asked, *job.parents}:
            return error
    return first_line("; ".join(errors), size=REASON_SIZE) or (
        "openQA does not say why: the job may have changed just now"
    )
