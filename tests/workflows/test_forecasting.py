"""Forecasts after each look at openQA: on the sandbox's queue, with a store."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from fedora_openqa.measures import Measures, measure_with, measures
from fedora_openqa.model.forecast import BuildForecast, Prediction
from fedora_openqa.model.work import Wanted
from fedora_openqa.policy.forecast import LEAST_COMPARED
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.store.forecasts import Forecasts
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.forecasting import Forecasting
from fedora_openqa.workflows.watch import Watch
from tests.support.watched import BUILD, Site, site

__all__ = ["site"]

HOUR = 3600.0


@dataclass
class Ratios(Measures):
    """Keeps what is measured of forecasts."""

    found: list[tuple[str, float]] = field(default_factory=list)

    def forecast(self, kind: str, ratio: float) -> None:
        self.found.append((kind, ratio))


@pytest.fixture
def ratios() -> Iterator[Ratios]:
    before, kept = measures(), Ratios()
    measure_with(kept)
    yield kept
    measure_with(before)


@pytest.fixture
def watch(site: Site) -> Watch:
    watch = site.watch()
    watch.seen = Forecasting(forecasts(site), site.snapshots).update
    return watch


def forecasts(site: Site) -> Forecasts:
    return Forecasts(site.engine, clock=site.clock)


def look(site: Site, watch: Watch) -> BuildForecast:
    site.clock.now += 60.0
    assert watch.look()
    seen = site.snapshots.observed().forecast.facts
    assert seen
    (one,) = seen.builds
    return one


def teach(site: Site, watch: Watch, seconds: float) -> None:
    """Let all tests of the queue have taken some seconds in an earlier build."""
    watch.look()
    jobs = site.snapshots.observed().jobs
    site.history.remember(
        [
            replace(
                run,
                id=number,
                build="Earlier",
                state="done",
                result="passed",
                origin_id=number,
                started=0.0,
                finished=seconds,
            )
            for number, one in enumerate(jobs, start=500_000)
            for run in site.history.runs(one.scenario, most=1)
        ]
    )


def schedule(site: Site) -> None:
    site.schedule()
    wanted = Wanted(key=f"compose:{BUILD}", lane="compose", request={})
    Subjects(site.engine, clock=site.clock).remember(wanted, reason="scheduled")


def test_a_build_is_forecast_from_what_its_tests_took(site: Site, watch: Watch) -> None:
    schedule(site)
    assert look(site, watch).unknown
    site.clock.now += 2 * HOUR
    teach(site, watch, 600.0)
    one = look(site, watch)
    assert one.not_before
    # the children of the installation run after it
    assert one.not_before >= site.clock.now + 1200.0
    assert one.usually_by is None
    assert one.assumed == ()


def test_what_was_said_is_compared_with_the_end(site: Site, watch: Watch, ratios: Ratios) -> None:
    schedule(site)
    teach(site, watch, 600.0)
    said = look(site, watch)
    begun = site.clock.now
    assert said.expected
    look(site, watch)
    ends = begun + 2 * (said.expected - begun)
    site.clock.now = ends
    jobs = site.snapshots.observed().jobs
    runs = [site.history.runs(one.scenario, most=5) for one in jobs]
    ours = {run.id: run for some in runs for run in some if run.build == BUILD}
    site.history.remember(
        [replace(one, state="done", result="passed", finished=ends) for one in ours.values()]
    )
    # openQA still has them
    watch.look()
    assert forecasts(site).settled(since=0.0) == ()
    site.sandbox.faults.add(Rule(Kind.ANSWER, path="/jobs$", status=200, body='{"jobs": []}'))
    site.clock.now += 60.0
    watch.look()
    (settled,) = forecasts(site).settled(since=0.0)
    assert (settled.key, settled.ended) == (f"compose:{BUILD}", ends)
    ((kind, ratio),) = ratios.found
    assert kind == "compose"
    assert ratio == pytest.approx(2.0)


def test_ten_compared_builds_give_an_upper_bound(site: Site, watch: Watch) -> None:
    schedule(site)
    teach(site, watch, 600.0)
    now = site.clock.now

    def compare(number: int) -> None:
        made = Prediction(f"compose:C{number}", 1, "Earlier", "compose", now, now + HOUR, now)
        forecasts(site).predict([made])

    site.history.remember(
        [
            replace(run, id=900_000, build="Earlier", state="done", finished=now + 2 * HOUR)
            for run in site.history.runs(site.snapshots.observed().jobs[0].scenario, most=1)
        ]
    )
    for number in range(LEAST_COMPARED - 1):
        compare(number)
    assert look(site, watch).usually_by is None
    compare(LEAST_COMPARED)
    look(site, watch)
    one = look(site, watch)
    assert one.usually_by
    assert one.expected
    # they took twice as long as expected
    assert one.usually_by - site.clock.now >= 2 * (one.expected - site.clock.now)


def test_a_look_that_fails_says_nothing_new(site: Site, watch: Watch) -> None:
    schedule(site)
    look(site, watch)
    before = site.snapshots.observed().forecast
    site.sandbox.faults.add(Rule(Kind.ANSWER, path="/api/v1/workers", status=503))
    site.clock.now += 60.0
    watch.look()
    assert site.snapshots.observed().forecast == before


def test_the_series_has_a_moment_every_five_minutes(site: Site, watch: Watch) -> None:
    schedule(site)
    for _ in range(12):
        look(site, watch)
    moments = site.snapshots.observed().series.facts
    assert moments
    assert len(moments) == 3
    assert {one.online for one in moments} == {12}
    assert moments[0].waiting > 0
