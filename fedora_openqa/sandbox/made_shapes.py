"""How much job history is made up, and what comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.sandbox.made_causes import DAY, Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What is made up."""

    #: seconds since the epoch
    start: float
    end: float
    #: when it ends, if that is before all that is planned; None: with the plan
    stop: float | None = None
    seed: int = 0
    #: number of scenarios of a compose, and of an update
    scenarios: int = 100
    update_scenarios: int = 40
    #: number of builds
    composes: int = 60
    updates: int = 200
    #: share of the scenarios that fail at random
    flaky: float = 0.06
    #: the least and the greatest probability that such a scenario fails
    flake_range: tuple[float, float] = (0.04, 0.3)
    #: share of the scenarios that break and heal again and again
    toggling: float = 0.03
    #: the least and the most days that such a scenario is broken
    broken_days: tuple[float, float] = (2.0, 6.0)
    #: probability that any job fails once without a lasting cause
    noise: float = 0.002
    #: share of the failures that are tried again on the same build
    retried: float = 0.6
    #: share of the updates that are broken; half of them are edited
    broken: float = 0.04
    #: share of the updates whose tests are asked for again
    again: float = 0.06
    #: regressions of a version in 30 days
    regressions: float = 8.0
    #: outages in 30 days
    outages: float = 3.0
    #: share of the time that workers are busy
    busy: float = 0.5


def shape_of(jobs: int, *, end: float, days: float = 90.0, seed: int = 0) -> Shape:
    """Return a shape with about a number of jobs: a quarter of composes, two composes a day."""
    composes = max(round(2 * days), 1)
    # restarts, and jobs that run beside others, come on top
    jobs = round(jobs * 0.88)
    scenarios = min(max(round(jobs / 4 / composes), 8), 600)
    of_update = min(max(jobs // 500, 8), 60)
    return Shape(
        start=end - days * DAY,
        end=end,
        seed=seed,
        scenarios=scenarios,
        update_scenarios=of_update,
        composes=composes,
        updates=max(round((jobs - composes * scenarios) / of_update / 1.1), 1),
    )


@dataclass(frozen=True, slots=True)
class MadeJob:
    """A job with what is known of it because it is made up."""

    job: StoredJob
    #: seconds since the epoch
    created: float
    #: why it failed, or did not run; None: it passed, waits, runs, or a person put an end to it
    cause: Cause | None
    #: the host of its worker; empty: it did not start
    host: str
    #: openQA's priority: the lowest runs first
    priority: int
    #: ids of jobs that it is chained after, or that run beside it as its parents
    parents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MadeHistory:
    """Made-up jobs with the causes of their failures."""

    #: in the order they ended; then those that run, and those that wait
    jobs: tuple[MadeJob, ...]
    causes: tuple[Cause, ...]
    #: scenarios that fail at random, to the probability
    flaky: Mapping[Scenario, float]
    #: scenarios that break and heal again and again
    toggling: frozenset[Scenario]
    #: host to the WORKER_CLASS of its workers, of which it has `SLOTS`
    hosts: Mapping[str, str]
