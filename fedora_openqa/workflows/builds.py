"""Shows what is stored of builds: what their tests say, and how two of them differ.

Knows ports, never gateways; asks no service.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from fedora_openqa import ports
from fedora_openqa.errors import NotFoundError
from fedora_openqa.model.builds import BuildComparison, BuildStory
from fedora_openqa.model.forecast import BuildForecast
from fedora_openqa.model.stories import Story
from fedora_openqa.model.subjects import Kind
from fedora_openqa.policy.comparing import compare_builds
from fedora_openqa.policy.compose_ids import ComposeId, composes_before, parse_compose_id
from fedora_openqa.policy.subject_names import SubjectName, parse_name
from fedora_openqa.policy.verdicts import has_ended, has_passed, is_owed, of_subjects, summarise

#: words for the newest finished build before, and for the newest of those that is good
PREVIOUS, LAST_GOOD = "previous", "last-good"

#: builds of a release that are looked at in search of the one before: of any type and respin
BUILDS_BEFORE = 60
#: finished builds before, of which one is good
CANDIDATES = {PREVIOUS: 5, LAST_GOOD: 21}


@dataclass(frozen=True, slots=True)
class BuildDesk:
    """Reads what is stored of builds."""

    builds: ports.StoredBuilds
    stories: ports.Stories
    #: returns when the builds in openQA's queue will be done
    forecasts: Callable[[], Mapping[str, BuildForecast]] = dict

    def look(self, subject: str) -> BuildStory:
        """Return what the tests of a subject say, and its history.

        :param subject: its id, URL or key, openQA's BUILD, or the id of a message about it; nothing
            may be known of it

        Raises:
            ServiceUnavailableError: the store cannot be read.
        """
        name = parse_name(subject)
        stories = self._find(name)
        if name.kind is None and (subjects := of_subjects(stories)):
            name = parse_name(subjects[0].subject.key)
        build = name.build or subject
        summary = summarise(self.builds.jobs([build])[build], stories)
        if not summary.complete:
            summary = replace(summary, forecast=self.forecasts().get(build))
        return BuildStory(summary, stories)

    def compare(self, build: str, other: str = PREVIOUS) -> BuildComparison:
        """Return what has become of the tests of a build.

        :param build: an id or a URL, or openQA's BUILD
        :param other: the same of another build; or *previous*, *last-good*

        Raises:
            NotFoundError: no job of a build is known, or there is no such other build.
            ServiceUnavailableError: the store cannot be read.
        """
        name = parse_name(build)
        this = name.build or build
        that = self.resolve(this, other)
        found = self.builds.jobs([this, that])
        for one in (this, that):
            if not found[one].jobs:
                raise NotFoundError(f"no job of {one} is known to the store")
        owed = is_owed(self._find(name))
        return compare_builds(found[this], found[that], owed=owed)

    def resolve(self, build: str, other: str) -> str:
        """Return openQA's BUILD of the build to compare with; parameters and errors as `compare`.

        The build before a compose is one of the same release and type.
        """
        if other not in CANDIDATES:
            return parse_name(other).build or other
        compose = parse_compose_id(build)
        if compose is None:
            raise NotFoundError(f"{build} is no compose: name the build to compare with")
        before = composes_before(compose, self._around(compose))[: CANDIDATES[other]]
        found = self.builds.results(before)
        for one in (found[name] for name in before):
            if has_ended(one) and (other == PREVIOUS or has_passed(one)):
                return one.build
        what = "finished" if other == PREVIOUS else "good"
        raise NotFoundError(f"none of the {len(before)} builds before {build} is {what}")

    def _around(self, compose: ComposeId) -> Sequence[str]:
        """Return the newest builds of a release up to a day."""
        start = f"{compose.release}-"
        return self.builds.between(start, f"{start}{compose.date}~", most=BUILDS_BEFORE)

    def _find(self, name: SubjectName) -> tuple[Story, ...]:
        return self.stories.find(name.key, family=name.kind is Kind.COREOS, build=name.build)
