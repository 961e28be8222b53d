"""Dependencies between planned jobs, and the errors in them.

It must not know the database: a job is named by its index in the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fedora_openqa.sandbox.openqa.plan import PlannedJob, named_parents, scenario
from fedora_openqa.sandbox.openqa.settings import WORKER_CLASS

CHAINED = "Chained"
DIRECTLY_CHAINED = "Directly chained"
PARALLEL = "Parallel"

_KINDS = {
    "PARALLEL_WITH": PARALLEL,
    "START_AFTER_TEST": CHAINED,
    "START_DIRECTLY_AFTER_TEST": DIRECTLY_CHAINED,
}


class BrokenDependenciesError(Exception):
    """openQA creates none of the jobs; the text is openQA's, without file and line."""


@dataclass(frozen=True)
class Link:
    """A job waits for another or runs parallel to it; both are indexes in the list of jobs."""

    child: int
    parent: int
    #: `Chained`, `Directly chained` or `Parallel`
    kind: str


@dataclass(frozen=True)
class Complaint:
    """An error that openQA reports in `failed`, although it creates the job."""

    #: an index, or the list of indexes that openQA reports for a parent without a child
    jobs: int | tuple[int, ...]
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Links:
    """All links of a product's jobs; `successful` are the jobs without a complaint."""

    links: tuple[Link, ...]
    successful: tuple[int, ...]
    complaints: tuple[Complaint, ...]
    #: set if no job may be created; `successful` are then the jobs that openQA names as the cause
    broken: str | None = None


def link_jobs(jobs: Sequence[PlannedJob], *, skip_chained: bool) -> Links:
    """Return the dependencies of the jobs, in the order in which openQA creates them."""
    builder = _Builder(jobs, skip_chained=skip_chained)
    broken = None
    try:
        for place in range(len(jobs)):
            builder.add(place)
    except BrokenDependenciesError as problem:
        broken = str(problem)
    return Links(
        tuple(builder.links), tuple(builder.successful), tuple(builder.all_complaints()), broken
    )


class _Builder:
    def __init__(self, jobs: Sequence[PlannedJob], *, skip_chained: bool) -> None:
        self.jobs = jobs
        self.links: list[Link] = []
        self.successful: list[int] = []
        self.complaints: list[Complaint] = []
        self._kinds = {
            key: kind for key, kind in _KINDS.items() if not skip_chained or kind == PARALLEL
        }
        self._places: dict[str, list[int]] = {}
        for place, job in enumerate(jobs):
            self._places.setdefault(job.scenario, []).append(place)
        # scenarios that a job names by test, and whether one names the machine, too
        self._named: dict[str, bool] = {}
        self._child_of: dict[int, int] = {}

    def add(self, place: int) -> None:
        messages: list[str] = []
        for key, kind in self._kinds.items():
            for test, machine in named_parents(self.jobs[place].settings, key):
                messages += self._link(place, key, kind=kind, test=test, machine=machine)
        if messages:
            self.complaints.append(Complaint(place, tuple(messages)))
        else:
            self.successful.append(place)

    def all_complaints(self) -> list[Complaint]:
        childless = sorted(name for name, depended in self._named.items() if not depended)
        text = "has no child, check its machine placed or dependency setting typos"
        return self.complaints + [
            Complaint(tuple(self._places[name]), (f"{name} {text}",)) for name in childless
        ]

    def _link(self, place: int, key: str, *, kind: str, test: str, machine: str) -> list[str]:
        name = scenario(test, machine)
        for existing in self._places:
            if existing.partition("@")[0] == test:
                self._named.setdefault(existing, False)
        if name not in self._places:
            text = "not found - check for dependency typos and dependency cycles"
            return [f"{key}={name} {text}"]
        for parent in self._places[name]:
            self._refuse_circle(place, parent)
            if kind == DIRECTLY_CHAINED:
                self._refuse_other_class(place, parent)
            # a suite may name a parent twice; the pair is openQA's primary key
            if Link(place, parent, kind) not in self.links:
                self.links.append(Link(place, parent, kind))
        self._named[name] = True
        return []

    def _refuse_circle(self, child: int, parent: int) -> None:
        self._child_of[parent] = child
        seen: set[int] = set()
        current = child
        while current in self._child_of and current not in seen:
            seen.add(current)
            current = self._child_of[current]
            if current == parent:
                test = self.jobs[child].settings["TEST"]
                raise BrokenDependenciesError(f"There is a cycle in the dependencies of {test}")

    def _refuse_other_class(self, child: int, parent: int) -> None:
        own, other = (_class(self.jobs[place].settings) for place in (child, parent))
        if own != other:
            test = self.jobs[child].settings["TEST"]
            raise BrokenDependenciesError(
                f"Worker class of {test} ({own}) does not match the worker class"
                f" of its directly chained parent ({other})"
            )


def _class(settings: Mapping[str, str]) -> str:
    return settings.get(WORKER_CLASS) or f"qemu_{settings.get('ARCH', 'x86_64')}"
