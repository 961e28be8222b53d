"""Ports as plain classes, for tests of what workflows do with them."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from consumers.base import Body
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.model.composes import Compose, ComposeName, ReleaseNumbers
from fedora_openqa.model.deliveries import Delivery, WantedDelivery
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.products import PostedProduct, Product
from fedora_openqa.model.reruns import RestartAnswer
from fedora_openqa.model.subjects import CoreOSBuild, Update
from tests.support.composes import NUMBERS
from tests.support.packages import CORE_UPDATE, COREOS_BUILD


class FakeComposes:
    def __init__(self, compose: Compose | FedoraOpenQAError, *, named: ComposeName | None) -> None:
        self.compose = compose
        self.named = named
        self.loads = 0

    def name_in(self, location: str) -> ComposeName | None:  # noqa: ARG002
        return self.named

    def load(self, location: str) -> Compose:  # noqa: ARG002
        self.loads += 1
        if isinstance(self.compose, FedoraOpenQAError):
            raise self.compose
        return self.compose


class FakeLabels:
    def __init__(self, label: str | None = "RC-1.6") -> None:
        self.answer = label
        self.asked: list[str] = []

    def label(self, compose_id: str) -> str | None:
        self.asked.append(compose_id)
        return self.answer


class FakeBodhi:
    def __init__(
        self,
        update: Update | FedoraOpenQAError = CORE_UPDATE,
        *,
        automatic_updates: bool | FedoraOpenQAError = False,
    ) -> None:
        self.update = update
        self.automatic_updates = automatic_updates
        self.asked_for_releases: list[str] = []

    def load(self, update: str) -> Update:  # noqa: ARG002
        if isinstance(self.update, FedoraOpenQAError):
            raise self.update
        return self.update

    def creates_automatic_updates(self, release: str) -> bool:
        self.asked_for_releases.append(release)
        if isinstance(self.automatic_updates, FedoraOpenQAError):
            raise self.automatic_updates
        return self.automatic_updates


class FakeCoreOSBuilds:
    def __init__(self, build: CoreOSBuild = COREOS_BUILD) -> None:
        self.build = build

    def load(self, url: str) -> CoreOSBuild:  # noqa: ARG002
        return self.build


class FakeReleases:
    def __init__(self, numbers: ReleaseNumbers | FedoraOpenQAError = NUMBERS) -> None:
        self.numbers = numbers

    def load(self) -> ReleaseNumbers:
        if isinstance(self.numbers, FedoraOpenQAError):
            raise self.numbers
        return self.numbers


class FakeOpenQA:
    """Makes one job for each product; a test may put something in the way."""

    def __init__(self, jobs: Iterable[Job] = ()) -> None:
        self.jobs = list(jobs)
        self.posts: list[Product] = []
        self.comments: list[tuple[int, str]] = []
        self.restarts: list[tuple[tuple[int, ...], bool]] = []
        self.groups = {"fedora": 1}
        self.before_build: Callable[[], None] = lambda: None
        #: called for each post, with the number of posts before it
        self.before_post: Callable[[Product, int], None] = lambda _product, _number: None
        self.after_post: Callable[[Product, int], None] = lambda _product, _number: None
        self.after_restart: Callable[[], None] = lambda: None
        self.before_look: Callable[[], None] = lambda: None

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:  # noqa: ARG002
        self.before_build()
        return tuple(self.jobs)

    def jobs_after(self, job_id: int, *, most: int) -> tuple[Job, ...]:
        newest = sorted((job for job in self.jobs if job.id > job_id), key=lambda job: job.id)
        return tuple(newest[-most:])

    def jobs_by_id(self, job_ids: Collection[int]) -> tuple[Job, ...]:
        self.before_look()
        return tuple(job for job in self.jobs if job.id in job_ids)

    def jobs_for_product(self, product: Product) -> tuple[Job, ...]:
        self.before_look()
        return tuple(
            job for job in self.jobs if (job.flavor, job.arch) == (product.flavor, product.arch)
        )

    def post_product(self, product: Product) -> PostedProduct:
        number = len(self.posts)
        self.posts.append(product)
        self.before_post(product, number)
        job = Job(
            id=len(self.jobs) + 1,
            flavor=product.flavor,
            arch=product.arch,
            state="scheduled",
            result="none",
            settings=dict(product.settings),
        )
        self.jobs.append(job)
        self.after_post(product, number)
        return PostedProduct(job_ids=(job.id,))

    def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
        return tuple(
            job
            for job in self.jobs
            if (job.flavor, job.arch, job.result) == (flavor, arch, "passed")
        )

    def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:
        self.restarts.append((tuple(job_ids), force))
        copies: dict[int, int | None] = {}
        for job in [job for job in self.jobs if job.id in job_ids]:
            copy = replace(job, id=len(self.jobs) + 1, state="scheduled", result="none")
            copies[job.id] = copy.id
            self.jobs[self.jobs.index(job)] = replace(job, clone_id=copy.id)
            self.jobs.append(copy)
        self.after_restart()
        return RestartAnswer(copies)

    def group_id(self, name: str) -> int | None:
        return self.groups.get(name)

    def post_comment(self, group_id: int, text: str) -> None:
        self.comments.append((group_id, text))


class NoDeliveries:
    """`fedora_openqa.ports.Deliveries` that must not be needed."""

    def want(
        self,
        wanted: Sequence[WantedDelivery],
        *,
        message_id: str | None = None,
        known: Sequence[StoredJob] = (),
        copies: Sequence[tuple[int, int]] = (),
    ) -> None:
        raise NotImplementedError

    def confirm(self, wanted: WantedDelivery, *, told: str, reference: str | None) -> None:
        raise NotImplementedError

    def skip(self, wanted: WantedDelivery, *, reason: str) -> None:
        raise NotImplementedError

    def all(self, key: str, *, items: Collection[str] | None = None) -> tuple[Delivery, ...]:
        raise NotImplementedError


@dataclass
class Taker:
    """Raises the given errors, then keeps its arguments."""

    failures: list[Exception] = field(default_factory=list)
    park_failures: list[Exception] = field(default_factory=list)
    taken: list[str | None] = field(default_factory=list)
    parked: list[tuple[str | None, str]] = field(default_factory=list)

    def take(self, _topic: str, _body: Body, *, message_id: str | None) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(message_id)

    def park(self, _topic: str, _body: Body, *, message_id: str | None, reason: str) -> None:
        if self.park_failures:
            raise self.park_failures.pop(0)
        self.parked.append((message_id, reason))
