"""When builds of the sandbox are done, and when it was said: its own templates, watched as openQA.

Builds of a compose and of updates are posted to the sandbox's openQA, whose jobs workers run in
simulated time, some of them failing. openQA is watched, forecasts and their ends are stored, as in
a deployment. `bench.forecast` prints the result.
"""

import heapq
import itertools
import random
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.gateways.http.transport import Limits
from fedora_openqa.gateways.openqa.api import RestOpenQA
from fedora_openqa.gateways.openqa.credentials import KEY_VARIABLES
from fedora_openqa.gateways.openqa.load import LoadReader
from fedora_openqa.model.forecast import Prediction
from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import Job, JobState
from fedora_openqa.model.openqa_load import QueuedJob
from fedora_openqa.model.products import Product
from fedora_openqa.model.work import Wanted
from fedora_openqa.policy.history import stored_job
from fedora_openqa.policy.queue import queued_job
from fedora_openqa.sandbox.openqa.workers import Run
from fedora_openqa.sandbox.running import WORKERS, Sandbox
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.forecasts import Forecasts
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.forecasting import Forecasting
from fedora_openqa.workflows.watch import Watch
from tests.support.watched import lookout_of

START = 1_790_000_000.0
HOUR, MINUTE = 3600.0, 60.0

#: builds of each kind, and hours between two of all, in the mean
BUILDS, APART = 40, 1.5

#: simulated seconds between two looks
LOOKS = 20 * MINUTE

#: share of the jobs that fail
FAILING = 0.02

LIMITS = Limits(
    connect_timeout=10.0, read_timeout=60.0, total_timeout=60.0, attempts=1, max_bytes=100_000_000
)


@dataclass
class Clock:
    """The simulated time."""

    now: float = START

    def __call__(self, _connection: Connection) -> float:
        return self.now


@dataclass
class Course:
    """The simulated time of one sandbox."""

    sandbox: Sandbox
    folder: Path
    rng: random.Random
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        engine = open_engine(f"sqlite:///{self.folder}/store.db")
        self.load = LoadReader(Reader(LIMITS), self.sandbox.url)
        keys = dict(zip(KEY_VARIABLES, (self.sandbox.key, self.sandbox.secret), strict=True))
        self.openqa = RestOpenQA(self.sandbox.url, limits=LIMITS, post_timeout=60.0, environ=keys)
        self.history = JobHistory(engine, clock=self.clock)
        self.forecasts = Forecasts(engine, clock=self.clock)
        self.subjects = Subjects(engine, clock=self.clock)
        snapshots = Snapshots(engine, clock=self.clock)
        self.watch = Watch(
            self.load,
            snapshots,
            self.history,
            lookout_of(engine, self.sandbox.url, "bench", clock=self.clock),
            seen=Forecasting(self.forecasts, snapshots).update,
        )
        #: when a job ends, or something else happens
        self.events: list[tuple[float, int, str, int]] = []
        self.order = itertools.count()
        self.idle = {number: set(it[2].split(",")) for number, it in enumerate(WORKERS, start=1)}
        self.runs: dict[int, tuple[int, Job, float]] = {}
        self.usual: dict[Scenario, float] = {}
        self.posted: dict[int, tuple[str, str]] = {}

    def at(self, time: float, what: str, number: int = 0) -> None:
        heapq.heappush(self.events, (time, next(self.order), what, number))

    def run(self) -> tuple[Prediction, ...]:
        """Return what was said of builds, with their ends."""
        time = START
        for number in range(2 * BUILDS):
            self.at(time, "post", number)
            time += self.rng.uniform(0.5, 1.5) * APART * HOUR
        last = time
        self.at(START + LOOKS, "look")
        while self.events:
            self.clock.now, _, what, number = heapq.heappop(self.events)
            if what == "post":
                self.post(number)
            elif what == "end":
                self.end(number)
            else:
                self.watch.look()
                if what == "look" and (self.runs or self.clock.now < last):
                    self.at(self.clock.now + LOOKS, "look")
                continue
            self.assign()
        return self.forecasts.settled(since=0.0)

    def post(self, number: int) -> None:
        """Schedule a build, and store that it was."""
        if number % 2:
            alias = f"FEDORA-2026-{number:010x}"
            key, build, flavor = f"update:{alias}", f"Update-{alias}", "updates-server"
            version, more = "43", {"ADVISORY_OR_TASK": alias}
        else:
            day = datetime.fromtimestamp(self.clock.now, tz=UTC)
            build = f"Fedora-Rawhide-{day:%Y%m%d}.n.{number}"
            key, flavor, version, more = f"compose:{build}", "Server-dvd-iso", "Rawhide", {}
        settings = {"DISTRI": "fedora", "VERSION": version, "FLAVOR": flavor, "ARCH": "x86_64"}
        settings |= {"BUILD": build, "ISO": "x.iso", **more}
        self.openqa.post_product(Product(flavor, "x86_64", settings))
        lane = key.partition(":")[0]
        self.subjects.remember(Wanted(key=key, lane=lane, request={}), reason="scheduled")
        self.at(self.clock.now + MINUTE, "look once", number)

    def assign(self) -> None:
        """Let idle workers begin what waits, as openQA's scheduler."""
        jobs = {job.id: job for job in self.load.waiting()}
        queue = {it: queued_job(job, since=0.0) for it, job in jobs.items()}
        seen: set[int] = set()
        for one in sorted(queue.values(), key=lambda it: (it.priority, it.id)):
            together = cluster(one, queue)
            if one.id in seen or any(it.blocked_by for it in together):
                continue
            seen |= {it.id for it in together}
            taken: dict[int, int] = {}
            workers = list(self.idle)
            self.rng.shuffle(workers)
            for it in together:
                fit = (w for w in workers if w not in taken and set(it.classes) <= self.idle[w])
                if (worker := next(fit, None)) is None:
                    break
                taken[worker] = it.id
            if len(taken) == len(together):
                for worker, job in taken.items():
                    self.begin(jobs[job], worker)

    def begin(self, job: Job, worker: int) -> None:
        now = datetime.fromtimestamp(self.clock.now, tz=UTC).replace(tzinfo=None)
        self.sandbox.with_workers(lambda it: it.begin(job.id, worker, started=now))
        del self.idle[worker]
        scenario = stored_job(job).scenario
        if scenario not in self.usual:
            self.usual[scenario] = 15 * MINUTE * self.rng.lognormvariate(0.0, 0.6)
        seconds = self.usual[scenario] * self.rng.lognormvariate(0.0, 0.15)
        fails = self.rng.random() < FAILING
        end = self.clock.now + seconds * (self.rng.random() if fails else 1.0)
        self.runs[job.id] = (worker, replace(job, started=now), end if fails else 0.0)
        self.at(end, "end", job.id)

    def end(self, number: int) -> None:
        """End a job, and remember what a message, and a reporter that reads its build, say."""
        worker, job, failed = self.runs.pop(number)
        self.idle[worker] = set(WORKERS[worker - 1][2].split(","))
        result = "failed" if failed else "passed"
        self.sandbox.with_workers(lambda it: it.run(number, Run(result=result)))
        ended = [replace(stored_job(job), state="done", result=result, finished=self.clock.now)]
        if failed:
            ended += [
                replace(stored_job(it), finished=self.clock.now)
                for it in self.openqa.jobs_for_build(job.build)
                if it.state == JobState.CANCELLED
            ]
        self.history.remember(ended)


def cluster(one: QueuedJob, queue: dict[int, QueuedJob]) -> Sequence[QueuedJob]:
    """Return the jobs that wait and run beside one, with it."""
    beside: dict[int, set[int]] = defaultdict(set)
    for it in queue.values():
        for other in it.parallel:
            beside[it.id].add(other)
            beside[other].add(it.id)
    found, todo = {one.id}, [one.id]
    while todo:
        new = {it for it in beside[todo.pop()] if it in queue} - found
        found |= new
        todo += new
    return [queue[it] for it in sorted(found)]


def back_test_sandbox(seed: int) -> tuple[Prediction, ...]:
    """Return what was said of the sandbox's builds, with their ends."""
    with tempfile.TemporaryDirectory() as folder, Sandbox() as sandbox:
        return Course(sandbox, Path(folder), random.Random(seed)).run()  # noqa: S311 - no secret
