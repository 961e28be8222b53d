"""How each action of a person is planned and done; see `actions`.

Knows ports, never gateways.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    FedoraOpenQAError,
    SubjectError,
)
from fedora_openqa.model.acting import FAILURES, LeftOut, Only, Order, Plan, PlannedJob, Wish
from fedora_openqa.model.failures import Decision, FailureCluster
from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.reruns import Rerun, RerunRequest, Selection
from fedora_openqa.model.spelling import lane_named
from fedora_openqa.model.work import Change, Ignored
from fedora_openqa.policy.failure_names import reason_not_to_name
from fedora_openqa.policy.history import history_of
from fedora_openqa.policy.reruns import requests_for
from fedora_openqa.policy.wanted import change_of
from fedora_openqa.workflows.acting import Record, conclude
from fedora_openqa.workflows.actions import Deed
from fedora_openqa.workflows.failures import FailureDesk
from fedora_openqa.workflows.lanes import Lanes
from fedora_openqa.workflows.release import Releaser
from fedora_openqa.workflows.requesting import Requesting
from fedora_openqa.workflows.rerun import Reruns

#: runs whose durations are looked at
RUNS = 20

#: builds whose jobs are restarted for one cause: openQA is asked once for each
MOST_BUILDS = 20

#: digits of the id of a job, at most
ID_SIZE = 18

#: scenarios whose durations are looked at: a page is not to read without end
MOST_SCENARIOS = 100


@dataclass(frozen=True, slots=True)
class Rerunning(Deed):
    """Restarts jobs of a subject, or of failures with one cause."""

    #: opens what restarts jobs; raises `ConfigError` without an API key
    reruns: Callable[[], Reruns]
    history: ports.JobHistory
    desk: FailureDesk

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = Plan(
            wish=wish, target=wish.target, effect="openQA makes a copy of each job and runs it"
        )
        try:
            selections = self._select(wish)
        except (ConfigError, SubjectError) as exc:
            return replace(plan, obstacle=str(exc))
        jobs = [job for one in selections for job in (*one.jobs, *one.along)]
        usual = self._usual(jobs)
        along = {job.id for one in selections for job in one.along}
        return replace(
            plan,
            target=plan.target if _is_cluster(wish) else selections[0].build,
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
        if not _is_cluster(wish):
            return (reruns.select(_request(wish)),)
        cluster = _cluster(self.desk, wish.target.removeprefix(FAILURES))
        if len(cluster.builds) > MOST_BUILDS:
            raise SubjectError(
                f"{len(cluster.builds)} builds have these failures:"
                f" fedora-openqa rerun --cluster {cluster.id} restarts them"
            )
        return tuple(map(reruns.select, requests_for(cluster, RerunRequest(subject=""))))

    def _usual(self, jobs: Collection[Job]) -> Mapping[Scenario, float]:
        """Return the seconds that scenarios usually run, by the stored jobs; not of all."""
        found = {}
        for scenario in list(dict.fromkeys(map(_scenario, jobs)))[:MOST_SCENARIOS]:
            usual = history_of(scenario, self.history.runs(scenario, most=RUNS)).usual
            if usual is not None:
                found[scenario] = usual
        return found


@dataclass(frozen=True, slots=True)
class Releasing(Deed):
    """Tries a parked item again."""

    releaser: Releaser

    @override
    def plan(self, wish: Wish) -> Plan:
        return _plan_parked(self.releaser, wish, "it is tried again, now")

    @override
    def perform(self, order: Order, record: Record) -> None:
        effect = replace(self.releaser, by=order.who).release(order.wish.target)
        record.done(f"released: {effect}")


@dataclass(frozen=True, slots=True)
class Dropping(Deed):
    """Skips a parked item."""

    releaser: Releaser

    @override
    def plan(self, wish: Wish) -> Plan:
        return _plan_parked(self.releaser, wish, "it is skipped, and not tried again")

    @override
    def perform(self, order: Order, record: Record) -> None:
        replace(self.releaser, by=order.who).drop(order.wish.target)
        record.done("dropped")


@dataclass(frozen=True, slots=True)
class Pausing(Deed):
    """Stops a lane."""

    lanes: Lanes

    @override
    def plan(self, wish: Wish) -> Plan:
        ends = "until it is resumed" if wish.seconds is None else "for a time"
        effect = f"nothing of it is scheduled or sent {ends}; messages are stored and wait"
        return _plan_lane(wish, effect)

    @override
    def perform(self, order: Order, record: Record) -> None:
        lanes = replace(self.lanes, by=order.who)
        lane = lane_named(order.wish.target)
        lanes.pause(lane, reason=order.reason, seconds=order.wish.seconds)
        record.done("paused")


@dataclass(frozen=True, slots=True)
class Resuming(Deed):
    """Lets a lane go on."""

    lanes: Lanes

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = _plan_lane(wish, "what waits in it is due at once")
        if plan.obstacle or self.lanes.is_paused(plan.target):
            return plan
        return replace(plan, obstacle=f"{plan.target} is not paused by a person")

    @override
    def perform(self, order: Order, record: Record) -> None:
        if self.lanes.resume(lane_named(order.wish.target)):
            record.done("resumed")
        else:
            record.nothing("it was not paused")


@dataclass(frozen=True, slots=True)
class Wanting(Deed):
    """Stores that a compose or an update is wanted."""

    requesting: Requesting

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = Plan(
            wish=wish,
            target=wish.target,
            effect="a worker schedules it, as after a message about it",
        )
        try:
            wanted = self.requesting.wanted(wish.target, again=wish.force)
        except (SubjectError, ConfigError) as exc:
            return replace(plan, obstacle=str(exc))
        if isinstance(wanted, Ignored):
            return replace(plan, obstacle=wanted.reason)
        known = self.requesting.inbox.known([wanted.key]).get(wanted.key)
        same = change_of(wanted, known) is Change.NOTHING
        obstacle = "it is stored already: it waits, or is done" if same else None
        return replace(plan, target=wanted.key, obstacle=obstacle)

    @override
    def perform(self, order: Order, record: Record) -> None:
        wanted = self.requesting.wanted(order.wish.target, again=order.wish.force)
        if isinstance(wanted, Ignored):
            record.nothing(wanted.reason)
        elif self.requesting.inbox.want(wanted, message_id=None) is Change.NOTHING:
            record.nothing("it was stored already")
        else:
            record.done("wanted: a worker schedules it")


@dataclass(frozen=True, slots=True)
class Naming(Deed):
    """Gives failures with one cause a title and a bug."""

    desk: FailureDesk

    @override
    def plan(self, wish: Wish) -> Plan:
        plan = Plan(wish=wish, target=wish.target, effect="")
        try:
            cluster = _cluster(self.desk, wish.target)
        except SubjectError as exc:
            return replace(plan, obstacle=str(exc))
        note = cluster.note
        return replace(
            plan,
            target=str(cluster.id),
            effect=f"{len(cluster.runs)} jobs of {len(cluster.builds)} builds, and those that fail"
            " with them later, get this title and bug; no result changes",
            named=(note.title, note.bug) if note else ("", ""),
            obstacle=reason_not_to_name(wish.title, wish.bug),
        )

    @override
    def perform(self, order: Order, record: Record) -> None:
        wish = order.wish
        said = f"title: {wish.title or 'none'}; bug: {wish.bug or 'none'}"
        decision = Decision(said, title=wish.title, bug=wish.bug)
        replace(self.desk, by=order.who).decide(_cluster(self.desk, wish.target), decision)
        record.done(said)


def _request(wish: Wish) -> RerunRequest:
    return RerunRequest(
        subject=wish.target,
        failed=wish.only is Only.FAILED,
        incomplete=wish.only is Only.INCOMPLETE,
    )


def _is_cluster(wish: Wish) -> bool:
    return wish.target.startswith(FAILURES)


def _cluster(desk: FailureDesk, text: str) -> FailureCluster:
    """Return the failures with the job of an id that a person sent.

    Raises:
        SubjectError: it is no id, or there are no such failures.
    """
    if not (text.isascii() and text.isdecimal()) or len(text) > ID_SIZE:
        raise SubjectError(f"{text!r} is not the id of a job")
    return desk.find(int(text))


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


def _plan_parked(releaser: Releaser, wish: Wish, effect: str) -> Plan:
    try:
        parked = releaser.parked(wish.target)
    except SubjectError as exc:
        return Plan(wish=wish, target=wish.target, effect=effect, obstacle=str(exc))
    why = f"; it was parked: {parked.reason}" if parked.reason else ""
    return Plan(wish=wish, target=parked.key, effect=effect + why)


def _plan_lane(wish: Wish, effect: str) -> Plan:
    try:
        lane = lane_named(wish.target)
    except ValueError as exc:
        return Plan(wish=wish, target=wish.target, effect=effect, obstacle=str(exc))
    return Plan(wish=wish, target=lane, effect=effect)


def _scenario(job: Job) -> Scenario:
    return Scenario(job.test, job.flavor, job.arch, job.machine)


def _short(job: Job) -> str:
    return f"{job.test}@{job.machine}"
