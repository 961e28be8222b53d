"""Explains one subject, and shows the state of all lanes, from the store and openQA.

Changes nothing. Knows ports, never gateways.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError, SubjectError
from fedora_openqa.events import TOPICS_OF
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.deliveries import Absence
from fedora_openqa.model.forecast import BuildForecast
from fedora_openqa.model.health import Problem, Vitals
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.stories import Explained, JobCounts, Status, Story
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.explaining import count_jobs, rules_for
from fedora_openqa.policy.health import alive, problems
from fedora_openqa.policy.holds import Holds, with_pauses
from fedora_openqa.policy.lineage import newest_jobs
from fedora_openqa.policy.subject_names import SubjectName, parse_name

#: a location for composes of which only the id is known
ANYWHERE = "https://kojipkgs.fedoraproject.org/compose/"


#: of a build: its jobs, or why openQA did not return them
_Jobs: TypeAlias = tuple[Job, ...] | str


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads the store and openQA for an operator."""

    stories: ports.Stories
    health: ports.Health
    pauses: ports.Pauses
    #: returns the compose that a URL names
    compose_in: Callable[[str], ComposeName | None]
    #: blocked subjects and paused lanes of the configuration
    holds: Holds
    #: seconds between two sweeps; 0: there are none
    sweep_every: float
    #: returns when the builds in openQA's queue will be done
    forecasts: Callable[[], Mapping[str, BuildForecast]]
    #: None: the present states of jobs are not asked for
    openqa: ports.OpenQA | None = None

    def status(self) -> Status:
        """Return the state of all lanes.

        Raises:
            ServiceUnavailableError: the store cannot be read.
        """
        vitals = self.health.vitals()
        return Status(
            now=vitals.now,
            lanes=self.stories.lanes(now=vitals.now),
            configured=self.holds.paused,
            pauses=self.pauses.all(),
            absences=vitals.absences,
            last_message=self.stories.last_message(),
            last_sweep=vitals.last_sweep,
            sweeps=self.stories.sweeps(),
            processes=alive(vitals.processes, now=vitals.now),
            problems=self._problems(vitals),
        )

    def problems(self) -> tuple[Problem, ...]:
        """Return what a person should look at, the worst first.

        Raises:
            ServiceUnavailableError: the store cannot be read.
        """
        return self._problems(self.health.vitals())

    def _problems(self, vitals: Vitals) -> tuple[Problem, ...]:
        return problems(
            vitals, topics=TOPICS_OF, paused=self.holds.paused, sweep_every=self.sweep_every
        )

    def explain(self, subject: str, status: Status | None = None) -> Explained:
        """Return the history, rules and jobs of a subject.

        :param subject: its id or URL, the id of a message about it, or its key
        :param status: what was read of all lanes a moment ago; None: it is read now

        Raises:
            ServiceUnavailableError: the store cannot be read.
        """
        name = parse_name(subject)
        stories = self.stories.find(name.key, family=name.kind is Kind.COREOS, build=name.build)
        if stories and name.kind is None:
            name = parse_name(stories[0].subject.key)
        pauses = status.pauses if status else self.pauses.all()
        builds = dict.fromkeys([*_ids_by_build(stories), *_delivery_builds(stories), name.build])
        jobs = _jobs_by_build(self.openqa, filter(None, builds)) if self.openqa else {}
        return Explained(
            subject=subject,
            stories=stories,
            rules=rules_for(
                name,
                holds=with_pauses(self.holds, pauses),
                compose=self._compose(name),
                targets=[subject, *_targets(stories)],
            ),
            jobs=tuple(_count(stories, name, jobs)),
            absences=self._absences(stories, status),
            known={job.id: job for it in jobs.values() if not isinstance(it, str) for job in it},
            forecast=self.forecasts().get(name.build) if stories else None,
        )

    def _absences(self, stories: Iterable[Story], status: Status | None) -> tuple[Absence, ...]:
        """Return the lanes that wait, of those that stories still need."""
        wanted = SubjectState.WANTED
        lanes = {one.subject.lane for one in stories if one.subject.state is wanted}
        absences = status.absences if status else self.stories.absences()
        return tuple(one for one in absences if one.lane in lanes)

    def _compose(self, name: SubjectName) -> ComposeName | None:
        if name.kind is not Kind.COMPOSE:
            return None
        try:
            return self.compose_in(f"{ANYWHERE}{name.bare}/compose")
        except SubjectError:
            return None


def _targets(stories: Iterable[Story]) -> Iterable[str]:
    """Return the URLs and ids in the requests of subjects."""
    for story in stories:
        if story.subject.lane != "message":
            yield from (it for it in story.subject.request.values() if isinstance(it, str))


def _jobs_by_build(openqa: ports.OpenQA, builds: Iterable[str]) -> Mapping[str, _Jobs]:
    """Return the jobs of each build; that openQA cannot be asked is an answer here."""
    found: dict[str, _Jobs] = {}
    for build in builds:
        try:
            found[build] = tuple(openqa.jobs_for_build(build))
        except FedoraOpenQAError as exc:
            found[build] = str(exc)
    return found


def _count(
    stories: Iterable[Story], name: SubjectName, jobs: Mapping[str, _Jobs]
) -> Iterable[JobCounts]:
    """Count the jobs of each product's build; of a subject without products all of its build."""
    ours = _ids_by_build(stories)
    for build, found in jobs.items():
        if isinstance(found, str):
            yield JobCounts(build=build, counts={}, error=found)
        elif build in ours:
            yield count_jobs(build, ours[build], found)
        elif build == name.build and not ours and found:
            newest = newest_jobs(found)
            yield count_jobs(build, {job.id for job in newest}, found)


def _delivery_builds(stories: Iterable[Story]) -> Iterable[str]:
    """Yield the BUILDs whose results are on their way to sinks."""
    for story in stories:
        if story.deliveries:
            yield str(story.subject.request.get("build", ""))


def _ids_by_build(stories: Iterable[Story]) -> Mapping[str, set[int]]:
    builds: dict[str, set[int]] = {}
    for story in stories:
        for product in story.products:
            if product.job_ids:
                builds.setdefault(product.build, set()).update(product.job_ids)
    return builds
