"""When builds will be done, and why their jobs wait: from the queue, the workers and history."""

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from fedora_openqa.model.forecast import BuildForecast, Drain, Durations, Forecast, Prediction, Took
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.openqa_load import QueuedJob, Worker, WorkerStatus
from fedora_openqa.policy.history import LONG, quantile
from fedora_openqa.policy.simulation import Simulation

#: share of the builds that were done sooner than *not before* says, and of those that were done
#: by what *usually by* would be if tests took their usual time
SOONER, USUALLY = 0.05, 0.8

#: builds of a kind that must be compared before *usually by* is said
LEAST_COMPARED = 10

#: seconds that a build is compared for
COMPARED_FOR = 30 * 86_400.0

#: the newest passed runs of a test that its duration is taken from, and runs that are read for it
RUNS, READ_RUNS = 20, 40

#: tests without a known duration that are named
MOST_ASSUMED = 10

#: why a build is never done whose own jobs have workers
BEFORE_NEVER = "a job of another build that it waits for never runs"

#: why nothing is said
NO_DURATION = "no duration of any test is known"


def durations_of(runs: Iterable[StoredJob]) -> Durations | None:
    """Return how long a test runs that passes; None: no run did whose duration is known.

    :param runs: the newest first
    """
    passed = (run.seconds for run in runs if run.is_ok and run.seconds is not None)
    known = sorted(itertools.islice(passed, RUNS))
    usual, long = quantile(known, 0.5), quantile(known, LONG)
    return None if usual is None or long is None else Durations(usual, long)


class Spread(NamedTuple):
    """What builds took, as a share of what was expected."""

    #: one of twenty took less
    least: float
    #: four of five did not take more
    most: float


def spreads_of(predictions: Iterable[Prediction]) -> Mapping[str, Spread]:
    """Return what builds took by kind of subject; kinds with too few builds are left out."""
    ratios = ((one.kind, one.ratio) for one in predictions)
    return {
        kind: Spread(_share(values, SOONER), _share(values, USUALLY))
        for kind, values in _by_kind(ratios).items()
    }


def took_by(predictions: Iterable[Prediction]) -> Mapping[str, Took]:
    """Return the seconds that builds took, as `spreads_of`."""
    seconds = ((one.kind, None if one.ended is None else one.ended - one.at) for one in predictions)
    return {
        kind: Took(_share(values, SOONER), _share(values, USUALLY), len(values))
        for kind, values in _by_kind(seconds).items()
    }


def _by_kind(values: Iterable[tuple[str, float | None]]) -> Mapping[str, Sequence[float]]:
    """Return sorted values by kind, without what is not known; kinds with too few are left out."""
    found: dict[str, list[float]] = defaultdict(list)
    for kind, value in values:
        if value is not None:
            found[kind].append(value)
    return {kind: sorted(some) for kind, some in found.items() if len(some) >= LEAST_COMPARED}


def _share(values: Sequence[float], share: float) -> float:
    return values[math.ceil(share * len(values)) - 1]


@dataclass(frozen=True, slots=True)
class Known:
    """How long tests run."""

    by_scenario: Mapping[Scenario, Durations]

    def of(self, jobs: Iterable[QueuedJob]) -> tuple[dict[int, Durations], dict[int, str]] | None:
        """Return the durations of jobs, and the tests of those that are assumed.

        None: no duration is known.
        """
        by_flavor: dict[str, list[Durations]] = defaultdict(list)
        for scenario, one in self.by_scenario.items():
            by_flavor[scenario.flavor].append(one)
            by_flavor[""].append(one)
        if not by_flavor:
            return None
        typical = {
            flavor: Durations(median(it.usual for it in some), median(it.long for it in some))
            for flavor, some in by_flavor.items()
        }
        found: dict[int, Durations] = {}
        assumed: dict[int, str] = {}
        for job in jobs:
            known = self.by_scenario.get(job.scenario)
            if known is None:
                known = typical.get(job.scenario.flavor) or typical[""]
                assumed[job.id] = f"{job.scenario.test} on {job.scenario.flavor}"
            found[job.id] = known
        return found, assumed


def forecast(
    jobs: Sequence[QueuedJob],
    workers: Collection[Worker],
    *,
    known: Mapping[Scenario, Durations],
    spreads: Mapping[str, Spread],
    kind_of: Mapping[str, str],
    now: float,
) -> Forecast:
    """Return when each build in a queue will be done.

    :param known: how long tests run
    :param spreads: as of `spreads_of`
    :param kind_of: build to the kind of its subject; builds of no subject are left out
    """
    durations = Known(known).of(jobs)
    by_build: dict[str, list[QueuedJob]] = defaultdict(list)
    for job in jobs:
        by_build[job.build].append(job)
    usual: Mapping[int, float] = {}
    long: Mapping[int, float] = {}
    if durations:
        usual, long = (
            Simulation(
                jobs,
                workers,
                {job: getattr(it, name) for job, it in durations[0].items()},
                now,
            ).ends()
            for name in ("usual", "long")
        )
    free = _Workers(workers)
    return Forecast(
        at=now,
        builds=tuple(
            _of_build(
                build,
                some,
                usual=usual,
                long=long,
                assumed=durations[1] if durations else None,
                spread=spreads.get(kind_of.get(build, "")),
                workers=free,
                now=now,
            )
            for build, some in sorted(by_build.items())
        ),
        drains=_drains(jobs, durations[0], usual=usual, long=long, workers=free)
        if durations
        else {},
    )


def _drains(
    jobs: Iterable[QueuedJob],
    durations: Mapping[int, Durations],
    *,
    usual: Mapping[int, float],
    long: Mapping[int, float],
    workers: "_Workers",
) -> Mapping[str, Drain]:
    """Return, by the classes that waiting jobs need, when the last of them begins.

    :param usual: id of a job to its end, if all tests take their usual time
    :param long: the same, if they take long
    """
    waiting: dict[str, list[QueuedJob]] = defaultdict(list)
    for job in jobs:
        if not job.runs:
            waiting[",".join(job.classes)].append(job)
    drains: dict[str, Drain] = {}
    for name, some in waiting.items():
        if never := workers.why_never(job for job in some if job.id not in usual):
            drains[name] = Drain(never=never)
            continue
        soonest = max(usual[job.id] - durations[job.id].usual for job in some)
        latest = max(long[job.id] - durations[job.id].long for job in some)
        drains[name] = Drain(soonest, max(soonest, latest))
    return drains


def _of_build(
    build: str,
    jobs: Sequence[QueuedJob],
    *,
    usual: Mapping[int, float],
    long: Mapping[int, float],
    assumed: Mapping[int, str] | None,
    spread: Spread | None,
    workers: "_Workers",
    now: float,
) -> BuildForecast:
    waiting = [job for job in jobs if not job.runs]
    expected = not_before = latest = usually_by = None
    never: tuple[str, ...] = ()
    if assumed is not None:
        never = workers.why_never(job for job in jobs if job.id not in usual)
    if assumed is not None and not never:
        expected = not_before = max(usual[job.id] for job in jobs)
        latest = max(expected, *(long[job.id] for job in jobs))
        if spread is not None:
            not_before = now + (expected - now) * min(spread.least, 1.0)
            usually_by = max(now + (latest - now) * spread.most, expected)
    return BuildForecast(
        build=build,
        expected=expected,
        long=latest,
        not_before=not_before,
        usually_by=usually_by,
        never=never,
        unknown=NO_DURATION if assumed is None else "",
        assumed=tuple(
            sorted({assumed[job.id] for job in jobs if job.id in assumed})[:MOST_ASSUMED]
            if assumed
            else ()
        ),
        waits=Counter(workers.why(job) for job in waiting),
        running=len(jobs) - len(waiting),
        waiting=len(waiting),
        priority=min((job.priority for job in waiting), default=None),
        since=min(job.since for job in jobs),
        oldest=min(
            (job.started for job in jobs if job.runs and job.started is not None), default=None
        ),
        classes=tuple(sorted({name for job in jobs for name in job.classes})),
    )


class _Workers:
    """Why jobs wait for workers."""

    def __init__(self, workers: Iterable[Worker]) -> None:
        every = list(workers)
        self._known = [frozenset(one.classes) for one in every]
        self._online = [frozenset(one.classes) for one in every if one.is_online]
        self._idle = [frozenset(one.classes) for one in every if one.status == WorkerStatus.IDLE]

    def missing(self, classes: Sequence[str]) -> str:
        """Return why no worker takes a job of some classes; empty: one does, when it is free."""
        wanted = frozenset(classes)
        name = ",".join(classes)
        if not any(wanted <= one for one in self._known):
            return f"no worker has class {name}"
        if not any(wanted <= one for one in self._online):
            return f"no worker of class {name} is online"
        return ""

    def why_never(self, stuck: Iterable[QueuedJob]) -> tuple[str, ...]:
        """Return why jobs never run as things are, each reason once; empty: there are no jobs."""
        reasons = {self.never(job) for job in stuck}
        return tuple(sorted(reasons - {""})) or (BEFORE_NEVER,) * bool(reasons)

    def never(self, job: QueuedJob) -> str:
        """Return why a job never runs as things are; empty: a job before it never does."""
        if reason := self.missing(job.classes):
            return reason
        if job.parallel:
            return f"too few workers of class {','.join(job.classes)} are online to run it at once"
        return ""

    def why(self, job: QueuedJob) -> str:
        """Return why a job waits."""
        if job.blocked_by is not None:
            return "another job must end before"
        if reason := self.missing(job.classes):
            return reason
        name = ",".join(job.classes)
        if job.reason:
            return job.reason
        if any(frozenset(job.classes) <= one for one in self._idle):
            return f"a worker of class {name} is free: openQA will begin it soon"
        return f"workers of class {name} are busy"
