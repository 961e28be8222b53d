"""The metrics: names, labels, and who reads what."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily

from fedora_openqa.errors import ServiceUnavailableError
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.openqa_load import OpenQALoad
from fedora_openqa.model.stories import Pause
from fedora_openqa.model.work import Away, Wanted
from fedora_openqa.monitoring.metrics import (
    Cached,
    OwnTimes,
    PrometheusMeasures,
    as_text,
    new_registry,
    read_openqa,
    read_store,
)
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.health import Health
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.subjects import Subjects
from tests.store.timed import StoppedClock
from tests.support.stores import new_store


def samples(registry: CollectorRegistry) -> dict[str, float]:
    """Return each sample as Prometheus reads it, without our prefix, to its value."""
    lines = as_text(registry).decode().splitlines()
    found = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name.removeprefix("fedora_openqa_"): float(value) for name, _, value in found}


@pytest.fixture
def registry() -> CollectorRegistry:
    return new_registry()


def test_what_a_process_does_is_counted(registry: CollectorRegistry) -> None:
    services = {"https://x/": "composes", "https://x/datagrepper": "datagrepper"}
    measures = PrometheusMeasures(registry, services=services)
    measures.message("openqa.job.done", "delivery")
    measures.planned("update", 12.0)
    measures.delivered("wiki", 700.0)
    measures.lease_lost("update")
    measures.job_result("update", "x86_64", "passed")
    measures.job_result("update", "vax", "passed")
    measures.request("https://x/datagrepper/raw", 0.2, None)
    measures.request("https://x/compose", 0.2, "5xx")
    measures.request("https://elsewhere", 0.2, "timeout")
    found = samples(registry)
    assert found['messages_total{topic="openqa.job.done",verdict="delivery"}'] == 1
    assert found['plan_seconds_sum{kind="update"}'] == 12.0
    assert found['report_seconds_bucket{le="1800.0",sink="wiki"}'] == 1
    assert found['lease_lost_total{lane="update"}'] == 1
    assert found['job_results_total{arch="x86_64",kind="update",result="passed"}'] == 1
    assert found['job_results_total{arch="other",kind="update",result="passed"}'] == 1
    for service in ("composes", "datagrepper", "other"):
        assert found[f'request_seconds_count{{service="{service}"}}'] == 1
    assert found['request_failures_total{kind="5xx",service="composes"}'] == 1
    # a series that begins with its first event has no increase
    assert found['request_failures_total{kind="5xx",service="datagrepper"}'] == 0
    assert found['lease_lost_total{lane="wiki"}'] == 0
    assert any(name.startswith("info{version=") for name in found)


def test_the_gauges_of_the_store_are_those_of_its_rows(
    registry: CollectorRegistry, tmp_path: Path
) -> None:
    clock, engine = StoppedClock(1000.0), new_store(tmp_path / "store.db")
    subjects, health = Subjects(engine, clock=clock), Health(engine, clock=clock)
    for name in ("A", "B"):
        subjects.want(Wanted(f"update:{name}", "update", {}), message_id=None)
    deliveries = [WantedDelivery(sink=Sink.WIKI, build="B", item=item) for item in "12"]
    Deliveries(engine, clock=clock).want(deliveries)
    subjects.park_message("m", {}, reason="odd")
    subjects.swept({"update": 2})
    Pauses(engine, clock=clock).pause(Pause("compose", by="me", reason="x", since=1000.0))
    clock.now += 60
    lease = subjects.lease("a", ["wiki"], seconds=10.0)
    assert lease
    subjects.postpone_lane(lease, Away("502"), delay=lambda _waited: 30.0)
    clock.now += 10
    registry.register(Cached(lambda: read_store(health, ["mail"]), lambda: True, seconds=15.0))
    found = samples(registry)
    assert found['oldest_due_seconds{lane="update"}'] == 70.0
    assert found['oldest_due_seconds{lane="wiki"}'] == 0.0
    assert found['oldest_unreported_seconds{sink="wiki"}'] == 70.0
    assert found['sink_away_seconds{sink="wiki"}'] == 10.0
    assert found['parked{kind="message"}'] == 1
    assert found['subjects{kind="update",state="wanted"}'] == 2
    assert found['deliveries{sink="wiki",state="pending"}'] == 2
    assert found['sweep_found_total{kind="update"}'] == 2
    assert found['sweep_found_total{kind="compose"}'] == 0
    assert found["sweep_last_timestamp_seconds"] == 1000.0
    assert {name for name, on in found.items() if "paused" in name and on} == {
        'lane_paused{lane="compose"}',
        'lane_paused{lane="mail"}',
    }


def test_openqas_gauges_are_its_load(registry: CollectorRegistry) -> None:
    load = OpenQALoad(
        jobs={("scheduled", "x86_64"): 3},
        workers={("tap", "idle"): 2},
        oldest_scheduled={"tap": 40.0},
    )
    registry.register(Cached(lambda: read_openqa(load), lambda: True, seconds=60.0))
    found = samples(registry)
    assert found['openqa_jobs{arch="x86_64",state="scheduled"}'] == 3
    assert found['openqa_workers{status="idle",worker_class="tap"}'] == 2
    assert found['openqa_oldest_scheduled_seconds{worker_class="tap"}'] == 40.0


def test_what_is_read_is_kept_and_read_by_the_leader_alone(registry: CollectorRegistry) -> None:
    now, reads, leads, fails = [0.0], [0], [False], [False]

    def read() -> Iterable[GaugeMetricFamily]:
        reads[0] += 1
        if fails[0]:
            raise ServiceUnavailableError("away")
        yield GaugeMetricFamily("fedora_openqa_x", "x", value=reads[0])

    registry.register(Cached(read, lambda: leads[0], seconds=15.0, clock=lambda: now[0]))
    assert samples(registry) == {}
    leads[0] = True
    assert samples(registry) == samples(registry) == {"x": 1.0}
    now[0] = 15.0
    assert samples(registry) == {"x": 2.0}
    now[0], fails[0] = 30.0, True
    assert samples(registry) == {}
    assert reads == [3]


def test_a_process_tells_its_own_last_messages_and_progress(registry: CollectorRegistry) -> None:
    registry.register(OwnTimes(lambda: {"a": 5.0, "b": None}, lambda: {"update": 7.0}))
    assert samples(registry) == {
        'last_message_timestamp_seconds{topic="a"}': 5.0,
        'last_progress_timestamp_seconds{lane="update"}': 7.0,
    }
