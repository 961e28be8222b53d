"""Gating as plain values and classes: requirements, decisions, jobs that they wait for."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from fedora_openqa.errors import (
    FedoraOpenQAError,
)
from fedora_openqa.model.gating import (
    Decision,
    GatingQuestion,
    Requirement,
    RequirementState,
)
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.subjects import Update
from tests.support.fakes import FakeOpenQA
from tests.support.packages import CORE_UPDATE

ALIAS = CORE_UPDATE.alias
SCENARIO = "fedora.updates-server.x86_64.64bit"


def job(
    job_id: int = 1,
    test: str = "podman",
    *,
    outcome: str = "done/passed",
    flavor: str = "updates-server",
    machine: str = "64bit",
    clone_id: int | None = None,
) -> Job:
    state, _, result = outcome.partition("/")
    settings = {
        "DISTRI": "fedora",
        "VERSION": "43",
        "FLAVOR": flavor,
        "ARCH": "x86_64",
        "MACHINE": machine,
        "BUILD": f"Update-{ALIAS}",
        "ADVISORY": ALIAS,
    }
    return Job(
        id=job_id,
        flavor=flavor,
        arch="x86_64",
        state=state,
        result=result or "none",
        test=test,
        machine=machine,
        clone_id=clone_id,
        settings=settings,
    )


def requirement(
    state: RequirementState = RequirementState.MISSING,
    testcase: str = "update.podman",
    scenario: str | None = SCENARIO,
    result_id: int | None = None,
) -> Requirement:
    return Requirement(state, "type", testcase, scenario, result_id)


class FakeGating:
    def __init__(self, answer: Callable[[GatingQuestion], Decision | FedoraOpenQAError]) -> None:
        self.answer = answer
        self.asked: list[GatingQuestion] = []
        self.verbose: bool | None = None

    def decide(self, question: GatingQuestion, *, verbose: bool = False) -> Decision:
        self.asked.append(question)
        self.verbose = verbose
        answer = self.answer(question)
        if isinstance(answer, FedoraOpenQAError):
            raise answer
        return answer


class OpenQAWithBuilds(FakeOpenQA):
    def __init__(self, builds: Mapping[str, Sequence[Job] | FedoraOpenQAError]) -> None:
        super().__init__()
        self.builds = builds
        self.asked: list[str] = []

    def jobs_for_build(self, build: str) -> tuple[Job, ...]:
        self.asked.append(build)
        jobs = self.builds.get(build, ())
        if isinstance(jobs, FedoraOpenQAError):
            raise jobs
        return tuple(jobs)


class FakeUpdates:
    def __init__(self, updates: Iterable[Update]) -> None:
        self.updates = tuple(updates)
        self.since = 0.0

    def waiting(self, *, since: float) -> tuple[Update, ...]:
        self.since = since
        return self.updates

    def with_build(self, nvr: str) -> Update | None:
        return next((one for one in self.updates if nvr in one.nvrs), None)
