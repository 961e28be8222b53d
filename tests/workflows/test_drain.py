"""Waiting until openQA is idle: what is looked at, how often, and when it ends."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from fedora_openqa.errors import ServiceUnavailableError, TemporaryError
from fedora_openqa.model.drains import Busy
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.stories import LaneStatus
from fedora_openqa.workflows.drain import EVERY, Drain
from tests.support.fakes import FakeOpenQA
from tests.support.jobs import STARTED, job

AWAY = ServiceUnavailableError("GET jobs: 503")
RUNNING = replace(job(1, outcome="running"), started=STARTED)

#: what a look finds: the jobs that run, or an error
Found = Sequence[Job] | TemporaryError


@dataclass
class Stories:
    """`fedora_openqa.ports.Stories` with numbers of subjects that are leased, one a look."""

    leased: list[int]

    def now(self) -> float:
        return 0.0

    def lanes(self, *, now: float) -> tuple[LaneStatus, ...]:  # noqa: ARG002
        number = self.leased.pop(0) if self.leased else 0
        counts = dict.fromkeys(("due", "waiting", "scheduled", "reported", "skipped", "parked"), 0)
        return (LaneStatus("update", leased=number, oldest=None, **counts),)


class Idle(FakeOpenQA):
    """An openQA that runs other jobs at each look, and then none."""

    def __init__(self, looks: Sequence[Found] = (), *, history: Sequence[Job] = ()) -> None:
        super().__init__(history)
        self.looks = list(looks)

    def running_jobs(self) -> tuple[Job, ...]:
        found = self.looks.pop(0) if self.looks else ()
        if isinstance(found, TemporaryError):
            raise found
        return tuple(found)

    def newest_runs(self, build: str) -> frozenset[int]:
        raise NotImplementedError


def wait(
    *looks: Found, leased: Sequence[int] = (), seconds: float = 3600.0
) -> tuple[bool, list[str], float]:
    """Wait; return whether openQA is idle, what was shown, and the seconds that were waited."""
    slept: list[float] = []
    shown: list[str] = []
    drain = Drain(
        openqa=Idle(looks),
        stories=Stories(list(leased)),  # type: ignore[arg-type] # only what is needed
        clock=lambda: sum(slept),
        sleep=slept.append,
    )

    def show(found: Busy | TemporaryError) -> None:
        if isinstance(found, TemporaryError):
            shown.append(str(found))
        else:
            shown.append(f"{len(found.jobs)} {found.leased}")

    return drain.wait(show, seconds=seconds), shown, sum(slept)


def test_nothing_must_run_at_two_looks_in_a_row() -> None:
    assert wait([RUNNING], [], [RUNNING], []) == (
        True,
        ["1 0", "0 0", "1 0", "0 0", "0 0"],
        4 * EVERY,
    )


def test_a_worker_that_may_still_schedule_is_waited_for() -> None:
    assert wait(leased=[1]) == (True, ["0 1", "0 0", "0 0"], 2 * EVERY)


def test_an_openqa_that_does_not_answer_is_not_idle() -> None:
    assert wait([], AWAY, []) == (True, ["0 0", str(AWAY), "0 0", "0 0"], 3 * EVERY)


def test_the_time_limit_ends_it() -> None:
    idle, shown, waited = wait(*[[RUNNING]] * 100, seconds=3 * EVERY)
    assert (idle, len(shown), waited) == (False, 4, 3 * EVERY)


def test_without_time_it_looks_once() -> None:
    assert wait([RUNNING], seconds=0.0) == (False, ["1 0"], 0)
    assert wait(AWAY, seconds=0.0) == (False, [str(AWAY)], 0)
    assert wait([], seconds=0.0) == (True, ["0 0"], 0)


def test_jobs_end_as_their_tests_usually_do() -> None:
    passed = [job(8, outcome="done/passed", minutes=20), job(9, outcome="done/passed", minutes=40)]
    drain = Drain(
        openqa=Idle(history=passed),
        stories=Stories([]),  # type: ignore[arg-type] # only what is needed
        clock=float,
        sleep=lambda _seconds: None,
    )
    waiting, other = job(2), replace(job(3, "podman"), started=STARTED)
    ends = drain.ends_of((RUNNING, waiting, other))
    assert ends == {1: STARTED + timedelta(minutes=30)}
