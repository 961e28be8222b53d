"""What counts as a problem of a deployment, and what does not."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fedora_openqa.model.deliveries import Absence
from fedora_openqa.model.health import Found, Heard, Level, Process, Vitals
from fedora_openqa.policy.health import (
    ALIVE_SECONDS,
    DAY,
    STUCK_SECONDS,
    UNATTENDED_SECONDS,
    gap_after,
    problems,
)

NOW = 1_000_000.0
HOUR = 3600.0
TOPICS = {"compose": ("pungi",), "update": ("bodhi",), "wiki": ("job",)}


def process(
    role: str = "worker",
    *,
    lanes: Mapping[str, float | None] | None = None,
    topics: Mapping[str, Heard] | None = None,
    seen: float = NOW,
) -> Process:
    return Process(
        host="qa01",
        pid=7,
        role=role,
        version="1",
        lanes=lanes or {},
        topics=topics or {},
        started=NOW - 9 * DAY,
        seen=seen,
    )


def found(vitals: Vitals, **changes: object) -> list[tuple[Level, str]]:
    parameters = {"topics": TOPICS, "paused": (), "sweep_every": 1800.0, **changes}
    return [(one.level, one.name) for one in problems(vitals, **parameters)]  # type: ignore[arg-type] # as above


def test_an_idle_deployment_has_no_problem() -> None:
    assert found(Vitals(now=NOW)) == []


@pytest.mark.parametrize(
    ("processes", "waits", "expected"),
    [
        ((), UNATTENDED_SECONDS + 1, [(Level.WARNING, "no process: wiki")]),
        ((), UNATTENDED_SECONDS, []),
        ((process(lanes={"update": NOW}),), HOUR, [(Level.WARNING, "no process: wiki")]),
        ((process(lanes={"wiki": NOW}),), HOUR, []),
        (
            (process(lanes={"wiki": NOW}, seen=NOW - ALIVE_SECONDS - 1),),
            HOUR,
            [(Level.WARNING, "no process: wiki")],
        ),
        (
            (process(lanes={"wiki": NOW - STUCK_SECONDS - 1}),),
            HOUR,
            [(Level.CRITICAL, "no progress: wiki")],
        ),
        ((process(lanes={"wiki": None}),), HOUR, [(Level.CRITICAL, "no progress: wiki")]),
        ((process(lanes={"wiki": NOW - HOUR}), process(lanes={"wiki": NOW})), HOUR, []),
    ],
    ids=["none", "not yet", "other lane", "works", "dead", "stuck", "never", "one of two"],
)
def test_due_work_needs_a_process_that_gets_on(
    processes: tuple[Process, ...], waits: float, expected: list[tuple[Level, str]]
) -> None:
    assert found(Vitals(now=NOW, processes=processes, due={"wiki": NOW - waits})) == expected


@pytest.mark.parametrize("paused", ["wiki", "all"])
def test_a_lane_that_the_configuration_pauses_needs_no_process(paused: str) -> None:
    assert found(Vitals(now=NOW, due={"wiki": NOW - HOUR}), paused=(paused,)) == []


@pytest.mark.parametrize(
    ("last", "gap", "sweep_found", "deaf"),
    [
        (NOW - 3 * HOUR, HOUR, NOW - 60.0, True),
        # a quiet Sunday: no message, and the sweep finds nothing
        (NOW - 3 * HOUR, HOUR, None, False),
        # what the sweep found was announced late
        (NOW - 30.0, HOUR, NOW - 60.0, False),
        # the sweep was only quicker than the message usually is
        (NOW - 3 * HOUR, 12 * HOUR, NOW - 60.0, False),
        # nothing was heard since the start, which is long ago
        (None, None, NOW - 60.0, True),
        # the first message came yesterday
        (NOW - 0.5 * DAY, None, NOW - 60.0, False),
    ],
)
def test_a_consumer_is_deaf_if_a_sweep_finds_what_it_should_have_heard(
    last: float | None, gap: float | None, sweep_found: float | None, *, deaf: bool
) -> None:
    vitals = Vitals(
        now=NOW,
        processes=(process("scheduler", topics={"pungi": Heard(last, gap), "bodhi": Heard(NOW)}),),
        found={"compose": Found(sweep_found, 1)} if sweep_found else {},
    )
    assert found(vitals) == ([(Level.CRITICAL, "deaf: scheduler: compose")] if deaf else [])


def test_what_waits_for_a_person_is_a_warning_and_the_worst_comes_first() -> None:
    vitals = Vitals(
        now=NOW,
        processes=(process(lanes={"update": None}),),
        due={"update": NOW - HOUR},
        absences=(Absence("wiki", error="401", since=NOW - 60.0, until=NOW),),
        parked={"update": 2, "message": 1},
        last_sweep=NOW - 2 * HOUR,
    )
    assert found(vitals) == [
        (Level.CRITICAL, "no progress: update"),
        (Level.WARNING, "away: wiki"),
        (Level.WARNING, "parked"),
        (Level.WARNING, "sweep"),
    ]
    assert (Level.WARNING, "sweep") not in found(vitals, sweep_every=0.0)


@given(gaps=st.lists(st.floats(0.001, 10 * DAY), min_size=1, max_size=50))
def test_the_usual_gap_is_at_least_the_last_and_at_most_the_longest(gaps: list[float]) -> None:
    now, heard = 0.0, Heard(0.0)
    for gap in gaps:
        now += gap
        heard = Heard(now, gap_after(heard, now=now))
    assert heard.gap is not None
    assert gaps[-1] <= heard.gap + 1e-6
    assert heard.gap <= max(gaps) + 1e-6


def test_a_weekend_is_still_usual_a_week_later() -> None:
    heard = Heard(0.0, 2 * DAY)
    for minute in range(1, 7 * 24 * 60):
        heard = Heard(minute * 60.0, gap_after(heard, now=minute * 60.0))
    assert heard.gap == pytest.approx(DAY, rel=0.01)
