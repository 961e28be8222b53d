"""Made-up jobs while they wait and run, and the records of what becomes of them."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import JobResult, JobState
from fedora_openqa.sandbox.made_causes import Cause, CauseKind, fill_reason, happens
from fedora_openqa.sandbox.made_names import MadeScenario
from fedora_openqa.sandbox.made_shapes import MadeJob

#: share of the passed jobs that soft failed
SOFT = 0.02


@dataclass(frozen=True, slots=True)
class Build:
    """A build that is posted to openQA."""

    #: openQA's BUILD
    name: str
    #: openQA's VERSION
    version: str
    #: seconds since the epoch; the time of the first post, or of the one after it was edited
    posted: float
    #: the lowest runs first
    priority: int


@dataclass(eq=False, slots=True)
class Unit:
    """A job, or a job with the one that runs beside it, which comes first."""

    build: Build
    made: tuple[MadeScenario, ...]
    ids: tuple[int, ...]
    created: float
    origins: tuple[int, ...]
    attempt: int = 0
    #: the job that it is chained after
    after: tuple[int, ...] = ()
    hosts: tuple[str, ...] = ()
    started: float | None = None
    #: it waits no longer
    is_gone: bool = False
    #: what waits for its last attempt
    children: "list[Unit]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class End:
    """How a job ends."""

    #: how long it runs
    seconds: float
    #: None: it passes
    cause: Cause | None


class Records:
    """What became of jobs."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        #: in the order they are noted
        self.made: list[MadeJob] = []
        #: job to the copy that a restart made of it
        self.clones: dict[int, int] = {}

    def stopped(self, unit: Unit, now: float, result: str, *, cause: Cause | None) -> None:
        """Note the jobs of a unit that did not start.

        :param cause: why a job failed that it waited for
        """
        for number in range(len(unit.made)):
            job = _job(unit, number, state=JobState.CANCELLED, result=result, finished=now)
            self.made.append(_made(unit, number, job, cause))

    def ended(self, unit: Unit, now: float, ends: Sequence[End], bad: End | None) -> None:
        """Note the jobs of a unit that ran.

        :param bad: the first that failed, which puts an end to the other
        """
        cause = bad.cause if bad else None
        for number, end in enumerate(ends):
            result: str = JobResult.SOFTFAILED if happens(self.rng, SOFT) else JobResult.PASSED
            reason, modules = "", ()  # type: tuple[str, tuple[str, ...]]
            if cause and end is bad:
                result, modules = cause.result, self._failed_modules(cause, unit.made[number])
                reason = fill_reason(
                    cause.reason, host=unit.hosts[number], build=unit.build.name, rng=self.rng
                )
            elif cause:
                result = JobResult.PARALLEL_FAILED
            job = _job(
                unit,
                number,
                state=JobState.DONE,
                result=result,
                finished=now,
                reason=reason,
                failed_modules=modules,
            )
            self.made.append(_made(unit, number, job, cause))

    def _failed_modules(self, cause: Cause, made: MadeScenario) -> tuple[str, ...]:
        if cause.result == JobResult.INCOMPLETE:
            return ()
        # a flaky test does not always fail at the same place
        if cause.kind is CauseKind.FLAKE and happens(self.rng, 0.2):
            return (self.rng.choice(made.modules),)
        return (cause.module,)

    def jobs(self, running: Iterable[Unit], waiting: Iterable[Unit]) -> Iterator[MadeJob]:
        """Yield all jobs in the order they ended; then those that run, and those that wait."""
        for made in sorted(self.made, key=lambda one: one.job.finished or 0.0):
            clone = self.clones.get(made.job.id)
            yield replace(made, job=replace(made.job, clone_id=clone)) if clone else made
        for units, state in ((running, JobState.RUNNING), (waiting, JobState.SCHEDULED)):
            for unit in units:
                for number in range(len(unit.made)):
                    job = _job(unit, number, state=state, result=JobResult.NONE)
                    yield _made(unit, number, job, None)


def _job(
    unit: Unit,
    number: int,
    *,
    state: str,
    result: str,
    finished: float | None = None,
    reason: str = "",
    failed_modules: tuple[str, ...] = (),
) -> StoredJob:
    return StoredJob(
        id=unit.ids[number],
        build=unit.build.name,
        version=unit.build.version,
        scenario=unit.made[number].scenario,
        state=str(state),
        result=str(result),
        reason=reason,
        failed_modules=failed_modules,
        origin_id=unit.origins[number],
        worker_class=unit.made[number].worker_class,
        started=unit.started,
        finished=finished,
    )


def _made(unit: Unit, number: int, job: StoredJob, cause: Cause | None) -> MadeJob:
    return MadeJob(
        job=job,
        created=unit.created,
        cause=cause,
        host=unit.hosts[number] if unit.hosts else "",
        priority=unit.build.priority,
        # the first of two that run side by side is the parent
        parents=(*unit.after, *unit.ids[:number]),
    )
