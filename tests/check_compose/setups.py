"""Fakes of the services of a compose check, and a setup of all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from check_compose.facts import Facts, Log
from check_compose.gather import CheckOptions, CheckPorts, gather
from fedora_openqa.errors import FedoraOpenQAError, SubjectError
from fedora_openqa.model.composes import Compose, ComposeName, Image
from fedora_openqa.model.gating import Decision
from fedora_openqa.model.jobs import Job, Module
from tests.support.composes import RAWHIDE, compose
from tests.support.gating import FakeGating, OpenQAWithBuilds
from tests.support.jobs import BUILD, job

PREVIOUS = "Fedora-Rawhide-20261119.n.0"
EARLIER = "Fedora-Rawhide-20261118.n.1"
PLACE = "https://kojipkgs.fedoraproject.org/compose/rawhide"
OPTIONS = CheckOptions(
    base_url="https://openqa.fedoraproject.org",
    project_url="https://fedora-openqa.example",
    most_systems=3,
)


class FakeSeries:
    def __init__(self, ids: Sequence[str] | FedoraOpenQAError) -> None:
        self.ids = ids
        self.asked: list[str] = []

    def of(self, release: str) -> tuple[str, ...]:
        self.asked.append(release)
        if isinstance(self.ids, FedoraOpenQAError):
            raise self.ids
        return tuple(self.ids)


class FakeBuilds:
    """Has the earlier BUILDs by test."""

    def __init__(self, of_tests: Mapping[str, Sequence[str]]) -> None:
        self.of_tests = of_tests
        self.asked: list[Job] = []

    def before(self, job: Job) -> tuple[str, ...]:
        self.asked.append(job)
        return tuple(self.of_tests.get(job.test, ()))


class FakeFiles:
    def __init__(self, files: Mapping[tuple[int, str], bytes | FedoraOpenQAError]) -> None:
        self.files = files
        self.asked: list[tuple[int, str]] = []

    def load(self, job_id: int, name: str) -> bytes | None:
        self.asked.append((job_id, name))
        found = self.files.get((job_id, name))
        if isinstance(found, FedoraOpenQAError):
            raise found
        return found


class FakePlaces:
    """Composes by their locations."""

    def __init__(self, places: Mapping[str, Compose]) -> None:
        self.places = places

    def name_in(self, location: str) -> ComposeName | None:
        raise NotImplementedError

    def load(self, location: str) -> Compose:
        if location not in self.places:
            raise SubjectError(f"{location}: there is no compose here")
        return self.places[location]


@dataclass
class FakeKnown:
    expected: frozenset[tuple[str, str, str]] | None = frozenset({("server", "dvd", "x86_64")})

    def location(self, compose_id: str) -> str:
        return location(compose_id)

    def expected_images(self, compose_id: str) -> frozenset[tuple[str, str, str]] | None:  # noqa: ARG002
        return self.expected


def location(compose_id: str) -> str:
    return f"{PLACE}/{compose_id}/compose"


def run_of(one: Job, build: str = BUILD, *, module: str = "", **settings: str) -> Job:
    """Return a job with the settings of a compose, and with `_collect_data` if `module` is set."""
    own = {"FLAVOR": one.flavor, "ARCH": one.arch, "MACHINE": one.machine, "TEST": one.test}
    own |= {"DISTRI": "fedora", "VERSION": "Rawhide", "BUILD": build, "LOCATION": location(build)}
    return replace(
        one,
        settings=own | {"TEST_TARGET": "COMPOSE"} | settings,
        modules=(Module("_collect_data", module),) if module else (),
    )


def passed(job_id: int, test: str = "install", build: str = BUILD, *, module: str = "") -> Job:
    return run_of(job(job_id, test, outcome="done/passed"), build, module=module)


def with_images(compose_id: str, *images: Image) -> Compose:
    return compose(*images, name=replace(RAWHIDE, id=compose_id))


@dataclass
class CheckSetup:
    """The facts of all fakes; by default, both composes have one test, which passed."""

    builds: dict[str, Sequence[Job] | FedoraOpenQAError] = field(
        default_factory=lambda: {
            BUILD: (passed(3001),),
            PREVIOUS: (passed(2001, build=PREVIOUS),),
        }
    )
    series: Sequence[str] | FedoraOpenQAError = (EARLIER, PREVIOUS, BUILD)
    tests: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[tuple[int, str], bytes | FedoraOpenQAError] = field(default_factory=dict)
    places: Mapping[str, Compose] = field(
        default_factory=lambda: {location(one): with_images(one) for one in (BUILD, PREVIOUS)}
    )
    known: FakeKnown = field(default_factory=FakeKnown)
    gating: Decision | FedoraOpenQAError = field(
        default_factory=lambda: Decision(satisfied=True, summary="no tests", requirements=())
    )

    def services(self) -> CheckPorts:
        return CheckPorts(
            openqa=OpenQAWithBuilds(self.builds),
            builds=FakeBuilds(self.tests),
            files=FakeFiles(self.files),
            series=FakeSeries(self.series),
            composes=FakePlaces(self.places),
            known=self.known,
            gating=FakeGating(lambda _question: self.gating),
        )

    def gather(
        self,
        compose_id: str = BUILD,
        *,
        previous: str | None = None,
        options: CheckOptions = OPTIONS,
        services: CheckPorts | None = None,
    ) -> Facts:
        return gather(
            compose_id, previous=previous, services=services or self.services(), options=options
        )


def uploads(job_ids: Iterable[int]) -> dict[tuple[int, str], bytes | FedoraOpenQAError]:
    """Return all logs of jobs, each with its name as content."""
    return {
        (job_id, kind.filename): f"{kind} of {job_id}\n".encode()
        for job_id in job_ids
        for kind in Log
    }
