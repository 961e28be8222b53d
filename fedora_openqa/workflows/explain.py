"""Explains one subject, and shows the state of all lanes, from the store and openQA.

Changes nothing. Knows ports, never gateways.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.errors import FedoraOpenQAError, SubjectError
from fedora_openqa.model.composes import ComposeName
from fedora_openqa.model.deliveries import Absence
from fedora_openqa.model.stories import Explained, JobCounts, Status, Story
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.explaining import count_jobs, rules_for
from fedora_openqa.policy.holds import Holds, with_pauses
from fedora_openqa.policy.subject_names import SubjectName, parse_name

#: a location for composes of which only the id is known
ANYWHERE = "https://kojipkgs.fedoraproject.org/compose/"


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads the store and openQA for an operator."""

    stories: ports.Stories
    pauses: ports.Pauses
    composes: ports.Composes
    #: blocked subjects and paused lanes of the configuration
    holds: Holds
    #: None: the present states of jobs are not asked for
    openqa: ports.OpenQA | None = None

    def status(self) -> Status:
        """Return the state of all lanes.

        Raises:
            ServiceUnavailableError: the store cannot be read.
        """
        now = self.stories.now()
        return Status(
            now=now,
            lanes=self.stories.lanes(now=now),
            configured=self.holds.paused,
            pauses=self.pauses.all(),
            absences=self.stories.absences(),
            last_message=self.stories.last_message(),
            last_sweep=self.stories.last_sweep(),
        )

    def explain(self, subject: str) -> Explained:
        """Return the history, rules and jobs of a subject.

        :param subject: its id or URL, the id of a message about it, or its key

        Raises:
            ServiceUnavailableError: the store cannot be read.
        """
        name = parse_name(subject)
        stories = self.stories.find(name.key, family=name.kind is Kind.COREOS, build=name.build)
        if stories and name.kind is None:
            name = parse_name(stories[0].subject.key)
        return Explained(
            subject=subject,
            stories=stories,
            rules=rules_for(
                name,
                holds=with_pauses(self.holds, self.pauses.all()),
                compose=self._compose(name),
                targets=[subject, *_targets(stories)],
            ),
            jobs=tuple(_ask(self.openqa, stories)) if self.openqa else (),
            absences=self._absences(stories),
        )

    def _absences(self, stories: Iterable[Story]) -> tuple[Absence, ...]:
        """Return the lanes that wait, of those that stories still need."""
        wanted = SubjectState.WANTED
        lanes = {one.subject.lane for one in stories if one.subject.state is wanted}
        return tuple(one for one in self.stories.absences() if one.lane in lanes)

    def _compose(self, name: SubjectName) -> ComposeName | None:
        if name.kind is not Kind.COMPOSE:
            return None
        try:
            return self.composes.name_in(f"{ANYWHERE}{name.bare}/compose")
        except SubjectError:
            return None


def _targets(stories: Iterable[Story]) -> Iterable[str]:
    """Return the URLs and ids in the requests of subjects."""
    for story in stories:
        if story.subject.lane != "message":
            yield from (it for it in story.subject.request.values() if isinstance(it, str))


def _ask(openqa: ports.OpenQA, stories: Iterable[Story]) -> Iterable[JobCounts]:
    """Count the jobs of each build; if openQA does not answer, the count has the error."""
    for build, ours in _jobs_by_build(stories).items():
        try:
            yield count_jobs(build, ours, openqa.jobs_for_build(build))
        except FedoraOpenQAError as exc:
            yield JobCounts(build=build, counts={}, error=str(exc))


def _jobs_by_build(stories: Iterable[Story]) -> Mapping[str, set[int]]:
    builds: dict[str, set[int]] = {}
    for story in stories:
        for product in story.products:
            if product.job_ids:
                builds.setdefault(product.build, set()).update(product.job_ids)
    return builds
