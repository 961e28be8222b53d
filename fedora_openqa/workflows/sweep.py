"""Sweeps: finds subjects that no message named, or that never got jobs.

A lost message therefore costs time, never a result. Knows
ports, never gateways, and stores found subjects in the inbox, as messages do.
"""

import contextlib
import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence, Sized
from dataclasses import dataclass, field, replace

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError, LeaseLostError, SchemaError, shortage
from fedora_openqa.logs import ContextPool, about
from fedora_openqa.model.sweeps import (
    CaughtUp,
    Failure,
    Gathered,
    JobsListed,
    Seen,
    Sighting,
    Swept,
    Turn,
)
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.policy.sweeping import has_jobs, is_due, subjects_seen, undone
from fedora_openqa.workflows.deliver.catch_up import PATIENCE, CatchUp
from fedora_openqa.workflows.evidence import Evidence
from fedora_openqa.workflows.keeping import kept

log = logging.getLogger(__name__)

#: seconds until the first sweep: messages that wait in a queue come first
FIRST_AFTER = 60.0

#: seconds after which a process looks whether it is its turn to sweep
LOOK_EVERY = 60.0

#: seconds after which the lease of a sweep is not renewed any more
LONGEST_SWEEP = 7200.0

#: new jobs in one list; if there may be more, all builds are compared again
MOST_NEW_JOBS = 5_000

#: the parts of a sweep that store subjects which should be scheduled, and that let openQA keep jobs
SCHEDULING, EVIDENCE = "scheduling", "evidence"

HAS_JOBS = "openQA has jobs of it"


@dataclass(slots=True)
class _Tally:
    """The subjects of this sweep so far, by outcome."""

    wanted: list[str] = field(default_factory=list)
    has_jobs: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sweep:
    """Finds and stores subjects and deliveries that are missing.

    One process of all sweeps at a time. It asks the sources for all of them; each of the others
    then does the parts that only it can do.
    """

    #: systems that list events, those with present states first
    sources: Sequence[ports.Source]
    board: ports.Sweeps
    inbox: ports.Inbox
    openqa: ports.OpenQA
    new_jobs: ports.NewJobs
    #: which flavors test updates of Fedora
    table: FlavorTable
    #: subjects that are checked in one sweep
    budget: int
    #: returns the time, seconds since 1970
    clock: Callable[[], float]
    #: host and process: ``"qa01:4711"``
    owner: str
    #: seconds of the lease of sweeps; it is renewed while the sweep runs
    lease_seconds: float
    #: whether this process schedules the subjects it finds
    schedules: bool = True
    #: stores missing deliveries of builds. None: this process delivers to no sink
    catch_up: CatchUp | None = None
    #: lets openQA keep jobs. None: this process does not
    evidence: Evidence | None = None

    def sweep(self, seconds: float) -> Swept:
        """Store the subjects of the last seconds that the store does not know as wanted.

        A source that fails delays no other. If openQA does not answer, the subject is left.

        Raises:
            ConfigError: the deployment is wrong.
            LeaseLostError: another process sweeps.
            ServiceUnavailableError: the database is away.
        """
        with self._leased() as turn:
            return self._sweep(turn, seconds)

    def sweep_in_turn(self, seconds: float, *, every: float) -> Swept | None:
        """Sweep if it is time to; else do what no process has done yet of the last sweep.

        :param every: seconds between two sweeps
        Returns: None: nothing was to do.

        Raises: as `sweep`.
        """
        # most looks end here, and take no lease
        if not self._is_turn(self.board.look(), every=every):
            return None
        with self._leased() as turn:
            if turn.last is None or is_due(turn, turn.last, self.owner, every=every):
                return self._sweep(turn, seconds)
            open_ = self._undone(turn, turn.last)
            return self._work(open_, gathered=turn.last.at) if open_ else None

    def _is_turn(self, turn: Turn, *, every: float) -> bool:
        if turn.last is None or is_due(turn, turn.last, self.owner, every=every):
            return True
        return bool(self._undone(turn, turn.last))

    def _undone(self, turn: Turn, last: Gathered) -> Collection[str]:
        """Return the parts of the last sweep that this process does and none has done."""
        return [duty for duty in self._duties if turn.done.get(duty) != last.at]

    @contextlib.contextmanager
    def _leased(self) -> Iterator[Turn]:
        turn = self.board.begin(self.owner, seconds=self.lease_seconds)
        try:
            with kept(
                lambda: self.board.renew(self.owner, seconds=self.lease_seconds),
                seconds=self.lease_seconds,
                longest=LONGEST_SWEEP,
            ):
                yield turn
        finally:
            self.board.end(self.owner)

    @property
    def _duties(self) -> tuple[str, ...]:
        """The parts of a sweep that this process does."""
        sinks = self.catch_up.all_sinks if self.catch_up else ()
        keeps = [EVIDENCE] if self.evidence else []
        return (*([SCHEDULING] if self.schedules else []), *sinks, *keeps)

    def _sweep(self, turn: Turn, seconds: float) -> Swept:
        gathered, ignored, failed = self._gather(turn.last, seconds)
        swept = self._work(self._duties, gathered=gathered)
        return replace(swept, ignored=ignored, failed=(*failed, *swept.failed))

    def _work(self, duties: Collection[str], *, gathered: float) -> Swept:
        """Do parts of a sweep with what the sources had at a time."""
        seen = self.board.seen()
        settled, known = _Tally(), len(seen)
        if SCHEDULING in duties:
            settled, known = self._settle_all(seen)
            self._finish(SCHEDULING, gathered, wanted=settled.wanted, left=settled.left)
        reports = CaughtUp()
        if self.catch_up:
            # Datagrepper knows only an earlier content of an update
            builds = {one.build: one.wanted.digest if one.current else "" for one in seen}
            sinks = [sink for sink in self.catch_up.all_sinks if sink in duties]
            reports = self.catch_up.catch_up(builds, sinks)
            for sink in sinks:
                wanted = [one for one in reports.wanted if one.sink is sink]
                self._finish(sink, gathered, wanted=wanted, left=reports.left.get(sink, ()))
        if self.evidence and EVIDENCE in duties:
            tended = self.evidence.sweep()
            self._finish(
                EVIDENCE, gathered, wanted=tended.kept + tended.released, left=tended.failed
            )
        found = Counter(one.wanted.lane for one in seen if one.wanted.key in {*settled.wanted})
        found.update(str(one.sink) for one in reports.wanted)
        self.inbox.swept(found)
        return Swept(
            found=len(seen),
            known=known,
            ignored=(),
            has_jobs=tuple(settled.has_jobs),
            wanted=tuple(settled.wanted),
            left=tuple(settled.left),
            failed=tuple(settled.failed),
            reports=reports,
        )

    def _finish(self, duty: str, gathered: float, *, wanted: Sized, left: Sized) -> None:
        found = {"wanted": len(wanted), "left": len(left)}
        self.board.finish(duty, gathered, found=found)

    def _gather(
        self, last: Gathered | None, seconds: float
    ) -> tuple[float, tuple[str, ...], tuple[Failure, ...]]:
        """Store what the sources have; return when, why events are ignored, and who failed."""
        sightings, failed = self._ask_sources(seconds)
        seen, ignored = subjects_seen(sightings, self.table)
        listed = last.jobs if last else None
        try:
            listed = self._list_jobs(listed)
        except FedoraOpenQAError as exc:
            # the next list begins where this one would have begun
            failed.append(Failure("openQA about new jobs", str(exc)))
        found = {"found": len(seen), "failed": len(failed)}
        at = self.board.gather(self.owner, seen, listed, found=found)
        return at, ignored, tuple(failed)

    def _list_jobs(self, last: JobsListed | None) -> JobsListed:
        """Open the builds again that have new jobs; return where the next list begins."""
        if last is None:
            newest = max((job.id for job in self.new_jobs.jobs_after(0, most=1)), default=0)
            # no list has the jobs since earlier comparisons
            self.board.reopen(None)
            return JobsListed(newest=newest, after=newest)
        jobs = self.new_jobs.jobs_after(last.after, most=MOST_NEW_JOBS)
        builds: dict[str, list[int]] = {}
        for job in jobs:
            builds.setdefault(job.build, []).append(job.id)
        self.board.reopen(builds if len(jobs) < MOST_NEW_JOBS else None)
        newest = max((job.id for job in jobs), default=last.newest)
        return JobsListed(newest=max(newest, last.newest), after=last.newest)

    def _ask_sources(self, seconds: float) -> tuple[list[Sighting], list[Failure]]:
        until = self.clock()
        sightings, failed = [], []
        with ContextPool(max_workers=len(self.sources) or 1) as pool:
            asked = [
                (source, pool.submit(source.events, since=until - seconds, until=until))
                for source in self.sources
            ]
        for source, answer in asked:
            try:
                events = answer.result()
            except FedoraOpenQAError as exc:
                failed.append(Failure(source.name, str(exc)))
                continue
            sightings += [Sighting(event, current=source.current) for event in events]
        return sightings, failed

    def _settle_all(self, seen: Sequence[Seen]) -> tuple[_Tally, int]:
        """Store unknown subjects; return also the number of subjects that need nothing."""
        known = self.inbox.known([one.wanted.key for one in seen])
        found = undone(seen, known)
        settled = _Tally()
        for one in found.changed[: self.budget]:
            # the scheduling workflow compares openQA's jobs with the content
            self._want(one, settled)
        room = max(self.budget - len(found.changed), 0)
        in_a_row = 0
        for one in found.new[:room]:
            if in_a_row == PATIENCE:
                settled.left.append(one.wanted.key)
            elif self._settle_new(one, settled):
                in_a_row = 0
            else:
                in_a_row += 1
        settled.left += [
            one.wanted.key for one in (*found.changed[self.budget :], *found.new[room:])
        ]
        return settled, found.known

    def _settle_new(self, one: Seen, settled: _Tally) -> bool:
        """Store a subject as wanted unless it has jobs; return False if openQA does not answer."""
        try:
            jobs = self.openqa.jobs_for_build(one.build)
        except FedoraOpenQAError as exc:
            settled.failed.append(Failure(f"openQA about {one.wanted.key}", str(exc)))
            return False
        if has_jobs(one, jobs):
            self.inbox.remember(one.wanted, reason=HAS_JOBS)
            settled.has_jobs.append(one.wanted.key)
        else:
            self._want(one, settled)
        return True

    def _want(self, one: Seen, settled: _Tally) -> None:
        self.inbox.want(one.wanted, message_id=None)
        settled.wanted.append(one.wanted.key)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Sweeps periodically, in turn with other processes."""

    #: does what is to do now, as `Sweep.sweep_in_turn`
    sweep: Callable[[], Swept | None]
    #: seconds between two sweeps
    every: float
    #: called after a sweep that found new work
    found: Callable[[], None]
    first_after: float = FIRST_AFTER

    def run(self, stopped: threading.Event) -> None:
        """Sweep until stopped; a sweep that fails is logged, and the next one follows.

        Raises:
            SchemaError: the store has a schema that this version cannot work with.
        """
        pause = self.first_after
        while not stopped.wait(pause):
            try:
                swept = self.sweep()
            except SchemaError:
                raise
            except LeaseLostError as exc:
                log.debug("no sweep: %s", exc)
                pause = min(self.every, LOOK_EVERY)
                continue
            except FedoraOpenQAError as exc:
                log.error("no sweep: %s", exc)  # noqa: TRY400 - it names what to mend
                pause = self.every
                continue
            except Exception as exc:
                # messages and workers go on without sweeps
                if short := shortage(exc):
                    log.error("no sweep: %s", short)  # noqa: TRY400 - not a fault of ours
                else:
                    log.exception("no sweep")
                pause = self.every
                continue
            pause = min(self.every, LOOK_EVERY)
            if swept:
                _log(swept)
                if swept.wanted or swept.reports.wanted:
                    self.found()


def _log(swept: Swept) -> None:
    for failure in (*swept.failed, *swept.reports.failed):
        log.warning("sweep: %s: %s", failure.name, failure.reason)
    if swept.left:
        log.warning("sweep: %d subjects are left for the next one", len(swept.left))
    for sink, builds in swept.reports.left.items():
        log.warning("sweep: %d builds are left for the next one: %s", len(builds), sink)
    for key in swept.wanted:
        with about(subject=key):
            log.info("wanted: the sweep found it, no message named it")
    for report in swept.reports.wanted:
        with about(subject=report.key):
            log.info("to be delivered: the sweep found that the sink lacks %s", report.item)
    log.info("swept: found %d, %d known", swept.found, swept.known)
