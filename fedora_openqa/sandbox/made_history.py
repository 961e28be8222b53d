"""Makes up the jobs of weeks with known causes of all failures: for measurements and a first look.

The same seed makes the same jobs. Builds are posted, their jobs wait for workers and run, failed
ones are restarted; `made_causes` says why jobs fail.
"""

import heapq
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TypedDict

from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import JobResult
from fedora_openqa.sandbox.made_causes import (
    DAY,
    HOUR,
    Cause,
    CauseKind,
    broken_update,
    flakes,
    happens,
    noise,
    outages,
    regressions,
    toggles,
)
from fedora_openqa.sandbox.made_names import (
    COMPOSE_VERSIONS,
    FIRST,
    SYSTEM_TESTS,
    UPDATE_VERSIONS,
    MadeScenario,
    compose_build,
    compose_scenarios,
    parent_of,
    update_build,
    update_scenarios,
)
from fedora_openqa.sandbox.made_shapes import MadeHistory, Shape
from fedora_openqa.sandbox.made_units import Build, End, Records, Unit

#: workers of a host
SLOTS = 8

#: priorities of composes and of updates; openQA runs the lowest first
COMPOSE_PRIORITY, UPDATE_PRIORITY = 30, 40

#: share of the jobs that a person cancels before they start
CANCELLED = 0.003

#: restarts of a job, at most
MOST_RETRIES = 2

#: seconds after which openQA ends a job
MAX_JOB_TIME = 7200.0


def make_history(shape: Shape) -> MadeHistory:
    """Return made-up jobs."""
    return _Making(shape).make()


class _Span(TypedDict):
    start: float
    end: float
    rng: random.Random


class _Making:
    """A walk through the time, from the first build to the end."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.rng = rng = random.Random(shape.seed)  # noqa: S311 - no secret
        self.of_compose = compose_scenarios(shape.scenarios, rng)
        self.of_update = update_scenarios(shape.update_scenarios, rng)
        self.hosts = dict(self._hosts())
        self.free: dict[str, list[str]] = defaultdict(list)
        for host, worker_class in self.hosts.items():
            self.free[worker_class].extend([host] * SLOTS)
        self.queues: dict[str, list[tuple[int, int, Unit]]] = defaultdict(list)
        self.events: list[tuple[float, int, Callable[[float], None]]] = []
        self.numbers = itertools.count()
        self.ids = itertools.count(3_000_001)
        #: build to what was queued of it
        self.waiting: dict[str, list[Unit]] = defaultdict(list)
        self.running: dict[int, Unit] = {}
        self.records = Records(rng)
        self.flaky = [*self._some(shape.flaky)]
        calm = {made.scenario for made in self.flaky}
        self.toggling = [one for one in self._some(shape.toggling) if one.scenario not in calm]
        self.causes: list[Cause] = []
        self.by_scenario: dict[Scenario, list[Cause]] = defaultdict(list)
        self.outages: list[Cause] = []

    def make(self) -> MadeHistory:
        self._draw_causes()
        self._plan()
        stop = self.shape.end if self.shape.stop is None else self.shape.stop
        while self.events and self.events[0][0] < stop:
            time, _, act = heapq.heappop(self.events)
            act(time)
        return MadeHistory(
            jobs=tuple(self.records.jobs(self.running.values(), self._waiting())),
            causes=tuple(self.causes),
            flaky={
                scenario: one.probability
                for one in self.causes
                if one.kind is CauseKind.FLAKE
                for scenario in one.scenarios
            },
            toggling=frozenset(made.scenario for made in self.toggling),
            hosts=self.hosts,
        )

    def _waiting(self) -> Iterator[Unit]:
        for units in self.waiting.values():
            yield from (unit for unit in units if unit.started is None and not unit.is_gone)

    def _hosts(self) -> Iterator[tuple[str, str]]:
        """Yield as many hosts of each class as the builds need."""
        seconds: dict[str, float] = defaultdict(float)
        for number, scenarios in (
            (self.shape.composes, self.of_compose),
            (self.shape.updates, self.of_update),
        ):
            for made in scenarios:
                seconds[made.worker_class] += number * made.usual * (2 if made.beside else 1)
        count = 0
        for worker_class, needed in sorted(seconds.items()):
            slots = needed / (self.shape.end - self.shape.start) / self.shape.busy
            for _ in range(max(-int(-slots // SLOTS), 1)):
                count += 1
                yield f"worker{count:02}.example.com", worker_class

    def _some(self, share: float) -> Iterator[MadeScenario]:
        for scenarios in (self.of_compose, self.of_update):
            yield from self.rng.sample(scenarios, max(round(share * len(scenarios)), 1))

    def _draw_causes(self) -> None:
        shape, rng = self.shape, self.rng
        every = 30 * DAY / shape.regressions
        start, end = shape.start, shape.end
        span: _Span = {"start": start, "end": end, "rng": rng}
        for name, scenarios, versions, pause in (
            ("compose", self.of_compose, COMPOSE_VERSIONS, every),
            # what is stable breaks less often
            ("update", self.of_update, UPDATE_VERSIONS, 4 * every),
        ):
            mine = [one for one in self.toggling if one in scenarios]
            for cause in itertools.chain(
                regressions(scenarios, versions, name=name, every=pause, **span),
                toggles(mine, versions, name=name, broken_days=shape.broken_days, **span),
            ):
                self._add(cause)
        for cause in flakes(self.flaky, probability=shape.flake_range, end=end, rng=rng):
            self._add(cause)
        number = round(shape.outages * (end - start) / 30 / DAY)
        self.outages = list(outages(number, sorted(self.hosts), **span))
        self.causes.extend(self.outages)

    def _add(self, cause: Cause) -> None:
        self.causes.append(cause)
        for scenario in cause.scenarios:
            self.by_scenario[scenario].append(cause)

    def _at(self, time: float, act: Callable[[float], None]) -> None:
        heapq.heappush(self.events, (time, next(self.numbers), act))

    def _plan(self) -> None:
        """Plan when builds are posted."""
        shape, rng = self.shape, self.rng
        apart = (shape.end - shape.start) / shape.composes
        respins: Counter[str] = Counter()
        for number in range(shape.composes):
            version = COMPOSE_VERSIONS[number % len(COMPOSE_VERSIONS)]
            time = shape.start + number * apart + rng.uniform(0.0, min(2 * HOUR, apart))
            day = compose_build(version, time, 0)
            build = Build(
                compose_build(version, time, respins[day]), version, time, COMPOSE_PRIORITY
            )
            respins[day] += 1
            self._at(time, partial(self._post, build, self.of_compose))
        for _ in range(shape.updates):
            time = rng.uniform(shape.start, shape.end)
            version = rng.choice(UPDATE_VERSIONS)
            build = Build(update_build(rng, time), version, time, UPDATE_PRIORITY)
            self._at(time, partial(self._post, build, self.of_update))
            edited = time + rng.uniform(0.5, 30.0) * HOUR
            is_broken = happens(rng, shape.broken)
            heals = is_broken and happens(rng, 0.5)
            if is_broken:
                until = edited if heals else shape.end
                self._add(
                    broken_update(self.of_update, build.name, posted=time, healed=until, rng=rng)
                )
            if heals or happens(rng, shape.again):
                again = replace(build, posted=edited)
                self._at(edited, partial(self._post, again, self.of_update))

    def _post(self, build: Build, scenarios: Sequence[MadeScenario], now: float) -> None:
        """Post a build; what waits of it from before is obsolete."""
        for unit in self.waiting.pop(build.name, ()):
            if unit.started is None:
                self._stop(unit, now, JobResult.OBSOLETED)
        firsts: dict[tuple[str, ...], Unit] = {}
        queued: list[Unit] = []
        for made in sorted(scenarios, key=lambda one: one.scenario.test != FIRST):
            unit = self._unit(build, made, now)
            self.waiting[build.name].append(unit)
            place = made.scenario[1:]
            if made.scenario.test == FIRST:
                firsts[place] = unit
            elif made.scenario.test in SYSTEM_TESTS and place in firsts:
                unit.after = firsts[place].ids
                firsts[place].children.append(unit)
                continue
            queued.append(unit)
        for unit in queued:
            self._queue(unit)
        for worker_class in list(self.queues):
            self._assign(worker_class, now)

    def _unit(self, build: Build, made: MadeScenario, now: float) -> Unit:
        both = (parent_of(made), made) if made.beside else (made,)
        ids = tuple(next(self.ids) for _ in both)
        return Unit(build=build, made=both, ids=ids, origins=ids, created=now)

    def _queue(self, unit: Unit) -> None:
        if happens(self.rng, CANCELLED):
            self._stop(unit, unit.created + HOUR * self.rng.random(), JobResult.USER_CANCELLED)
            return
        queue = self.queues[unit.made[0].worker_class]
        heapq.heappush(queue, (unit.build.priority, unit.ids[0], unit))

    def _assign(self, worker_class: str, now: float) -> None:
        """Start what waits, in openQA's order, as long as there are workers."""
        queue, free = self.queues[worker_class], self.free[worker_class]
        while queue:
            unit = queue[0][2]
            if not unit.is_gone:
                if len(free) < len(unit.made):
                    return
                self._start(unit, free, now)
            heapq.heappop(queue)

    def _start(self, unit: Unit, free: list[str], now: float) -> None:
        unit.started = now
        unit.hosts = tuple(free.pop(self.rng.randrange(len(free))) for _ in unit.made)
        self.running[unit.ids[0]] = unit
        ends = [self._end_of(unit, number) for number in range(len(unit.made))]
        bad = min((end for end in ends if end.cause), key=lambda one: one.seconds, default=None)
        seconds = bad.seconds if bad else max(end.seconds for end in ends)
        self._at(now + seconds, partial(self._end, unit, ends, bad))

    def _end_of(self, unit: Unit, number: int) -> End:
        """Return how a job of a unit would end, were it alone."""
        rng, made, build = self.rng, unit.made[number], unit.build
        usual = made.usual * rng.lognormvariate(0.0, 0.12)
        started = unit.started or 0.0
        host = unit.hosts[number]
        for outage in self.outages:
            if outage.hits(started, started + usual, host=host, arch=made.scenario.arch):
                seconds = max(outage.start - started, 0.0) + rng.uniform(20.0, 300.0)
                return End(seconds, outage)
        for cause in self.by_scenario.get(made.scenario, ()):
            if cause.fails(
                build.posted, version=build.version, build=build.name, chance=rng.random()
            ):
                return End(self._seconds_until(cause, made, usual), cause)
        if happens(rng, self.shape.noise):
            cause = self._noise(made)
            return End(self._seconds_until(cause, made, usual), cause)
        return End(usual, None)

    def _seconds_until(self, cause: Cause, made: MadeScenario, usual: float) -> float:
        if cause.result == JobResult.TIMEOUT_EXCEEDED:
            return MAX_JOB_TIME + self.rng.uniform(0.0, 60.0)
        if cause.module not in made.modules:
            return self.rng.uniform(30.0, 300.0)
        return usual * (made.modules.index(cause.module) + 1) / len(made.modules)

    def _noise(self, made: MadeScenario) -> Cause:
        self.causes.append(noise(made, name=str(next(self.numbers)), rng=self.rng))
        return self.causes[-1]

    def _end(self, unit: Unit, ends: Sequence[End], bad: End | None, now: float) -> None:
        """End a unit: note its jobs, restart it or let go what waits for it."""
        worker_class = unit.made[0].worker_class
        self.free[worker_class].extend(unit.hosts)
        del self.running[unit.ids[0]]
        self.records.ended(unit, now, ends, bad)
        if bad and self._is_retried(unit):
            self._restart(unit, now)
        elif unit.children:
            for child in unit.children:
                if bad:
                    self._stop(child, now, JobResult.SKIPPED, cause=bad.cause)
                elif not child.is_gone:
                    self._queue(child)
            for other in list(self.queues):
                self._assign(other, now)
        self._assign(worker_class, now)

    def _is_retried(self, unit: Unit) -> bool:
        return unit.attempt < MOST_RETRIES and happens(self.rng, self.shape.retried)

    def _restart(self, unit: Unit, now: float) -> None:
        rng = self.rng
        # openQA restarts jobs of updates at once, persons the others when they look
        at_once = unit.build.priority == UPDATE_PRIORITY and not unit.attempt
        delay = 5.0 if at_once else rng.lognormvariate(0.0, 0.8) * HOUR
        self._at(now + delay, partial(self._clone, unit))

    def _clone(self, unit: Unit, now: float) -> None:
        ids = tuple(next(self.ids) for _ in unit.made)
        self.records.clones.update(zip(unit.ids, ids, strict=True))
        clone = Unit(
            build=unit.build,
            made=unit.made,
            ids=ids,
            created=now,
            origins=unit.origins,
            attempt=unit.attempt + 1,
            after=unit.after,
            children=unit.children,
        )
        self.waiting[unit.build.name].append(clone)
        self._queue(clone)
        self._assign(unit.made[0].worker_class, now)

    def _stop(
        self, unit: Unit, now: float, result: JobResult, *, cause: Cause | None = None
    ) -> None:
        """Put an end to a unit that waits, and to what waits for it."""
        if unit.is_gone:
            return
        unit.is_gone = True
        self.records.stopped(unit, now, result, cause=cause)
        for child in unit.children:
            after = result if result == JobResult.OBSOLETED else JobResult.SKIPPED
            self._stop(child, now, after, cause=cause)
