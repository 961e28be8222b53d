"""Sweeps: finds subjects that nobody told us of, or that never got jobs.

Messages are hints; this is what makes a lost one cost time and nothing else. It knows
ports, never gateways, and stores what it finds where messages leave what they ask for.
"""

import itertools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError, shortage
from fedora_openqa.model.sweeps import CaughtUp, Failure, Seen, Sighting, Swept
from fedora_openqa.model.tables import FlavorTable
from fedora_openqa.policy.sweeping import has_jobs, subjects_seen, undone

log = logging.getLogger(__name__)

#: seconds until the first sweep: what waits in a queue should come first
FIRST_AFTER = 60.0

#: subjects in a row that openQA does not answer about, until the next sweep asks again
PATIENCE = 3

HAS_JOBS = "openQA has jobs of it"


@dataclass(slots=True)
class _Settled:
    """What became of subjects so far."""

    wanted: list[str] = field(default_factory=list)
    has_jobs: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The workflow, with everything it needs in place."""

    #: who is asked, those who know best first
    sources: Sequence[ports.Source]
    inbox: ports.Inbox
    openqa: ports.OpenQA
    #: which flavors test updates of Fedora
    table: FlavorTable
    #: subjects that are looked at in one sweep
    budget: int
    #: tells the time, seconds since 1970
    clock: Callable[[], float]
    #: whether what was found is to be scheduled here
    schedules: bool = True
    #: has sinks told what nobody told them of builds; nothing: no sink is told here
    catch_up: Callable[[Mapping[str, str]], CaughtUp] | None = None

    def sweep(self, seconds: float) -> Swept:
        """Store as wanted what happened in the last seconds and nobody told us of.

        One source that fails delays no other. What openQA does not answer about is left.

        Raises:
            ConfigError: the deployment is wrong.
            ServiceUnavailableError: the database is away.
        """
        sightings, unanswered = self._gather(seconds)
        seen, ignored = subjects_seen(sightings, self.table)
        settled, known = self._settle_all(seen) if self.schedules else (_Settled(), len(seen))
        # a history knows only what an update once was
        builds = {one.build: one.wanted.digest if one.current else "" for one in seen}
        builds = dict(itertools.islice(builds.items(), self.budget))
        reports = self.catch_up(builds) if self.catch_up else CaughtUp()
        self.inbox.swept()
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
        with ThreadPoolExecutor(max_workers=len(self.sources) or 1) as pool:
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

    def _settle_all(self, seen: Sequence[Seen]) -> tuple[_Settled, int]:
        """Store what nobody told us of; gives also how many need nothing."""
        known = self.inbox.known([one.wanted.key for one in seen])
        found = undone(seen, known)
        settled = _Settled()
        for one in found.changed[: self.budget]:
            # the workflow compares the jobs that openQA has with the content
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

    def _settle_new(self, one: Seen, settled: _Settled) -> bool:
        """Find out whether a subject has jobs; false if openQA does not say."""
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

    def _want(self, one: Seen, settled: _Settled) -> None:
        self.inbox.want(one.wanted, message_id=None)
        settled.wanted.append(one.wanted.key)


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Sweeps now and then."""

    sweep: Callable[[float], Swept]
    #: seconds between two sweeps
    every: float
    #: seconds that a sweep looks back
    since: float
    #: told after a sweep that found something to work on
    found: Callable[[], None]
    first_after: float = FIRST_AFTER

    def run(self, stopped: threading.Event) -> None:
        """Sweep until told to stop; a sweep that fails is logged, and stops nothing."""
        pause = self.first_after
        while not stopped.wait(pause):
            pause = self.every
            try:
                swept = self.sweep(self.since)
            except FedoraOpenQAError as exc:
                log.error("no sweep: %s", exc)  # noqa: TRY400 - it names what to mend
                continue
            except Exception as exc:
                # messages and workers go on without sweeps
                if short := shortage(exc):
                    log.error("no sweep: %s", short)  # noqa: TRY400 - it is no fault of ours
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
        log.info("%s: nobody told us", key)
    for report in swept.reports.wanted:
        log.info("%s: job %s was never told of", report.key, report.item)
