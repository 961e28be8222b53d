"""Finished composes as a source of a sweep, by their STATUS files.

Fedora has no list of present composes but pages for people. So this requests the STATUS file of
each possible compose id, until a day has no further respin. Must not decide which ids are possible.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.gateways.composes.metadata import BEGUN, FINISHED, read_status
from fedora_openqa.gateways.http.client import Reader
from fedora_openqa.logs import ContextPool
from fedora_openqa.model.composes import ComposeFamily
from fedora_openqa.model.events import ComposeFinished

log = logging.getLogger(__name__)

#: the most days that are searched
MOST_DAYS = 14

#: respins of a day that are searched
MOST_RESPINS = 6

#: requests at a time
AT_ONCE = 4

#: seconds after the end of a day until it has no new composes: an id has the day of its begin
LATE = 3600.0

#: answers, in as many sweeps, that a day which is over has no further respin
MISSES = 2


@dataclass(frozen=True, slots=True)
class StatusFiles(ports.Source):
    """Finished composes of the days between two times, and of the day before: some take long."""

    reader: Reader
    #: the URL below which all composes are
    url: str
    #: returns the families of composes that there may be
    families: Callable[[], Iterable[ComposeFamily]]
    name: str = "composes"
    current: bool = True
    #: compose ids to statuses that never change any more; some thirty a day
    _final: dict[str, str] = field(default_factory=dict)
    #: ids that no compose of a day which is over had, to the number of those answers
    _missed: Counter[str] = field(default_factory=Counter)

    @override
    def events(self, *, since: float, until: float) -> tuple[ComposeFinished, ...]:
        days = tuple(_days(since, until))
        families = tuple(self.families())
        wanted = [(family, day, _end_of(day) + LATE < until) for day in days for family in families]
        with ContextPool(max_workers=AT_ONCE) as pool:
            futures = [pool.submit(self._of_day, *one) for one in wanted]
            try:
                return tuple(event for future in futures for event in future.result())
            finally:
                # after one failure the other requests would fail, too
                pool.shutdown(wait=False, cancel_futures=True)

    def _of_day(
        self,
        family: ComposeFamily,
        day: str,
        is_over: bool,  # noqa: FBT001 - of a thread
    ) -> list[ComposeFinished]:
        found = []
        base = f"{self.url.rstrip('/')}/{family.folder}"
        for respin in range(MOST_RESPINS):
            name = family.name(day, respin)
            location = f"{base}/{name.id}/compose"
            if self._missed[name.id] == MISSES:
                break
            status = self._status(name.id, base)
            if status is None:
                self._missed[name.id] += is_over
                break
            if status in FINISHED:
                found.append(ComposeFinished(name=name, location=location, label=None))
        else:
            log.warning(
                "%s: there may be more respins, which are not searched",
                family.name(day, respin).id,
            )
        return found

    def _status(self, compose_id: str, base: str) -> str | None:
        """Return the status of a compose; None: there is no such compose."""
        if compose_id in self._final:
            return self._final[compose_id]
        content = self.reader.fetch(f"{base}/{compose_id}/STATUS")
        if content is None:
            return None
        status = read_status(content, f"{base}/{compose_id}/compose")
        if status != BEGUN:
            self._final[compose_id] = status
        return status


def _end_of(day: str) -> float:
    begin = datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC)
    return (begin + timedelta(days=1)).timestamp()


def _days(since: float, until: float) -> Iterator[str]:
    """Yield days as ``20261120``, the newest first."""
    last = datetime.fromtimestamp(until, tz=UTC).date()
    first = datetime.fromtimestamp(since, tz=UTC).date() - timedelta(days=1)
    for before in range(min((last - first).days + 1, MOST_DAYS)):
        yield f"{last - timedelta(days=before):%Y%m%d}"
