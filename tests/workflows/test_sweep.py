import threading
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from fedora_openqa.data import load_flavor_tables
from fedora_openqa.errors import (
    ConfigError,
    FedoraOpenQAError,
    LeaseLostError,
    PermanentError,
    RequestRefusedError,
    ServiceUnavailableError,
)
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.events import (
    ComposeFinished,
    CoreOSBuildFinished,
    SubjectEvent,
    UpdateReady,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.sweeps import Swept
from fedora_openqa.model.work import Change, Known, Wanted
from fedora_openqa.store.dry_run import DryRunInbox, DryRunSweeps
from fedora_openqa.workflows.deliver.catch_up import PATIENCE
from fedora_openqa.workflows.sweep import Sweep, Sweeper
from tests.support.fakes import FakeOpenQA
from tests.support.packages import update

NOW = 1_795_200_000.0
DAY = 86400.0


def compose(respin: int) -> ComposeFinished:
    name = ComposeName(
        id=f"Fedora-Rawhide-20261120.n.{respin}",
        short="Fedora",
        release="Rawhide",
        release_type="ga",
    )
    return ComposeFinished(name=name, location=f"https://x/{name.id}/compose", label=None)


def ready(number: int, *, build: int = 1) -> UpdateReady:
    found = update(f"kernel-{build}-1.fc43", alias=f"FEDORA-2026-{number:010x}")
    return UpdateReady(update=found, again=False)


COMPOSES = tuple(map(compose, range(6)))
UPDATES = tuple(map(ready, range(40)))
COREOS = CoreOSBuildFinished(buildid="45.20261119.91.0", arch="x86_64", url="https://x/x86_64")


@dataclass
class FakeSource:
    found: Sequence[SubjectEvent] | FedoraOpenQAError = ()
    name: str = "a source"
    current: bool = True
    asked: list[tuple[float, float]] = field(default_factory=list)

    def events(self, *, since: float, until: float) -> Sequence[SubjectEvent]:
        self.asked.append((since, until))
        if isinstance(self.found, FedoraOpenQAError):
            raise self.found
        return self.found


@dataclass
class FakeInbox:
    stored: dict[str, Wanted] = field(default_factory=dict)
    remembered: dict[str, str] = field(default_factory=dict)
    message_ids: set[str | None] = field(default_factory=set)

    def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        return {key: Known(self.stored[key].digest) for key in keys if key in self.stored}

    def want(self, wanted: Wanted, *, message_id: str | None) -> Change:
        self.message_ids.add(message_id)
        change = Change.AGAIN if wanted.key in self.stored else Change.NEW
        self.stored[wanted.key] = wanted
        return change

    sweeps: int = 0

    #: what the sweeps found of each lane
    found: Counter[str] = field(default_factory=Counter)

    def swept(self, found: Mapping[str, int]) -> None:
        self.sweeps += 1
        self.found.update(found)

    def remember(self, wanted: Wanted, *, reason: str) -> None:
        self.stored.setdefault(wanted.key, wanted)
        self.remembered[wanted.key] = reason

    def park_message(
        self,
        name: str,  # noqa: ARG002
        content: Mapping[str, str],  # noqa: ARG002
        *,
        reason: str,  # noqa: ARG002
    ) -> None:
        raise AssertionError


class OpenQAWithBuilds(FakeOpenQA):
    """Has a job of some builds; does not answer about others."""

    def __init__(self, builds: Iterable[str] = (), unknown: Iterable[str] = ()) -> None:
        super().__init__()
        self.builds = set(builds)
        self.unknown = set(unknown)
        self.asked: list[str] = []

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        self.asked.append(build)
        if build in self.unknown:
            raise RequestRefusedError(f"{build} is too much")
        job = Job(id=1, flavor="x", arch="x86_64", state="done", result="passed")
        return (job,) if build in self.builds else ()


class Town:
    def __init__(self, *sources: FakeSource, budget: int = 100) -> None:
        self.inbox = FakeInbox()
        self.openqa = OpenQAWithBuilds()
        self.sources = sources
        self.budget = budget

    def sweep(self, *, dry_run: bool = False) -> Swept:
        return Sweep(
            sources=self.sources,
            board=DryRunSweeps(None),
            inbox=DryRunInbox(self.inbox) if dry_run else self.inbox,
            openqa=self.openqa,
            new_jobs=self.openqa,
            table=load_flavor_tables().fedora,
            budget=self.budget,
            clock=lambda: NOW,
            owner="a",
            lease_seconds=100.0,
        ).sweep(DAY)


def keys(*events: SubjectEvent) -> set[str]:
    found = set()
    for event in events:
        match event:
            case ComposeFinished(name):
                found.add(f"compose:{name.id}")
            case UpdateReady(one):
                found.add(f"update:{one.alias}")
            case CoreOSBuildFinished(buildid, arch):
                found.add(f"coreos:{buildid}:{arch}")
    return found


def test_six_composes_and_forty_updates_are_wanted_and_nothing_else() -> None:
    town = Town(FakeSource(COMPOSES), FakeSource(UPDATES))
    swept = town.sweep()
    assert len(swept.wanted) == 46
    assert set(swept.wanted) == set(town.inbox.stored) == keys(*COMPOSES, *UPDATES)
    assert (swept.found, swept.known, swept.left, swept.failed) == (46, 0, (), ())
    assert town.inbox.message_ids == {None}
    assert town.inbox.found == {"compose": 6, "update": 40}


def test_a_second_sweep_wants_nothing_and_asks_openqa_nothing() -> None:
    town = Town(FakeSource(COMPOSES), FakeSource(UPDATES))
    town.sweep()
    asked = len(town.openqa.asked)
    swept = town.sweep()
    assert (swept.known, swept.wanted) == (46, ())
    assert town.inbox.found.total() == 46
    assert len(town.openqa.asked) == asked


def test_sources_are_asked_for_the_time_between() -> None:
    source = FakeSource()
    Town(source).sweep()
    assert source.asked == [(NOW - DAY, NOW)]


@pytest.mark.parametrize(
    "error",
    [PermanentError("gone"), ServiceUnavailableError("dead"), ConfigError("redirected")],
)
def test_a_dead_source_is_named_and_delays_no_other(error: FedoraOpenQAError) -> None:
    swept = Town(FakeSource(error, name="Bodhi"), FakeSource(COMPOSES)).sweep()
    assert set(swept.wanted) == keys(*COMPOSES)
    assert [(one.name, one.reason) for one in swept.failed] == [("Bodhi", str(error))]


def test_with_an_empty_store_openqa_says_what_is_there() -> None:
    town = Town(FakeSource((*COMPOSES[:2], UPDATES[0], COREOS)))
    town.openqa.builds = {
        COMPOSES[0].name.id,
        f"Update-{UPDATES[0].update.alias}",
        "Fedora-CoreOS-45.20261119.91.0",
    }
    swept = town.sweep()
    assert set(swept.wanted) == keys(COMPOSES[1])
    assert set(swept.has_jobs) == keys(COMPOSES[0], UPDATES[0], COREOS)
    assert set(town.inbox.remembered) == set(swept.has_jobs)
    assert town.sweep().known == 4


def test_an_update_with_other_builds_is_wanted_again_although_it_has_jobs() -> None:
    bodhi = FakeSource((ready(1),))
    town = Town(bodhi)
    town.sweep()
    town.openqa.builds = {f"Update-{ready(1).update.alias}"}
    bodhi.found = (ready(1, build=2),)
    assert set(town.sweep().wanted) == keys(ready(1))
    assert town.sweep().wanted == ()


def test_what_is_over_budget_is_left_and_then_found_by_the_next_sweeps() -> None:
    town = Town(FakeSource(COMPOSES), FakeSource(UPDATES), budget=20)
    first = town.sweep()
    assert len(first.wanted) == len(town.openqa.asked) == 20
    assert set(first.wanted) < keys(*UPDATES), "critical path updates first"
    assert len(first.left) == 26
    second = town.sweep()
    third = town.sweep()
    assert (len(second.wanted), len(third.wanted), third.left) == (20, 6, ())
    assert set(town.inbox.stored) == keys(*COMPOSES, *UPDATES)


def test_changed_updates_are_within_the_budget_too() -> None:
    bodhi = FakeSource(UPDATES[:3])
    town = Town(bodhi, budget=3)
    town.sweep()
    bodhi.found = (*(ready(number, build=2) for number in range(3)), UPDATES[3])
    town.budget = 2
    swept = town.sweep()
    assert (len(swept.wanted), len(swept.left)) == (2, 2)


def test_a_subject_openqa_does_not_answer_about_is_not_wanted_and_delays_no_other() -> None:
    town = Town(FakeSource(COMPOSES))
    town.openqa.unknown = {COMPOSES[0].name.id}
    swept = town.sweep()
    assert set(swept.wanted) == keys(*COMPOSES[1:])
    assert [one.name for one in swept.failed] == [f"openQA about compose:{COMPOSES[0].name.id}"]
    town.openqa.unknown = set()
    assert set(town.sweep().wanted) == keys(COMPOSES[0])


def test_an_openqa_that_answers_nothing_is_soon_left_alone() -> None:
    town = Town(FakeSource(COMPOSES))
    town.openqa.unknown = {one.name.id for one in COMPOSES}
    swept = town.sweep()
    assert len(town.openqa.asked) == len(swept.failed) == PATIENCE
    assert (swept.wanted, len(swept.left)) == ((), 3)


def test_a_dry_run_says_the_same_and_stores_nothing() -> None:
    town = Town(FakeSource(COMPOSES), FakeSource(UPDATES))
    town.openqa.builds = {COMPOSES[0].name.id}
    dry = town.sweep(dry_run=True)
    assert town.inbox == FakeInbox()
    assert dry == town.sweep()


class Sweeps:
    """Gives what is next, and stops after the last."""

    def __init__(self, *outcomes: Swept | Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.stopped = threading.Event()
        self.found = 0
        self.sweeps = 0

    def sweep(self) -> Swept | None:
        self.sweeps += 1
        outcome = self.outcomes.pop(0)
        if not self.outcomes:
            self.stopped.set()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def note(self) -> None:
        self.found += 1

    def run(self) -> None:
        Sweeper(self.sweep, every=0, found=self.note, first_after=0).run(self.stopped)


def swept(*wanted: str) -> Swept:
    return Swept(found=1, known=0, ignored=(), has_jobs=(), wanted=wanted, left=("a:b",), failed=())


def test_the_sweeper_sweeps_again_and_wakes_the_workers_when_there_is_work() -> None:
    sweeps = Sweeps(
        swept("compose:x"), ServiceUnavailableError("database"), swept(), None, swept("a:b")
    )
    sweeps.run()
    assert (sweeps.found, sweeps.sweeps) == (2, 5)


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("no such host"),
        LeaseLostError("another process sweeps"),
        ZeroDivisionError("ours"),
        MemoryError(),
    ],
)
def test_a_sweep_that_fails_ends_no_later_one(error: Exception) -> None:
    sweeps = Sweeps(error, swept("compose:x"))
    sweeps.run()
    assert (sweeps.found, sweeps.sweeps) == (1, 2)
