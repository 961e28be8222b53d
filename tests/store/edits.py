"""A simulated store with edited updates: Bodhi lags, messages get lost, sweeps and people run."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.events import SubjectEvent, UpdateReady
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import PostedProduct, Product
from fedora_openqa.model.requests import UpdateRequest
from fedora_openqa.model.subjects import Update
from fedora_openqa.model.work import Wanted
from fedora_openqa.policy.contents import Content, content_of_settings
from fedora_openqa.policy.wanted import subject_wanted
from fedora_openqa.store.sweeps import Sweeps
from fedora_openqa.workflows.schedule import Schedule
from fedora_openqa.workflows.sweep import Sweep
from tests.store.simulation import ONE_AFTER_THE_OTHER, SimulatedStore
from tests.support.composes import RAWHIDE
from tests.support.fakes import FakeBodhi, FakeComposes, FakeCoreOSBuilds, FakeOpenQA, FakeReleases
from tests.support.packages import CORE_UPDATE
from tests.support.site import COMPOSE

TABLE = load_flavor_tables().fedora
#: the flavors of the only critical path group here
FLAVORS = ("updates-kde", "updates-kde-live-iso")


@dataclass
class Edited:
    """An update in Bodhi."""

    alias: str
    #: NVR of its only build, the newest last
    builds: list[str] = field(default_factory=lambda: ["kernel-1-1.fc43"])
    #: how many of these Bodhi's REST API knows; 0: it does not know the update yet
    shown: int = 0

    def facts(self) -> Update:
        return self.with_build(self.builds[self.shown - 1])

    def with_build(self, build: str) -> Update:
        return replace(CORE_UPDATE, alias=self.alias, nvrs=(build,), groups=("critical-path-kde",))


class EditedStore(SimulatedStore):
    """Updates with a history, and everything that reads them."""

    def __init__(self, engine: Engine, aliases: Sequence[str]) -> None:
        """Begin with updates that are not stored."""
        super().__init__(engine)
        self.updates = {alias: Edited(alias) for alias in aliases}
        #: messages that were sent and not delivered: alias, build, re-trigger
        self.sent: list[tuple[str, str, bool]] = [
            (alias, edited.builds[0], False) for alias, edited in self.updates.items()
        ]
        self.retriggers: Counter[str] = Counter()
        #: by alias, flavor, content
        self.tested: Counter[tuple[str, str, Content | None]] = Counter()

    def edit(self, alias: str) -> None:
        builds = self.updates[alias].builds
        builds.append(f"kernel-{len(builds) + 1}-1.fc43")
        self.sent.append((alias, builds[-1], False))

    def retrigger(self, alias: str) -> None:
        self.sent.append((alias, self.updates[alias].builds[-1], True))

    def show(self, alias: str) -> None:
        edited = self.updates[alias]
        edited.shown = min(edited.shown + 1, len(edited.builds))

    def deliver(self, number: int, message_id: str) -> None:
        alias, build, again = self.sent[number]
        self.retriggers[alias] += again
        facts = self.updates[alias].with_build(build)
        wanted = subject_wanted(UpdateReady(facts, again), TABLE)
        assert isinstance(wanted, Wanted)
        self.subjects.want(wanted, message_id=message_id)

    def bodhi(self, alias: str) -> FakeBodhi:
        edited = self.updates[alias]
        return FakeBodhi(edited.facts() if edited.shown else NotFoundError("404"))

    def openqa(self, jobs: list[Job], key: str) -> FakeOpenQA:
        return ObsoletingOpenQA(self, key.partition(":")[2], jobs)

    def openqa_of(self, alias: str) -> FakeOpenQA:
        return self.openqa(self.jobs.setdefault(f"update:{alias}", []), f"update:{alias}")

    def run_by_hand(self, alias: str, *, force: bool) -> None:
        """Run ``fedora-openqa update``."""
        if not self.updates[alias].shown:
            return
        self.retriggers[alias] += force
        workflow = Schedule(
            composes=FakeComposes(COMPOSE, named=RAWHIDE),
            releases=FakeReleases(),
            bodhi=self.bodhi(alias),
            coreos=FakeCoreOSBuilds(),
            openqa=self.openqa_of(alias),
            site=ONE_AFTER_THE_OTHER,
        )
        workflow.schedule(UpdateRequest(update=alias, force=force))

    def sweep(self) -> None:
        Sweep(
            sources=[Lists(self)],
            board=Sweeps(self.engine, clock=lambda _connection: self.now),
            inbox=self.subjects,
            openqa=Builds(self),
            new_jobs=FakeOpenQA(),
            table=TABLE,
            budget=100,
            clock=lambda: self.now,
            owner="sweeper",
            lease_seconds=100.0,
        ).sweep(1.0)

    def finish_jobs(self) -> None:
        for jobs in self.jobs.values():
            jobs[:] = [
                replace(job, state="done", result="passed") if job.state == "scheduled" else job
                for job in jobs
            ]


@dataclass
class Lists:
    """Bodhi's lists, which are as late as its single updates."""

    store: EditedStore
    name: str = "Bodhi"
    current: bool = True

    def events(self, *, since: float, until: float) -> Sequence[SubjectEvent]:  # noqa: ARG002
        shown = [edited for edited in self.store.updates.values() if edited.shown]
        return [UpdateReady(update=edited.facts(), again=False) for edited in shown]


class Builds(FakeOpenQA):
    """openQA with the jobs of all updates."""

    def __init__(self, store: EditedStore) -> None:
        super().__init__()
        self.store = store

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        return tuple(self.store.jobs.get(f"update:{build.removeprefix('Update-')}", ()))


class ObsoletingOpenQA(FakeOpenQA):
    """openQA with the jobs of one update; a later POST cancels jobs that have not run, as there."""

    def __init__(self, store: EditedStore, alias: str, jobs: list[Job]) -> None:
        super().__init__()
        self.store = store
        self.alias = alias
        self.jobs = jobs

    def post_product(self, product: Product) -> PostedProduct:
        self.before_post(product, 0)
        for number, job in enumerate(self.jobs):
            if (job.flavor, job.state) == (product.flavor, "scheduled"):
                self.jobs[number] = replace(job, state="cancelled", result="obsoleted")
        made = Job(
            id=len(self.jobs) + 1,
            flavor=product.flavor,
            arch=product.arch,
            state="scheduled",
            result="none",
            settings=dict(product.settings),
        )
        self.jobs.append(made)
        content = content_of_settings(product.settings)
        self.store.tested[self.alias, product.flavor, content] += 1
        self.after_post(product, 0)
        return PostedProduct(job_ids=(made.id,))
