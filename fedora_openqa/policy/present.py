"""What is tested or waits at present, and why: from the store and what openQA was seen to do."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median

from fedora_openqa.model.deliveries import Absence
from fedora_openqa.model.forecast import Asked, BuildForecast, Drain, Took
from fedora_openqa.model.now import Capacity, ClassCapacity, Now, Present, Stage
from fedora_openqa.model.openqa_load import Observed, WorkerStatus
from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.model.stories import Pause
from fedora_openqa.policy.queue import STALE, WAITS_KEPT, is_stale

#: who asked for a build that is no subject of the store
OTHERS = "a person or another tool"

#: who asked for a subject without a message
SWEEP = "a sweep, or a person"

#: why nothing is said when what openQA does was not read lately
NOT_LATELY = "what openQA does was not read in the last five minutes"
NEVER_READ = "what openQA does was never read: openqa.watch reads it, in a process with workers"

#: ranks of stages in lists
ORDER = (Stage.RUNNING, Stage.WAITING, Stage.UNPOSTED)


def present(
    observed: Observed,
    *,
    asked: Mapping[str, Asked],
    done: Mapping[str, int],
    wanted: Iterable[Asked],
    pauses: Sequence[Pause],
    paused: Mapping[str, str],
    absences: Sequence[Absence],
    now: float,
) -> Now:
    """Return what is tested or waits.

    :param asked: build to its subject
    :param done: build to the number of its jobs that have ended
    :param wanted: subjects whose tests are not scheduled yet
    :param paused: lanes that the configuration pauses, to the reason
    """
    builds = forecasts_of(observed, now=now)
    forecast = observed.forecast.facts
    took = forecast.took if forecast and now - forecast.at <= STALE else {}
    in_openqa = [_of_build(one, asked.get(one.build), done.get(one.build, 0)) for one in builds]
    reasons = _Reasons(pauses, paused, absences, now)
    unposted = [_unposted(one, reasons, took.get(one.lane), now) for one in wanted]
    return Now(
        now=now,
        seen=observed.at,
        is_stale=is_stale(observed, now=now),
        errors=observed.errors or ((NEVER_READ,) if observed.at is None else ()),
        subjects=tuple(
            sorted(
                (*in_openqa, *unposted),
                key=lambda one: (ORDER.index(one.stage), one.since or 0.0, one.key or one.build),
            )
        ),
    )


def forecasts_of(observed: Observed, *, now: float) -> tuple[BuildForecast, ...]:
    """Return when the builds in openQA's queue will be done; an old forecast says why not."""
    forecast = observed.forecast.facts
    if forecast is None:
        return ()
    if now - forecast.at > STALE:
        return tuple(_unknown(one, NOT_LATELY) for one in forecast.builds)
    return forecast.builds


def _unknown(one: BuildForecast, why: str) -> BuildForecast:
    return replace(one, expected=None, not_before=None, usually_by=None, never=(), unknown=why)


def _of_build(one: BuildForecast, asked: Asked | None, done: int) -> Present:
    who = OTHERS
    if asked:
        who = f"message {asked.message_id}" if asked.message_id else SWEEP
    waits = sorted(one.waits.items(), key=lambda it: (-it[1], it[0]))
    return Present(
        key=asked.key if asked else "",
        build=one.build,
        stage=Stage.RUNNING if one.running else Stage.WAITING,
        asked_by=who,
        since=asked.asked if asked else one.since,
        waits=tuple(f"{reason} ({number})" for reason, number in waits),
        done=done,
        forecast=one,
    )


def _unposted(one: Asked, reasons: "_Reasons", took: Took | None, now: float) -> Present:
    held = reasons.held(one)
    return Present(
        key=one.key,
        build="",
        stage=Stage.UNPOSTED,
        asked_by=f"message {one.message_id}" if one.message_id else SWEEP,
        since=one.asked,
        waits=(held or reasons.of(one),),
        # nobody knows until when a lane is held
        forecast=_estimate(took, after=max(now, one.due)) if took and not held else None,
        due=one.due,
        attempts=one.attempts,
        last_error=one.last_error,
    )


def _estimate(took: Took, *, after: float) -> BuildForecast:
    """Return when a build will be done without jobs, as far as earlier builds of its kind say."""
    return BuildForecast(
        build="",
        not_before=after + took.least,
        usually_by=after + took.most,
        assumed=(f"it takes as long as {took.builds} builds of its kind in the last month",),
    )


class _Reasons:
    """Why the tests of subjects are not scheduled yet."""

    def __init__(
        self,
        pauses: Iterable[Pause],
        paused: Mapping[str, str],
        absences: Iterable[Absence],
        now: float,
    ) -> None:
        self._paused = {
            lane: f"lane {lane} is paused by the configuration: {reason}"
            for lane, reason in paused.items()
        }
        self._paused |= {
            it.lane: f"lane {it.lane} is paused by {it.by}: {it.reason}"
            for it in pauses
            if it.until is None or it.until > now
        }
        self._away = {it.lane: it.error for it in absences if it.until > now}
        self._now = now

    def held(self, one: Asked) -> str:
        """Return why the lane of a subject waits; empty: it does not."""
        if one.leased_by:
            return ""
        for lane in (ALL_LANES, one.lane):
            if lane in self._paused:
                return self._paused[lane]
        return f"its service is away: {self._away[one.lane]}" if one.lane in self._away else ""

    def of(self, one: Asked) -> str:
        """Return why a subject waits whose lane does not."""
        if one.leased_by:
            return "its tests are being scheduled"
        if one.due > self._now:
            return f"it is tried again later: {one.last_error or 'it is not due yet'}"
        return "it is due, and waits for a worker of ours"


def capacity(observed: Observed, *, now: float) -> Capacity:
    """Return the workers by what jobs need, and what waits for them."""
    workers, jobs = observed.workers.facts or (), observed.jobs
    names = {",".join(job.classes) for job in jobs}
    names |= {name for worker in workers for name in worker.classes}
    names |= (observed.waits.facts or {}).keys()
    forecast = observed.forecast.facts
    drains = forecast.drains if forecast and now - forecast.at <= STALE else {}
    return Capacity(
        now=now,
        seen=observed.at,
        is_stale=is_stale(observed, now=now),
        errors=observed.errors or ((NEVER_READ,) if observed.at is None else ()),
        classes=tuple(_of_class(name, observed, drains.get(name), now) for name in sorted(names)),
        lost=tuple(
            sorted((it for it in workers if not it.is_online), key=lambda it: (it.status, it.name))
        ),
        counts=observed.counts.facts,
        listed=sum(not job.runs for job in jobs),
        series=observed.series.facts or (),
    )


def _of_class(name: str, observed: Observed, drain: Drain | None, now: float) -> ClassCapacity:
    wanted = frozenset(name.split(","))
    able = [it for it in observed.workers.facts or () if wanted <= frozenset(it.classes)]
    jobs = [job for job in observed.jobs if ",".join(job.classes) == name]
    waiting = [job for job in jobs if not job.runs and job.blocked_by is None]
    running = sum(job.runs for job in jobs)
    waits = [
        one.seconds
        for one in (observed.waits.facts or {}).get(name, ())
        if now - one.at < WAITS_KEPT
    ]
    return ClassCapacity(
        name=name,
        online=sum(it.is_online for it in able),
        busy=sum(it.status == WorkerStatus.RUNNING for it in able),
        broken=sum(it.status == WorkerStatus.BROKEN for it in able),
        dead=sum(it.status == WorkerStatus.DEAD for it in able),
        running=running,
        waiting=len(waiting),
        blocked=len(jobs) - running - len(waiting),
        oldest=min((job.since for job in waiting), default=None),
        usual_wait=median(waits) if waits else None,
        drain=drain,
    )
