from collections.abc import Sequence
from datetime import timedelta

import pytest

from fedora_openqa.errors import AmbiguousWriteError, ServiceUnavailableError
from fedora_openqa.gateways.openqa.dry_run import DryRunOpenQA
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.reruns import Estimate, Rerun, RerunRequest, RestartAnswer
from fedora_openqa.ports import OpenQA
from fedora_openqa.workflows.rerun import LOOKS, Reruns
from tests.support.fakes import FakeOpenQA
from tests.support.jobs import BUILD, job

FAILED = RerunRequest(subject=BUILD, failed=True)
LOST = AmbiguousWriteError("POST jobs/restart: no answer in time")


def rerun(openqa: OpenQA, *, force: bool = False) -> Rerun:
    workflow = Reruns(openqa=openqa, look_again_after=0.0)
    return workflow.restart(workflow.select(FAILED), force=force)


def estimate(openqa: OpenQA) -> Estimate:
    workflow = Reruns(openqa=openqa, look_again_after=0.0)
    return workflow.estimate(workflow.select(FAILED))


def test_all_jobs_are_asked_for_at_once() -> None:
    openqa = FakeOpenQA([job(1), job(2, "upgrade"), job(3, "other", outcome="done/passed")])
    assert rerun(openqa, force=True) == Rerun(copies={1: 4, 2: 5})
    assert openqa.restarts == [((1, 2), True)]


def test_nothing_is_asked_where_nothing_failed() -> None:
    openqa = FakeOpenQA([job(1, outcome="done/passed")])
    assert rerun(openqa) == Rerun(copies={})
    assert openqa.restarts == []


def test_a_second_rerun_restarts_nothing() -> None:
    openqa = FakeOpenQA([job(1)])
    rerun(openqa)
    assert rerun(openqa).copies == {}
    assert len(openqa.restarts) == 1


def test_a_dry_run_restarts_nothing() -> None:
    openqa = FakeOpenQA([job(1)])
    assert rerun(DryRunOpenQA(openqa)).copies == {1: None}
    assert openqa.restarts == []


def lose_the_answer() -> None:
    raise LOST


def test_a_restart_without_an_answer_is_looked_for_and_not_repeated() -> None:
    openqa = FakeOpenQA([job(1), job(2, "upgrade")])
    openqa.after_restart = lose_the_answer
    assert rerun(openqa) == Rerun(copies={1: 3, 2: 4})
    assert len(openqa.restarts) == 1


def test_what_has_no_copy_after_some_looks_is_named() -> None:
    class Deaf(FakeOpenQA):
        def restart_jobs(self, job_ids: Sequence[int], *, force: bool) -> RestartAnswer:
            self.restarts.append((tuple(job_ids), force))
            raise LOST

    # that an older job was copied is nothing of ours
    openqa = Deaf([job(1, clone_id=2), job(2)])
    looks: list[int] = []
    openqa.before_build = lambda: looks.append(1)
    ended = rerun(openqa)
    assert ended.copies == {}
    assert [it.reason for it in ended.refused] == [f"{LOST}; openQA has no copy of it"]
    assert len(looks) == 1 + LOOKS
    assert len(openqa.restarts) == 1


def test_not_to_know_what_was_restarted_is_an_error() -> None:
    openqa = FakeOpenQA([job(1)])
    openqa.after_restart = lose_the_answer

    def fail_once_asked() -> None:
        if openqa.restarts:
            raise ServiceUnavailableError("GET jobs: 503")

    openqa.before_build = fail_once_asked
    with pytest.raises(AmbiguousWriteError, match=r"may be restarted: .*no answer.*GET jobs: 503"):
        rerun(openqa)


def test_the_history_of_each_product_is_read_once() -> None:
    asked: list[tuple[str, str]] = []

    class Reading(FakeOpenQA):
        def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:
            asked.append((flavor, arch))
            return (job(9, flavor=flavor, arch=arch, minutes=30),)

    openqa = Reading([job(1), job(2, "upgrade"), job(3, flavor="universal")])
    found = estimate(openqa)
    assert sorted(asked) == [("Server-dvd-iso", "x86_64"), ("universal", "x86_64")]
    assert (found.total, found.unknown) == (timedelta(hours=1), 1)


def test_a_history_that_cannot_be_read_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    class Forgetful(FakeOpenQA):
        def passed_jobs(self, *, flavor: str, arch: str) -> tuple[Job, ...]:  # noqa: ARG002
            raise ServiceUnavailableError("GET jobs: 503")

    openqa = Forgetful([job(1)])
    assert estimate(openqa).unknown == 1
    assert "GET jobs: 503" in caplog.text
