"""When builds are done, and when it was said that they would be: back-tests on made-up history.

``python -m bench.forecast`` plays weeks of a queue with workers, failures and restarts, asks for a
forecast whenever a build was posted, and compares it with its end; then it does so for builds of
the sandbox, whose openQA is watched (`bench.forecast_sandbox`).

``python -m bench.forecast FILE…`` does so for recorded answers of openQA's ``GET jobs?build=…``, a
build each, the oldest first: durations are those of the files before, and workers as many as ran at
once in the file itself, which flatters.
"""

import sys
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec

from bench.forecast_sandbox import back_test_sandbox
from fedora_openqa.gateways.openqa.shapes import JobsShape, as_job
from fedora_openqa.model.forecast import Durations, Prediction
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import JobState
from fedora_openqa.model.openqa_load import QueuedJob, Worker, WorkerStatus
from fedora_openqa.policy.forecast import COMPARED_FOR, RUNS, durations_of, forecast, spreads_of
from fedora_openqa.policy.history import stored_job
from fedora_openqa.policy.queue import queued_job
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.sandbox.made_causes import DAY
from fedora_openqa.sandbox.made_history import SLOTS, make_history
from fedora_openqa.sandbox.made_shapes import MadeHistory, MadeJob, shape_of

END = 1_790_000_000.0

#: seconds without a job that waits or runs after which a build is done: one look at openQA
QUIET = 60.0

#: jobs in 60 days, how busy the workers would be in the mean, and what that is called
SITES = ((20_000, 0.4, "calm"), (20_000, 1.0, "busy"), (60_000, 1.4, "crowded"))


@dataclass(frozen=True)
class Times:
    """When a job of the history was made, began and ended."""

    made: MadeJob
    queued: QueuedJob

    @property
    def began(self) -> float:
        started = self.made.job.started
        return float("inf") if started is None else started

    @property
    def ended(self) -> float:
        finished = self.made.job.finished
        return float("inf") if finished is None else finished


class Past:
    """How long tests ran, as known at a time."""

    def __init__(self, jobs: Iterable[StoredJob]) -> None:
        self._ends: dict[Scenario, list[float]] = defaultdict(list)
        self._runs: dict[Scenario, list[StoredJob]] = defaultdict(list)
        passed = (job for job in jobs if job.is_ok and job.seconds is not None)
        for job in sorted(passed, key=lambda it: it.finished or 0.0):
            self._ends[job.scenario].append(job.finished or 0.0)
            self._runs[job.scenario].append(job)

    def at(self, time: float, scenarios: Iterable[Scenario]) -> Mapping[Scenario, Durations]:
        found = {}
        for scenario in set(scenarios):
            count = bisect_left(self._ends[scenario], time)
            if known := durations_of(self._runs[scenario][max(count - RUNS, 0) : count]):
                found[scenario] = known
        return found


def queued(made: MadeJob, parallel: Mapping[int, tuple[int, ...]]) -> QueuedJob:
    beside = parallel.get(made.job.id, ())
    return QueuedJob(
        id=made.job.id,
        build=made.job.build,
        scenario=made.job.scenario,
        state=JobState.SCHEDULED,
        priority=made.priority,
        classes=(made.job.worker_class,),
        parents=tuple(it for it in made.parents if it not in beside),
        parallel=beside,
        since=made.created,
    )


def beside(history: MadeHistory) -> Mapping[int, tuple[int, ...]]:
    """Return the jobs that run side by side: made together, one the other's parent."""
    jobs = {one.job.id: one for one in history.jobs}
    found: dict[int, tuple[int, ...]] = {}
    for one in history.jobs:
        for parent in one.parents[-1:]:
            other = jobs.get(parent)
            if other and parent == one.job.id - 1 and other.job.started == one.job.started:
                found[one.job.id], found[parent] = (parent,), (one.job.id,)
    return found


def posts(history: MadeHistory) -> Iterator[tuple[float, str]]:
    """Yield when a build was posted, or posted again; restarts are no post."""
    seen = set()
    for one in history.jobs:
        is_copy = one.job.origin_id not in (0, one.job.id)
        if not is_copy and (one.created, one.job.build) not in seen:
            seen.add((one.created, one.job.build))
            yield one.created, one.job.build


def end_after(time: float, jobs: Sequence[Times]) -> float | None:
    """Return when nothing of a build waits or runs any more; None: it does at the end."""
    end = time
    for one in sorted(jobs, key=lambda it: it.made.created):
        if one.made.created > end + QUIET:
            break
        if one.ended >= time:
            end = max(end, one.ended)
    return None if end == float("inf") else end


def back_test(history: MadeHistory, *, start: float) -> tuple[list[Prediction], float]:
    """Return a prediction for each post with its end, and the seconds of the slowest forecast."""
    parallel = beside(history)
    times = [Times(one, queued(one, parallel)) for one in history.jobs]
    by_build: dict[str, list[Times]] = defaultdict(list)
    for one in times:
        by_build[one.made.job.build].append(one)
    by_creation = sorted(times, key=lambda it: it.made.created)
    past = Past(one.job for one in history.jobs)
    workers = [
        Worker(number, f"{host}:{slot}", WorkerStatus.IDLE, (worker_class,))
        for number, (host, worker_class, slot) in enumerate(
            (
                (host, worker_class, slot)
                for host, worker_class in history.hosts.items()
                for slot in range(SLOTS)
            ),
            start=1,
        )
    ]
    said: list[Prediction] = []
    open_: list[Times] = []
    place, slowest = 0, 0.0
    for time, build in sorted(posts(history)):
        while place < len(by_creation) and by_creation[place].made.created <= time:
            open_.append(by_creation[place])
            place += 1
        open_ = [one for one in open_ if one.ended > time]
        if time < start:
            continue
        jobs = list(as_seen(open_, workers, time))
        kind = str(parse_name(build).kind or "")
        settled = [it for it in said if it.ended and it.ended <= time <= it.at + COMPARED_FOR]
        begun = perf_counter()
        seen = forecast(
            jobs,
            workers,
            known=past.at(time, (job.scenario for job in jobs)),
            spreads=spreads_of(settled),
            kind_of={build: kind},
            now=time,
        )
        slowest = max(slowest, perf_counter() - begun)
        it = next((it for it in seen.builds if it.build == build), None)
        ended = end_after(time, by_build[build])
        if it and it.expected is not None and it.not_before is not None and ended:
            said.append(
                Prediction(
                    build, 1, build, kind, time, it.expected, it.not_before, it.usually_by, ended
                )
            )
    return said, slowest


def as_seen(open_: Iterable[Times], workers: Sequence[Worker], time: float) -> Iterator[QueuedJob]:
    """Yield the queue at a time; who runs what is dealt out by class."""
    free: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for worker in workers:
        free[worker.classes].append(worker.id)
    for one in open_:
        if one.began > time:
            yield one.queued
            continue
        ids = free[one.queued.classes]
        yield replace(
            one.queued,
            state=JobState.RUNNING,
            started=one.began,
            worker_id=ids.pop() if ids else None,
        )


def report(name: str, said: Sequence[Prediction]) -> None:
    """Print how good predictions were, by kind."""
    print(f"{name:<22} builds  bounded  in range  later  sooner  error p50  p80  p90")
    for kind in sorted({one.kind for one in said}):
        some = [one for one in said if one.kind == kind]
        ratios = sorted(one.ratio or 0.0 for one in some)
        bounded = [one for one in some if one.usually_by is not None]
        ends = Counter(
            "sooner"
            if (one.ended or 0.0) < one.not_before
            else "later"
            if (one.ended or 0.0) > (one.usually_by or 0.0)
            else "in range"
            for one in bounded
        )
        total = len(bounded) or 1
        quantiles = [ratios[min(int(len(ratios) * q), len(ratios) - 1)] for q in (0.5, 0.8, 0.9)]
        width = (
            median(
                ((one.usually_by or 0.0) - one.at) / max(one.not_before - one.at, 60.0)
                for one in bounded
            )
            if bounded
            else 0.0
        )
        print(
            f"  {kind or 'other':<20} {len(some):>6} {len(bounded):>8}"
            + "".join(f"{ends[it] / total:>9.1%}" for it in ("in range", "later", "sooner"))
            + "".join(f"{it:>7.2f}" for it in quantiles)
            + f"   usually by / not before {width:.2f}"
        )


def of_files(files: Sequence[str]) -> None:
    """Print what would have been said of recorded builds at their first start, and their ends."""
    earlier: list[StoredJob] = []
    print("build                           jobs  known  workers  expected  took  ratio (minutes)")
    for file in files:
        shapes = msgspec.json.decode(Path(file).read_bytes(), type=JobsShape).jobs
        jobs = [one for one in map(as_job, shapes) if one.started and one.finished]
        stored = [stored_job(one) for one in jobs]
        start = min(one.started or 0.0 for one in stored)
        known = Past(earlier).at(start, (one.scenario for one in stored))
        first = [one for one, job in zip(stored, jobs, strict=True) if job.origin_id is None]
        queue = [
            replace(queued_job(one, since=start), state=JobState.SCHEDULED, started=None)
            for one in jobs
            # that it would be restarted was not known
            if one.origin_id is None
        ]
        classes = Counter(one.classes for one in queue)
        numbers = {kind: at_once(first, queue, kind) for kind in classes}
        workers = [
            Worker(number, str(number), WorkerStatus.IDLE, kind)
            for number, kind in enumerate(Counter(numbers).elements(), start=1)
        ]
        builds = forecast(queue, workers, known=known, spreads={}, kind_of={}, now=start).builds
        said = max((it.expected for it in builds if it.expected), default=None)
        took = (max(one.finished or 0.0 for one in stored) - start) / 60
        expected = (said - start) / 60 if said else 0.0
        of_known = sum(one.scenario in known for one in stored)
        ratio = f"{took / expected:.2f}" if expected else "no duration is known"
        print(
            f"{stored[0].build[:30]:<30} {len(stored):>5} {of_known:>6} {len(workers):>8}"
            f" {expected:>9.0f} {took:>5.0f}  {ratio}"
        )
        earlier += stored


def at_once(jobs: Sequence[StoredJob], queue: Sequence[QueuedJob], classes: Sequence[str]) -> int:
    """Return how many jobs of a class ran at the same time at most."""
    some = [one for one, it in zip(jobs, queue, strict=True) if it.classes == classes]
    return max(
        sum((it.started or 0.0) <= (one.started or 0.0) < (it.finished or 0.0) for it in some)
        for one in some
    )


def main(files: Sequence[str] = ()) -> None:
    """Print the back-tests."""
    if files:
        of_files(files)
        return
    for jobs, busy, name in SITES:
        said: list[Prediction] = []
        slowest = 0.0
        for seed in range(3):
            shape = replace(shape_of(jobs, end=END, days=60.0, seed=seed), busy=busy)
            some, seconds = back_test(make_history(shape), start=shape.start + 10 * DAY)
            said += some
            slowest = max(slowest, seconds)
        report(f"{name} ({busy:.0%} busy)", said)
        print(f"  slowest forecast {slowest * 1000:.0f} ms")
    report("the sandbox", [one for seed in range(2) for one in back_test_sandbox(seed)])


if __name__ == "__main__":
    main(sys.argv[1:])
