"""When the jobs of a queue end, if each takes a known time: openQA's scheduler, played through.

As of lib/OpenQA/Scheduler/Model/Jobs.pm: by priority and id, jobs that run side by side begin
together, others after their parents, and a worker takes a job if it has all its classes.
"""

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from fedora_openqa.model.openqa_load import QueuedJob, Worker

#: seconds that a job which takes longer than known is given at least, and its share of the known
LEAST_LEFT, SHARE_LEFT = 300.0, 0.25

#: seconds between two turns of openQA's scheduler, in each of which jobs that could not all begin
#: together gain a point of priority; with none left the workers are kept free for them
TURN = 20.0

Classes: TypeAlias = tuple[str, ...]


@dataclass(eq=False, slots=True)
class _Unit:
    """A job, or jobs that begin together."""

    jobs: tuple[QueuedJob, ...]
    #: number of jobs that must end before
    open: int = 0
    #: since when it could not begin for lack of a second worker; None: it was not its turn yet
    short_since: float | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Its place in the queue."""
        return min((job.priority, job.id) for job in self.jobs)

    @property
    def needs(self) -> tuple[Classes, ...]:
        """The classes of a worker for each job."""
        return tuple(job.classes for job in self.jobs)


@dataclass(slots=True)
class Simulation:
    """The course of a queue."""

    jobs: Sequence[QueuedJob]
    workers: Iterable[Worker]
    #: id of a job to the seconds that it takes
    seconds: Mapping[int, float]
    now: float
    _ends: dict[int, float] = field(default_factory=dict, init=False)
    #: classes of workers to the number of those that are free
    _free: Counter[Classes] = field(default_factory=Counter, init=False)
    #: the time at which a job ends, and the classes of the worker that is free then
    _events: list[tuple[float, int, int, Classes | None]] = field(default_factory=list, init=False)
    #: of events at the same time
    _order: Iterator[int] = field(default_factory=itertools.count, init=False)
    #: what can begin, by its needs: openQA's order
    _ready: dict[tuple[Classes, ...], list[tuple[tuple[int, int], _Unit]]] = field(
        default_factory=lambda: defaultdict(list), init=False
    )
    #: id of a job to what waits for it
    _after: dict[int, list[_Unit]] = field(default_factory=lambda: defaultdict(list), init=False)
    _fitting: dict[Classes, tuple[Classes, ...]] = field(default_factory=dict, init=False)
    _kinds: tuple[Classes, ...] = field(default=(), init=False)

    def ends(self) -> Mapping[int, float]:
        """Return when each job ends; a job for which there are no workers is left out."""
        online = [worker for worker in self.workers if worker.is_online]
        # the least able worker that fits is taken first
        self._kinds = tuple(sorted({one.classes for one in online}, key=lambda it: (len(it), it)))
        self._run_on(online)
        self._queue()
        self._assign(self.now)
        while self._events:
            time = self._events[0][0]
            while self._events and self._events[0][0] <= time:
                _, _, job, classes = heapq.heappop(self._events)
                self._end(time, job, classes)
            self._assign(time)
        return self._ends

    def _run_on(self, online: Sequence[Worker]) -> None:
        """Plan the ends of the jobs that run, and free the other workers."""
        classes = {one.id: one.classes for one in online}
        by_worker: dict[int | None, list[QueuedJob]] = defaultdict(list)
        for job in self.jobs:
            if job.runs:
                by_worker[job.worker_id].append(job)
        for worker, jobs in by_worker.items():
            at = self.now
            # those of one worker run one after the other
            for job in sorted(jobs, key=lambda it: (it.started is None, it.started, it.id)):
                at = self._end_of(job, after=at if worker is not None else self.now)
                self._plan(at, job.id, None)
            self._plan(at, 0, classes.get(worker or -1))
        self._free.update(one.classes for one in online if one.id not in by_worker)

    def _end_of(self, job: QueuedJob, *, after: float) -> float:
        takes = self.seconds[job.id]
        if job.started is None:
            return after + takes
        end = job.started + takes
        return end if end > self.now else self.now + max(LEAST_LEFT, SHARE_LEFT * takes)

    def _queue(self) -> None:
        """Put what waits in order."""
        waiting = {job.id: job for job in self.jobs if not job.runs}
        in_queue = {job.id for job in self.jobs}
        for unit in map(_Unit, _together(waiting)):
            ours = {job.id for job in unit.jobs}
            before = {it for job in unit.jobs for it in _parents(job)} & in_queue - ours
            unit.open = len(before)
            for parent in before:
                self._after[parent].append(unit)
            if not before:
                self._add(unit)

    def _add(self, unit: _Unit) -> None:
        heapq.heappush(self._ready[unit.needs], (unit.place, unit))

    def _end(self, time: float, job: int, classes: Classes | None) -> None:
        """End a job, or free a worker."""
        if classes is not None:
            self._free[classes] += 1
        if job:
            self._ends[job] = time
            for unit in self._after.pop(job, ()):
                unit.open -= 1
                if not unit.open:
                    self._add(unit)

    def _assign(self, now: float) -> None:
        """Begin what can begin, in openQA's order."""
        free = +self._free
        heads = [(queue[0][0], needs) for needs, queue in self._ready.items() if queue]
        heapq.heapify(heads)
        while heads and free.total():
            _, needs = heapq.heappop(heads)
            queue = self._ready[needs]
            unit = queue[0][1]
            taken = self._pick(needs, free)
            if len(taken) == len(needs):
                heapq.heappop(queue)
                self._begin(unit, taken, now)
                free.subtract(taken)
                if queue:
                    heapq.heappush(heads, (queue[0][0], needs))
            elif taken:
                if unit.short_since is None:
                    unit.short_since = now
                if now - unit.short_since >= TURN * unit.place[0] / len(taken):
                    # kept for it
                    free.subtract(taken)

    def _pick(self, needs: Sequence[Classes], free: Mapping[Classes, int]) -> list[Classes]:
        """Return the workers for some jobs; fewer than jobs: not all can begin."""
        taken: list[Classes] = []
        for need in needs:
            fits = (it for it in self._fit(need) if free.get(it, 0) > taken.count(it))
            if (fit := next(fits, None)) is None:
                break
            taken.append(fit)
        return taken

    def _fit(self, need: Classes) -> tuple[Classes, ...]:
        if need not in self._fitting:
            wanted = frozenset(need)
            self._fitting[need] = tuple(it for it in self._kinds if wanted <= frozenset(it))
        return self._fitting[need]

    def _begin(self, unit: _Unit, taken: Sequence[Classes], now: float) -> None:
        self._free.subtract(taken)
        for job, classes in zip(unit.jobs, taken, strict=True):
            self._plan(now + self.seconds[job.id], job.id, classes)

    def _plan(self, time: float, job: int, classes: Classes | None) -> None:
        """Note the end of a job, and of the work of its worker."""
        heapq.heappush(self._events, (time, next(self._order), job, classes))


def _parents(job: QueuedJob) -> tuple[int, ...]:
    return job.parents if job.blocked_by is None else (*job.parents, job.blocked_by)


def _together(waiting: Mapping[int, QueuedJob]) -> Iterator[tuple[QueuedJob, ...]]:
    """Yield the jobs that begin together, by their ids."""
    seen: set[int] = set()
    beside: dict[int, set[int]] = defaultdict(set)
    for job in waiting.values():
        for other in job.parallel:
            beside[job.id].add(other)
            beside[other].add(job.id)
    for first in sorted(waiting):
        if first in seen:
            continue
        found, todo = {first}, [first]
        while todo:
            new = {it for it in beside[todo.pop()] if it in waiting} - found
            found |= new
            todo.extend(new)
        seen |= found
        yield tuple(waiting[it] for it in sorted(found))
