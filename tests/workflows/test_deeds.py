"""Restarts of jobs of several builds for one person, of which openQA answers only some."""

from dataclasses import dataclass, field

import pytest

from fedora_openqa.errors import AmbiguousWriteError, FedoraOpenQAError, ServiceUnavailableError
from fedora_openqa.model.acting import Order, Wish
from fedora_openqa.model.audit import Act, Action, Ending, Intent, Role
from fedora_openqa.model.failures import FailedRun, FailureCluster, FailureKind
from fedora_openqa.model.reruns import Rerun, RerunRequest, Selection
from fedora_openqa.workflows.acting import Record
from fedora_openqa.workflows.rerunning import Rerunning
from tests.support.jobs import job
from tests.support.stored_jobs import stored

BUILDS = ("Fedora-Rawhide-20261119.n.0", "Fedora-Rawhide-20261120.n.0")

ORDER = Order(
    wish=Wish(what=Action.RERUN, target="failures:7"),
    who="ada",
    role=Role.OPERATOR,
    reason="x",
    key="k",
)


@dataclass
class TwoBuilds:
    """Restarts of openQA, and failures with one cause in two builds."""

    #: what a restart of each build fails with
    errors: dict[str, FedoraOpenQAError]
    restarted: list[str] = field(default_factory=list)

    def find(self, job_id: int) -> FailureCluster:
        runs = [
            FailedRun(stored(job_id + number, outcome="done/failed", build=build))
            for number, build in enumerate(BUILDS)
        ]
        return FailureCluster(7, "Rawhide", (), FailureKind.INFRA, tuple(runs))

    def select(self, request: RerunRequest) -> Selection:
        (one,) = request.jobs
        return Selection(build=request.subject, jobs=(job(one),), asked_as={one: one})

    def restart(self, selection: Selection, *, force: bool) -> Rerun:  # noqa: ARG002
        if error := self.errors.get(selection.build):
            raise error
        self.restarted.append(selection.build)
        return Rerun({one.id: one.id + 100 for one in selection.jobs})


def perform(errors: dict[str, FedoraOpenQAError]) -> Record:
    two = TwoBuilds(errors)
    deed = Rerunning(lambda: two, history=two, lists=two, desk=two)  # type: ignore[arg-type, return-value] # all that is needed of them
    intent = Intent(who="ada", role=Role.OPERATOR, what=Action.RERUN, target="failures:7", key="k")
    record = Record(Act(1, intent, 0.0))
    deed.perform(ORDER, record)
    return record


def test_the_jobs_of_all_builds_are_one_outcome() -> None:
    record = perform({})
    assert (record.ending, record.outcome) == (Ending.DONE, "restarted: 7 as 107, 8 as 108")


def test_what_was_restarted_before_a_failure_is_said() -> None:
    with pytest.raises(AmbiguousWriteError) as error:
        perform({BUILDS[1]: ServiceUnavailableError("503")})
    assert str(error.value) == f"restarted: 7 as 107; {BUILDS[1]}: 503"


def test_a_failure_before_all_restarts_is_the_outcome() -> None:
    with pytest.raises(ServiceUnavailableError, match="503"):
        perform({BUILDS[0]: ServiceUnavailableError("503")})
