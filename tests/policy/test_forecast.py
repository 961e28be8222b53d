"""When builds will be done: the queue played through."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.forecast import BuildForecast, Drain, Durations, Prediction, Took
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.openqa_load import QueuedJob, Worker
from fedora_openqa.policy.forecast import (
    LEAST_COMPARED,
    NO_DURATION,
    Spread,
    durations_of,
    forecast,
    spreads_of,
    took_by,
)
from fedora_openqa.policy.simulation import Simulation

NOW = 10_000.0
HOUR = 3600.0


def scenario(test: str = "install", flavor: str = "Server-dvd-iso") -> Scenario:
    return Scenario(test, flavor, "x86_64", "64bit")


def job(number: int, **changes: object) -> QueuedJob:
    made = QueuedJob(number, "B", scenario(), "scheduled", 50, classes=("tap",), since=NOW)
    return replace(made, **changes)  # type: ignore[arg-type] # of several types


def running(number: int, worker: int, started: float, **changes: object) -> QueuedJob:
    return job(number, state="running", worker_id=worker, started=started, **changes)


def workers(number: int, *, classes: tuple[str, ...] = ("tap",), **changes: object) -> list[Worker]:
    return [
        replace(Worker(it, f"qa01:{it}", "idle", classes), **changes)  # type: ignore[arg-type] # as above
        for it in range(1, number + 1)
    ]


def ends(
    jobs: Sequence[QueuedJob], some: Sequence[Worker], seconds: float | Mapping[int, float] = 100.0
) -> dict[int, float]:
    """Return the seconds from now until each job ends."""
    takes = (
        seconds if isinstance(seconds, Mapping) else dict.fromkeys((it.id for it in jobs), seconds)
    )
    return {it: end - NOW for it, end in Simulation(jobs, some, takes, NOW).ends().items()}


def test_jobs_run_by_priority_and_then_by_id() -> None:
    jobs = [job(1), job(2, priority=40), job(3, priority=40)]
    assert ends(jobs, workers(1)) == {2: 100.0, 3: 200.0, 1: 300.0}


def test_a_job_that_no_free_worker_takes_holds_up_no_other() -> None:
    jobs = [job(1), job(2, classes=("ppc",)), job(3)]
    some = [*workers(1), Worker(9, "p", "running", ("ppc",))]
    assert ends([*jobs, running(4, 9, NOW - 50.0)], some) == {1: 100.0, 2: 150.0, 3: 200.0, 4: 50.0}


def test_a_job_runs_after_its_parents() -> None:
    jobs = [job(1), job(2, parents=(1,)), job(3, parents=(2, 77), blocked_by=2)]
    # one of another build has ended
    assert ends(jobs, workers(5)) == {1: 100.0, 2: 200.0, 3: 300.0}


def test_jobs_side_by_side_begin_together() -> None:
    jobs = [running(9, 2, NOW - 40.0), job(1, parallel=(2,)), job(2, parallel=(1,))]
    assert ends(jobs, workers(2)) == {9: 60.0, 1: 160.0, 2: 160.0}
    assert ends(jobs, workers(1)) == {9: 60.0}
    after = [job(1), job(2, parents=(1,), parallel=(3,)), job(3, parallel=(2,))]
    assert ends(after, workers(2)) == {1: 100.0, 2: 200.0, 3: 200.0}


def test_workers_are_kept_free_for_jobs_that_have_waited_long_to_begin_together() -> None:
    together = [job(1, parallel=(2,)), job(2, parallel=(1,))]
    others = [job(number, priority=60) for number in range(10, 200)]
    # the two workers are never free at the same time
    busy = [running(3, 1, NOW - 50.0), running(4, 2, NOW)]
    found = ends([*together, *others, *busy], workers(2))
    assert found[1] == found[2]
    assert found[1] < 50 * 20.0 + 500.0
    assert len(found) == len(together) + len(others) + len(busy)


def test_a_job_that_takes_longer_than_known_is_given_more() -> None:
    assert ends([running(1, 1, NOW - 500.0)], workers(1)) == {1: 300.0}
    assert ends([running(1, 1, NOW - 9000.0)], workers(1), 4000.0) == {1: 1000.0}


def test_the_least_able_worker_is_taken() -> None:
    able = Worker(1, "a", "idle", ("tap", "tpm"))
    plain = Worker(2, "b", "idle", ("tap",))
    jobs = [job(1), job(2, classes=("tpm",))]
    assert ends(jobs, [able, plain]) == {1: 100.0, 2: 100.0}


def test_jobs_of_one_worker_run_one_after_the_other() -> None:
    jobs = [running(1, 1, NOW - 20.0), job(2, state="assigned", worker_id=1), job(3)]
    assert ends(jobs, workers(1)) == {1: 80.0, 2: 180.0, 3: 280.0}


@st.composite
def queues(draw: st.DrawFn) -> tuple[list[QueuedJob], list[Worker], dict[int, float]]:
    kinds = (("a",), ("b",), ("a", "b"))
    some = [
        Worker(number, f"w{number}", draw(st.sampled_from(["idle", "running", "dead"])), classes)
        for number, classes in enumerate(draw(st.lists(st.sampled_from(kinds), max_size=5)), 1)
    ]
    jobs: list[QueuedJob] = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        earlier = [it.id for it in jobs]
        # jobs side by side are not chained to each other
        first = [it.id for it in jobs if not it.parents]
        waits = draw(st.booleans())
        one = job(
            number,
            priority=draw(st.integers(0, 3)),
            classes=draw(st.sampled_from(kinds)),
            parents=tuple(draw(st.lists(st.sampled_from(earlier), max_size=2)))
            if earlier and waits
            else (),
            parallel=tuple(draw(st.lists(st.sampled_from(first), max_size=1)))
            if first and not waits
            else (),
        )
        is_running = draw(st.booleans())
        if some and is_running:
            worker = draw(st.sampled_from(some)).id
            one = replace(one, state="running", worker_id=worker, started=NOW - number)
        jobs.append(one)
    seconds = {it.id: draw(st.floats(1.0, 1000.0)) for it in jobs}
    return jobs, some, seconds


@given(queues())
def test_every_job_ends_after_what_it_waits_for_or_never(
    queue: tuple[list[QueuedJob], list[Worker], dict[int, float]],
) -> None:
    jobs, some, seconds = queue
    found = Simulation(jobs, some, seconds, NOW).ends()
    online = [frozenset(one.classes) for one in some if one.is_online]
    for one in jobs:
        if one.runs:
            assert found[one.id] > NOW
            continue
        if one.id not in found:
            continue
        assert any(set(one.classes) <= it for it in online)
        begun = found[one.id] - seconds[one.id]
        assert begun >= NOW - 1e-6
        for parent in set(one.parents) - set(one.parallel):
            assert found[parent] <= begun + 1e-6
    # no more jobs at once than workers that are online
    waited = [
        (found[it.id] - seconds[it.id], found[it.id])
        for it in jobs
        if it.id in found and not it.runs
    ]
    for begun, _ in waited:
        # a begin is computed here, and so is not exact
        just_after = begun + 1e-6
        assert sum(start <= just_after < end for start, end in waited) <= len(online)


@given(queues())
def test_longer_tests_are_never_done_sooner_on_one_worker(
    queue: tuple[list[QueuedJob], list[Worker], dict[int, float]],
) -> None:
    jobs, _, seconds = queue
    alone = [replace(it, state="scheduled", worker_id=None, parallel=()) for it in jobs]
    one = [Worker(1, "w", "idle", ("a", "b"))]
    found = Simulation(alone, one, seconds, NOW).ends()
    later = Simulation(alone, one, {it: 2 * s for it, s in seconds.items()}, NOW).ends()
    assert max(later.values(), default=NOW) >= max(found.values(), default=NOW)
    assert max(found.values(), default=NOW) - NOW == pytest.approx(sum(seconds.values()))


def run(seconds: float, result: str = "passed") -> StoredJob:
    return StoredJob(1, "A", "43", scenario(), "done", result, started=0.0, finished=seconds)


def test_the_duration_of_a_test_is_that_of_its_newest_passed_runs() -> None:
    runs = [run(5.0, "failed"), *(run(float(it)) for it in range(1, 21)), run(1e6)]
    assert durations_of(runs) == Durations(10.0, 18.0)
    assert durations_of([run(5.0, "failed")]) is None


KNOWN = {scenario(): Durations(100.0, 150.0)}


def of(
    jobs: Sequence[QueuedJob],
    some: Sequence[Worker],
    *,
    known: Mapping[Scenario, Durations] = KNOWN,
    spreads: Mapping[str, Spread] | None = None,
) -> BuildForecast:
    (one,) = forecast(
        jobs, some, known=known, spreads=spreads or {}, kind_of={"B": "update"}, now=NOW
    ).builds
    return one


def test_a_build_is_done_when_its_last_job_is() -> None:
    busy = workers(1, status="running")
    one = of([running(1, 1, NOW), job(2), job(3, blocked_by=2, parents=(2,))], busy)
    assert one.not_before == NOW + 300.0
    assert one.usually_by is None
    assert (one.running, one.waiting) == (1, 2)
    assert one.waits == {"workers of class tap are busy": 1, "another job must end before": 1}


def test_a_build_says_since_when_its_oldest_job_runs() -> None:
    jobs = [running(1, 1, NOW - 60.0), running(2, 2, NOW - 90.0), job(3)]
    assert of(jobs, workers(3)).oldest == NOW - 90.0
    assert of([job(3)], workers(3)).oldest is None


def test_earlier_builds_say_how_much_sooner_or_later() -> None:
    one = of([job(1)], workers(1), spreads={"update": Spread(0.9, 1.2)})
    assert one.expected == NOW + 100.0
    assert one.not_before == NOW + 90.0
    assert one.usually_by == NOW + 180.0
    # another kind says nothing
    assert of([job(1)], workers(1), spreads={"compose": Spread(0.9, 1.2)}).usually_by is None


def test_a_test_without_a_duration_takes_that_of_its_flavor() -> None:
    known = {
        scenario("a"): Durations(60.0, 60.0),
        scenario("b"): Durations(80.0, 90.0),
        scenario("c"): Durations(500.0, 500.0),
        scenario("d", "KDE-live-iso"): Durations(1e5, 1e5),
    }
    one = of([job(1, scenario=scenario("new"))], workers(1), known=known)
    assert one.not_before == NOW + 80.0
    assert one.assumed == ("new on Server-dvd-iso",)
    assert of([job(1)], workers(1), known={}).unknown == NO_DURATION


@pytest.mark.parametrize(
    ("some", "why"),
    [
        ([], "no worker has class tap"),
        (workers(2, status="broken"), "no worker of class tap is online"),
        (workers(2, status="dead"), "no worker of class tap is online"),
    ],
)
def test_without_a_worker_a_build_is_never_done(some: Sequence[Worker], why: str) -> None:
    one = of([job(1)], some, spreads={"update": Spread(1.0, 1.0)})
    assert (one.never, one.not_before, one.usually_by) == ((why,), None, None)
    assert one.waits == {why: 1}


def test_too_few_workers_for_jobs_side_by_side_is_never_done() -> None:
    (why,) = of([job(1, parallel=(2,)), job(2, parallel=(1,))], workers(1)).never
    assert "too few workers of class tap" in why


def test_what_waits_for_some_classes_is_drained_when_its_last_job_begins() -> None:
    jobs = [
        running(1, 1, NOW),
        job(2),
        job(3, blocked_by=2, parents=(2,)),
        job(4, classes=("ppc",)),
        job(5, classes=("ppc", "tap"), blocked_by=4),
        running(6, 9, NOW, classes=("s390",)),
    ]
    some = workers(1, status="running")
    found = forecast(jobs, some, known=KNOWN, spreads={}, kind_of={}, now=NOW).drains
    assert found == {
        "tap": Drain(NOW + 200.0, NOW + 300.0),
        "ppc": Drain(never=("no worker has class ppc",)),
        "ppc,tap": Drain(never=("no worker has class ppc,tap",)),
    }
    assert forecast(jobs, some, known={}, spreads={}, kind_of={}, now=NOW).drains == {}


def predictions(kind: str, ratios: Sequence[float]) -> Iterator[Prediction]:
    for number, ratio in enumerate(ratios):
        yield Prediction(
            f"{kind}:{number}", 1, "B", kind, NOW, NOW + HOUR, NOW, None, NOW + ratio * HOUR
        )


def test_the_spread_needs_enough_builds_of_a_kind() -> None:
    ratios = [0.5 + it / 10 for it in range(LEAST_COMPARED)]
    few = predictions("compose", ratios[1:])
    enough = predictions("update", ratios)
    found = spreads_of([*few, *enough])
    assert set(found) == {"update"}
    assert found["update"].least == pytest.approx(0.5)
    assert found["update"].most == pytest.approx(1.2)


def test_what_builds_took_is_said_of_kinds_with_enough_of_them() -> None:
    ratios = [0.5 + it / 10 for it in range(LEAST_COMPARED)]
    open_ = replace(next(predictions("update", [9.0])), ended=None)
    found = took_by([*predictions("compose", ratios[1:]), open_, *predictions("update", ratios)])
    assert set(found) == {"update"}
    assert found["update"] == pytest.approx(Took(0.5 * HOUR, 1.2 * HOUR, LEAST_COMPARED))
