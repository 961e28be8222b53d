"""A view of the store for dry runs, which cannot write."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.audit import Act, Ending, Intent
from fedora_openqa.model.deliveries import Delivery, Sink, WantedDelivery
from fedora_openqa.model.evidence import KeptBuild, KeptJob
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.sweeps import Comparison, JobsListed, Seen, Turn
from fedora_openqa.model.work import Change, Known, Wanted
from fedora_openqa.policy.sweeping import has_new_jobs
from fedora_openqa.policy.wanted import change_of
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine, store_exists
from fedora_openqa.store.kept_jobs import KeptJobs
from fedora_openqa.store.limits import Limits
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.sweeps import Sweeps


class DryRunInbox(ports.Inbox):
    """Reads a real inbox and writes nothing."""

    def __init__(self, inbox: ports.Inbox | None) -> None:
        """Use a real inbox; None: there is no store yet."""
        self._inbox = inbox

    @override
    def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        return self._inbox.known(keys) if self._inbox else {}

    @override
    def want(self, wanted: Wanted, *, message_id: str | None) -> Change:
        return change_of(wanted, self.known([wanted.key]).get(wanted.key))

    @override
    def swept(self, found: Mapping[str, int]) -> None:
        pass

    @override
    def remember(self, wanted: Wanted, *, reason: str) -> None:
        pass

    @override
    def park_message(self, name: str, content: Mapping[str, str], *, reason: str) -> None:
        pass


class DryRunDeliveries(ports.Deliveries):
    """Reads real deliveries and writes nothing."""

    def __init__(self, deliveries: ports.Deliveries | None) -> None:
        """Use real deliveries; None: there is no store yet."""
        self._deliveries = deliveries

    @override
    def want(
        self,
        wanted: Sequence[WantedDelivery],
        *,
        message_id: str | None = None,
        known: Sequence[StoredJob] = (),
        copies: Sequence[tuple[int, int]] = (),
    ) -> None:
        pass

    @override
    def confirm(self, wanted: WantedDelivery, *, told: str, reference: str | None) -> None:
        pass

    @override
    def skip(self, wanted: WantedDelivery, *, reason: str) -> None:
        pass

    @override
    def all(self, key: str, *, items: Collection[str] | None = None) -> tuple[Delivery, ...]:
        return self._deliveries.all(key, items=items) if self._deliveries else ()


class DryRunSweeps(ports.Sweeps):
    """Reads what real sweeps found, and keeps what a dry run finds in memory."""

    def __init__(self, sweeps: Sweeps | None) -> None:
        """Use real sweeps; None: there is no store yet."""
        self._sweeps = sweeps
        self._seen: tuple[Seen, ...] = ()
        self._reopened: Callable[[str, Comparison], bool] = lambda _build, _known: False

    @override
    def look(self) -> Turn:
        return self._sweeps.look() if self._sweeps else Turn(now=time.time(), last=None, done={})

    @override
    def begin(self, owner: str, *, seconds: float) -> Turn:
        return self.look()

    @override
    def renew(self, owner: str, *, seconds: float) -> bool:
        return True

    @override
    def end(self, owner: str) -> None:
        pass

    @override
    def gather(
        self, owner: str, seen: Sequence[Seen], jobs: JobsListed | None, *, found: Mapping[str, int]
    ) -> float:
        self._seen = tuple(seen)
        return time.time()

    @override
    def switch_on(self, sink: Sink) -> float:
        since = self._sweeps.switched_on(sink) if self._sweeps else None
        return time.time() if since is None else since

    @override
    def switch_off(self, sink: Sink) -> None:
        pass

    @override
    def seen(self) -> tuple[Seen, ...]:
        return self._seen

    @override
    def reopen(self, jobs: Mapping[str, Collection[int]] | None) -> None:
        self._reopened = lambda build, known: has_new_jobs(build, known, jobs)

    @override
    def comparisons(self, sink: Sink) -> Mapping[str, Comparison]:
        found = self._sweeps.comparisons(sink) if self._sweeps else {}
        return {
            build: replace(one, settled=one.settled and not self._reopened(build, one))
            for build, one in found.items()
        }

    @override
    def compared(
        self, sink: Sink, build: str, *, digest: str, settled: bool, jobs: Collection[int]
    ) -> None:
        pass

    @override
    def finish(self, duty: str, gathered: float, *, found: Mapping[str, int]) -> None:
        pass


class DryRunAudit(ports.Audit):
    """Stores no act: in a dry run nothing is done."""

    @override
    def begin(self, intent: Intent, *, most: int | None = None) -> Act:
        return Act(0, intent, at=time.time())

    @override
    def settle(self, act_id: int, ending: Ending, outcome: str) -> None:
        pass

    @override
    def find(self, act_id: int) -> Act | None:
        return None

    @override
    def asked(self, key: str) -> int | None:
        return None

    @override
    def acts(
        self, *, since: float = 0.0, who: str | None = None, limit: int, page: int = 1
    ) -> tuple[Act, ...]:
        return ()


class DryRunKeptJobs(ports.KeptJobs):
    """Reads stored jobs, and keeps what a dry run intends in memory."""

    def __init__(self, real: KeptJobs) -> None:
        """Read from a table."""
        self._real = real
        self._intended: tuple[KeptJob, ...] = ()
        self._ended = ""

    @override
    def now(self) -> float:
        return self._real.now()

    @override
    def intend(self, jobs: Sequence[KeptJob]) -> int:
        self._intended = tuple(jobs)
        return len(jobs)

    @override
    def confirm(self, job_id: int) -> None:
        pass

    @override
    def tried(self, job_id: int) -> None:
        pass

    @override
    def forget(self, job_id: int) -> None:
        pass

    @override
    def end(self, build: str) -> int:
        self._ended = build
        return 0

    @override
    def prune(self, *, keep: float) -> None:
        pass

    @override
    def to_keep(self, *, build: str | None = None, most: int) -> tuple[KeptJob, ...]:
        return tuple(job for job in self._intended if build in (None, job.build))[:most]

    @override
    def to_release(self, *, build: str | None = None, most: int) -> tuple[KeptJob, ...]:
        if build == self._ended:
            return self._real.of_build(build)[:most]
        return self._real.to_release(build=build, most=most)

    @override
    def of_build(self, build: str) -> tuple[KeptJob, ...]:
        return self._real.of_build(build)

    @override
    def builds(self) -> tuple[KeptBuild, ...]:
        return self._real.builds()

    @override
    def heard_of(self, *, since: float) -> tuple[str, ...]:
        return self._real.heard_of(since=since)


def look_into(url: str, *, limits: Limits) -> tuple[DryRunInbox, DryRunDeliveries, DryRunSweeps]:
    """Open a store for a dry run, without creating one.

    Raises: as `open_engine`.
    """
    if not store_exists(url):
        return DryRunInbox(None), DryRunDeliveries(None), DryRunSweeps(None)
    engine = open_engine(url, limits=limits)
    return (
        DryRunInbox(Subjects(engine)),
        DryRunDeliveries(Deliveries(engine)),
        DryRunSweeps(Sweeps(engine)),
    )
