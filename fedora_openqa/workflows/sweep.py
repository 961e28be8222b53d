"""Sweeps: finds subjects that no message named, or that never got jobs.

A lost message therefore costs time, never a result. Knows
ports, never gateways, and stores found subjects in the inbox, as messages do.
"""

import itertools
import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError, SchemaError, shortage
from fedora_openqa.logs import ContextPool, about
from fedora_openqa.model.sweeps import CaughtUp, Failure, Seen, Sighting, Swept
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.policy.sweeping import has_jobs, subjects_seen, undone

log = logging.getLogger(__name__)

#: seconds until the first sweep: messages that wait in a queue come first
FIRST_AFTER = 60.0

#: failed requests to openQA in a row, after which the other subjects are left to the next sweep
PATIENCE = 3

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
    """Finds and stores subjects and deliveries that are missing."""

    #: systems that list events, those with present states first
    sources: Sequence[ports.Source]
    inbox: ports.Inbox
    openqa: ports.OpenQA
    #: which flavors test updates of Fedora
    table: FlavorTable
    #: subjects that are checked in one sweep
    budget: int
    #: returns the time, seconds since 1970
    clock: Callable[[], float]
    #: whether this process schedules the subjects it finds
    schedules: bool = True
    #: stores missing deliveries of builds. None: this process delivers to no sink
    catch_up: Callable[[Mapping[str, str]], CaughtUp] | None = None

    def sweep(self, seconds: float) -> Swept:
        """Store the subjects of the last seconds that the store does not know as wanted.

        A source that fails delays no other. If openQA does not answer, the subject is left.

        Raises:
            ConfigError: the deployment is wrong.
            ServiceUnavailableError: the database is away.
        """
        sightings, unanswered = self._gather(seconds)
        seen, ignored = subjects_seen(sightings, self.table)
        settled, known = self._settle_all(seen) if self.schedules else (_Tally(), len(seen))
        # Datagrepper knows only an earlier content of an update
        builds = {one.build: one.wanted.digest if one.current else "" for one in seen}
        builds = dict(itertools.islice(builds.items(), self.budget))
        reports = self.catch_up(builds) if self.catch_up else CaughtUp()
        found = Counter(one.wanted.lane for one in seen if one.wanted.key in {*settled.wanted})
        found.update(str(one.sink) for one in reports.wanted)
        self.inbox.swept(found)
        return Swept(
            found=len(seen),
            known=known,
            ignored=ignored,
            has_jobs=tuple(settled.has_jobs),
            wanted=tuple(settled.wanted),
            left=tuple(settled.left),
            failed=(*unanswered, *settled.failed),
            reports=reports,
        )

    def _gather(self, seconds: float) -> tuple[list[Sighting], list[Failure]]:
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
    """Sweeps periodically."""

    sweep: Callable[[float], Swept]
    #: seconds between two sweeps
    every: float
    #: seconds that a sweep looks back
    since: float
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
            pause = self.every
            try:
                swept = self.sweep(self.since)
            except SchemaError:
                raise
            except FedoraOpenQAError as exc:
                log.error("no sweep: %s", exc)  # noqa: TRY400 - it names what to mend
                continue
            except Exception as exc:
                # messages and workers go on without sweeps
                if short := shortage(exc):
                    log.error("no sweep: %s", short)  # noqa: TRY400 - not a fault of ours
                else:
                    log.exception("no sweep")
                continue
            _log(swept)
            if swept.wanted or swept.reports.wanted:
                self.found()


def _log(swept: Swept) -> None:
    for failure in (*swept.failed, *swept.reports.failed):
        log.warning("sweep: %s: %s", failure.name, failure.reason)
    if swept.left:
        log.warning("sweep: %d subjects are left for the next one", len(swept.left))
    for key in swept.wanted:
        with about(subject=key):
            log.info("wanted: the sweep found it, no message named it")
    for report in swept.reports.wanted:
        with about(subject=report.key):
            log.info("to be delivered: the sweep found that the sink lacks %s", report.item)
    log.info("swept: found %d, %d known", swept.found, swept.known)
