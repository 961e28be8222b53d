"""A simulation around the store: openQA, messages, a clock, and workers that acts disturb."""

import itertools
import threading
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from enum import StrEnum

from sqlalchemy import Engine

from fedora_openqa import ports
from fedora_openqa.errors import (
    AmbiguousWriteError,
    ConfigError,
    ServiceUnavailableError,
    TemporaryError,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import Product, ProductResult, ScheduleResult
from fedora_openqa.model.requests import Request
from fedora_openqa.model.subjects import MESSAGE_KINDS
from fedora_openqa.model.work import Change, Lease, SubjectState, Wanted
from fedora_openqa.policy.contents import Content, digest_of
from fedora_openqa.store.product_ledger import ProductLedger
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.schedule import Schedule
from fedora_openqa.workflows.worker import ScheduleAttempt, Worker
from tests.store.timed import TimedSubjects
from tests.support.composes import RAWHIDE
from tests.support.fakes import FakeBodhi, FakeComposes, FakeCoreOSBuilds, FakeOpenQA, FakeReleases
from tests.support.packages import CORE_UPDATE
from tests.support.site import COMPOSE, SITE

#: so long that no worker of a test lives to renew its lease
LEASE_SECONDS = 900.0

#: what a foreign error may quote
FOREIGN = "\0 \ud800 \x1b[2J"

FLAVORS = ["server", "workstation"]
#: what the two flavors above come to
PRODUCTS = {("updates-server", "x86_64"), ("updates-workstation", "x86_64")}
ONE_AFTER_THE_OTHER = replace(SITE, posts_at_once=1, look_again_after=0.0)


def update(name: str, content: Content, *, again: bool = False) -> Wanted:
    """Return the wanted subject of a message about an update."""
    request = {"update": name, "flavors": FLAVORS, "content": list(content)}
    return Wanted(f"update:{name}", "update", request, digest=digest_of(content), again=again)


class Act(StrEnum):
    """What may happen at any moment of a worker's life."""

    CRASH = "crash"
    #: the service does not answer
    SILENCE = "silence"
    #: the service refuses us
    REFUSAL = "refusal"
    #: the machine lacks memory
    SHORTAGE = "shortage"
    #: so much time passes that every lease is over
    WAIT = "wait"
    #: a person asks for the worker's own subject again
    MESSAGE = "message"
    #: the worker's own update is edited
    EDIT = "edit"
    #: Bodhi shows one edit more of the worker's own update
    SHOW = "show"
    #: another worker does what it can meanwhile
    OTHER = "other"
    #: the process is told to end: it gives its subject back, and another worker goes on
    STOP = "stop"


#: what an act raises, wherever it happens
ERRORS: Mapping[Act | None, type[Exception]] = {
    Act.REFUSAL: ConfigError,
    Act.SHORTAGE: MemoryError,
}


class CrashError(BaseException):
    """The process was killed; its code must not catch this."""


class SimulatedStore:
    """Everything beside the store, and a record of what really happened there."""

    def __init__(self, engine: Engine) -> None:
        """Begin with an empty database."""
        self.engine = engine
        self.now = 0.0
        self.subjects = TimedSubjects(engine, clock=lambda _connection: self.now)
        self.jobs: dict[str, list[Job]] = {}
        #: by subject, request number, flavor, arch
        self.posts: Counter[tuple[str, int, str, str]] = Counter()
        self.numbers: dict[str, int] = {}
        self.contents: dict[str, Content] = {}
        #: workers between the intent and the result of a POST
        self.sending: set[Process] = set()
        self._acts: Mapping[int, Act] = {}
        self._moments = itertools.count()

    def want(self, wanted: Wanted, *, message_id: str | None) -> None:
        """Deliver a message that was never delivered before."""
        known = wanted.key in self.numbers
        content = tuple(wanted.request["content"])
        again = known and (wanted.again or content != self.contents[wanted.key])
        expected = {Change.AGAIN} if again else {Change.NOTHING, Change.DUE}
        change = self.subjects.want(wanted, message_id=message_id)
        assert change in (expected if known else {Change.NEW})
        if again or not known:
            self.numbers[wanted.key] = self.numbers.get(wanted.key, 0) + 1
            self.contents[wanted.key] = content

    def edit(self, alias: str) -> None:
        """Edit an update; nothing is edited here."""

    def show(self, alias: str) -> None:
        """Let Bodhi show an edit; nothing is edited here."""

    def openqa(self, jobs: list[Job], key: str) -> FakeOpenQA:  # noqa: ARG002 - others need the key
        """Return an openQA with the jobs of a subject."""
        openqa = FakeOpenQA()
        openqa.jobs = jobs
        return openqa

    def bodhi(self, alias: str) -> FakeBodhi:
        """Return a Bodhi that shows the content of an update that was last wanted."""
        return FakeBodhi(replace(CORE_UPDATE, alias=alias, nvrs=self.contents[f"update:{alias}"]))

    def work(self, acts: Mapping[int, Act]) -> None:
        """Let a worker take the next subject, disturbed by acts.

        :param acts: by the number of the moment, from 0
        """
        self.disturb(acts)
        self.work_on()

    def disturb(self, acts: Mapping[int, Act]) -> None:
        """Let acts happen, from the next moment on."""
        self._acts = acts
        self._moments = itertools.count()

    def work_on(self) -> None:
        """Let a worker take the next subject."""
        Process(self).work()

    def next_act(self) -> Act | None:
        return self._acts.get(next(self._moments))

    def wait(self, seconds: float) -> None:
        """Let time pass, except within a POST: a lease is longer than a POST may take."""
        if not self.sending:
            self.now += seconds


class Process:
    """A worker that takes one subject, unless an act prevents it."""

    def __init__(self, store: SimulatedStore) -> None:
        """Start a process."""
        self.store = store
        self.lease: Lease | None = None
        self._dead = False

    def work(self) -> None:
        backlog = WatchedSubjects(self)
        attempt = ScheduleAttempt(
            schedule=self._schedule,
            ledger=backlog.ledger,
            arches=(),
        )
        worker = Worker(
            backlog=backlog,
            attempts=dict.fromkeys(MESSAGE_KINDS, attempt),
            owner="worker",
            lease_seconds=LEASE_SECONDS,
            keep_seconds=1e9,
            awake=threading.Event(),
        )
        try:
            worker.work()
        except (CrashError, ServiceUnavailableError, ConfigError, MemoryError):
            pass
        finally:
            self.store.sending.discard(self)

    def moment(self, silence: type[TemporaryError] = ServiceUnavailableError) -> None:
        """Let the act of this moment happen."""
        if self._dead:
            raise CrashError
        act = self.store.next_act()
        if act in ERRORS:
            raise ERRORS[act](FOREIGN)
        if act is Act.SILENCE:
            raise silence(f"nobody answers{FOREIGN}")
        if act is Act.CRASH:
            self._dead = True
            raise CrashError
        self._happen(act)

    def _happen(self, act: Act | None) -> None:
        match act:
            case Act.WAIT:
                self.store.wait(LEASE_SECONDS)
            case Act.MESSAGE if self.lease:
                lease = self.lease
                content = self.store.contents[lease.key]
                name = lease.key.partition(":")[2]
                self.store.want(update(name, content, again=True), message_id=None)
            case Act.EDIT if self.lease:
                self.store.edit(self.lease.key.partition(":")[2])
            case Act.SHOW if self.lease:
                self.store.show(self.lease.key.partition(":")[2])
            case Act.STOP if self.lease:
                self.store.subjects.give_back(self.lease)
                Process(self.store).work()
            case Act.OTHER:
                Process(self.store).work()
            case _:
                pass

    def _schedule(self, request: Request, ledger: ports.ProductLedger) -> ScheduleResult:
        workflow = Schedule(
            composes=FakeComposes(COMPOSE, named=RAWHIDE),
            releases=FakeReleases(),
            bodhi=self.store.bodhi(request.target),
            coreos=FakeCoreOSBuilds(),
            openqa=self._openqa(),
            site=ONE_AFTER_THE_OTHER,
        )
        return workflow.schedule(request, ledger)

    def _openqa(self) -> FakeOpenQA:
        assert self.lease
        key, number = self.lease.key, self.lease.number

        def count(product: Product, _number: int) -> None:
            self.store.posts[key, number, product.flavor, product.arch] += 1
            self.moment(AmbiguousWriteError)

        openqa = self.store.openqa(self.store.jobs.setdefault(key, []), key)
        openqa.before_build = self.moment
        openqa.before_post = lambda _product, _number: self.moment(AmbiguousWriteError)
        openqa.after_post = count
        openqa.before_look = self.moment
        return openqa


class WatchedSubjects(Subjects):
    """The real store of a process; an act may happen before and after each call."""

    def __init__(self, process: Process) -> None:
        """Keep what the process does."""
        super().__init__(process.store.engine, clock=lambda _connection: process.store.now)
        self._process = process

    def lease(
        self, owner: str, lanes: Collection[str], *, seconds: float, least_priority: int = 0
    ) -> Lease | None:
        self._process.moment()
        self._process.lease = super().lease(
            owner, lanes, seconds=seconds, least_priority=least_priority
        )
        self._process.moment()
        return self._process.lease

    def finish(self, lease: Lease, state: SubjectState, *, reason: str | None) -> bool:
        self._process.moment()
        kept = super().finish(lease, state, reason=reason)
        self._process.moment()
        return kept

    def postpone(self, lease: Lease, *, error: str, delay: float, counts: bool = True) -> bool:
        self._process.moment()
        kept = super().postpone(lease, error=error, delay=delay, counts=counts)
        self._process.moment()
        return kept

    def ledger(self, lease: Lease) -> ProductLedger:
        return WatchedLedger(self._process, lease)


class WatchedLedger(ProductLedger):
    """The real ledger of a process; an act may happen before and after each call."""

    def __init__(self, process: Process, lease: Lease) -> None:
        """Keep what the process does."""
        super().__init__(process.store.engine, lease, clock=lambda _connection: process.store.now)
        self._process = process

    def intend(self, product: Product, *, newest_job: int) -> Product:
        self._process.moment()
        intended = super().intend(product, newest_job=newest_job)
        self._process.store.sending.add(self._process)
        self._process.moment()
        return intended

    def record(self, result: ProductResult) -> None:
        self._process.store.sending.discard(self._process)
        self._process.moment()
        super().record(result)
        self._process.moment()
