"""The metrics of a process; the only module that imports prometheus_client.

The values of labels are closed sets: never a test, build or job.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from typing_extensions import override

from fedora_openqa import __version__, ports
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.measures import Measures
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.model.openqa_load import OpenQALoad
from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.model.subjects import MESSAGE_KINDS

log = logging.getLogger(__name__)

PREFIX = "fedora_openqa"

#: seconds that what is read from the store is kept
STORE_SECONDS = 15.0

#: bounds of the seconds from a message to its jobs or results
DELAYS = (5, 15, 30, 60, 120, 300, 600, 1800, 3600, 21_600, 86_400)

#: bounds of the seconds of a request
REQUESTS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)

#: arches of jobs; another one counts as "other"
ARCHES = frozenset({"x86_64", "aarch64", "ppc64le", "s390x", "i386", "riscv64"})

#: bounds of what builds took, as a share of what was expected
RATIOS = (0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0)

#: kinds of failed requests
FAILURES = ("timeout", "connection", "4xx", "5xx", "other")

#: a service that is not configured, and an arch that is not listed
OTHER = "other"

#: all lanes
LANES = (*map(str, MESSAGE_KINDS), *map(str, Sink))

Families = Iterable[GaugeMetricFamily | CounterMetricFamily]


class PrometheusMeasures(Measures):
    """Counts and durations of this process."""

    def __init__(self, registry: CollectorRegistry, *, services: Mapping[str, str]) -> None:
        """Register the metrics.

        :param services: what the URLs of a service begin with, to its name
        """
        # the longest one first
        self._services = sorted(services.items(), key=lambda it: -len(it[0]))
        Info(PREFIX, "This process", registry=registry).info({"version": __version__})

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"{PREFIX}_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, label: str, buckets: tuple[float, ...]) -> Histogram:
            name = f"{PREFIX}_{name}"
            return Histogram(name, text, [label], buckets=buckets, registry=registry)

        self._messages = counter("messages", "Messages of ours taken in", "topic", "verdict")
        self._lost = counter("lease_lost", "Leases lost while a worker worked", "lane")
        self._results = counter("job_results", "Final results sent", "kind", "arch", "result")
        self._failures = counter("request_failures", "Failed requests", "service", "kind")
        self._requests = histogram("request_seconds", "HTTP requests", "service", REQUESTS)
        self._plans = histogram("plan_seconds", "From the message to the jobs", "kind", DELAYS)
        self._ratios = histogram(
            "eta_error_ratio", "What builds took, as a share of what was expected", "kind", RATIOS
        )
        self._reports = histogram("report_seconds", "From the message to the sink", "sink", DELAYS)
        # a series that begins with its first event has no increase
        for lane in LANES:
            self._lost.labels(lane)
        for service in (*services.values(), OTHER):
            for kind in FAILURES:
                self._failures.labels(service, kind)

    @override
    def message(self, topic: str, verdict: str) -> None:
        self._messages.labels(topic, verdict).inc()

    @override
    def planned(self, kind: str, seconds: float) -> None:
        self._plans.labels(kind).observe(seconds)

    @override
    def delivered(self, sink: str, seconds: float) -> None:
        self._reports.labels(sink).observe(seconds)

    @override
    def lease_lost(self, lane: str) -> None:
        self._lost.labels(lane).inc()

    @override
    def job_result(self, kind: str, arch: str, result: str) -> None:
        self._results.labels(kind, arch if arch in ARCHES else OTHER, result).inc()

    @override
    def forecast(self, kind: str, ratio: float) -> None:
        self._ratios.labels(kind).observe(ratio)

    @override
    def request(self, url: str, seconds: float, failure: str | None) -> None:
        service = next((name for start, name in self._services if url.startswith(start)), OTHER)
        self._requests.labels(service).observe(seconds)
        if failure:
            self._failures.labels(service, failure).inc()


@dataclass(eq=False)
class Cached(Collector):
    """Metrics that are read from elsewhere, by one process of a deployment at a time."""

    read: Callable[[], Families]
    #: whether this process is the one that reads
    leads: Callable[[], bool]
    #: seconds that an answer is kept
    seconds: float
    clock: Callable[[], float] = time.monotonic
    _kept: tuple[float, Families] = field(default=(-math.inf, ()), init=False)
    _reading: threading.Lock = field(default_factory=threading.Lock, init=False)

    @override
    def collect(self) -> Families:
        if not self.leads():
            return ()
        if self.clock() - self._kept[0] >= self.seconds and self._reading.acquire(blocking=False):
            self._refresh()
        return self._kept[1]

    def _refresh(self) -> None:
        found: Families = ()
        try:
            found = tuple(self.read())
        except FedoraOpenQAError as exc:
            log.warning("metrics are missing: %s", exc)
        finally:
            self._kept = self.clock(), found
            self._reading.release()

    def describe(self) -> Families:
        """Return nothing, so that nothing is read when it is registered."""
        return ()


@dataclass(frozen=True, eq=False)
class OwnTimes(Collector):
    """The last messages and the last progress of this process."""

    #: return topic or lane to seconds since 1970; None: never
    messages: Callable[[], Mapping[str, float | None]]
    progress: Callable[[], Mapping[str, float | None]]

    @override
    def collect(self) -> Families:
        return (
            _gauge(
                "last_message_timestamp_seconds",
                "The last message of a topic",
                "topic",
                {topic: at for topic, at in self.messages().items() if at is not None},
            ),
            _gauge(
                "last_progress_timestamp_seconds",
                "The last attempt that ended, or the last look that found nothing due",
                "lane",
                {lane: at for lane, at in self.progress().items() if at is not None},
            ),
        )


def read_store(
    health: ports.Health, paused: Iterable[str]
) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
    """Yield what the store has.

    :param paused: lanes that are paused by the configuration

    Raises:
        ServiceUnavailableError: the store does not answer.
    """
    vitals, tallies = health.vitals(), health.tallies()
    stopped = {*paused, *tallies.paused}
    if ALL_LANES in stopped:
        stopped.update(LANES)
    age = {lane: vitals.now - since for lane, since in vitals.due.items()}
    yield _gauge("oldest_due_seconds", "Since the oldest work is due", "lane", zeros(LANES) | age)
    age = {sink: vitals.now - since for sink, since in tallies.unreported.items()}
    yield _gauge(
        "oldest_unreported_seconds", "Since the oldest delivery waits", "sink", zeros(Sink) | age
    )
    away = {one.lane: vitals.now - one.since for one in vitals.absences}
    yield _gauge("sink_away_seconds", "Since a lane's service is away", "sink", zeros(LANES) | away)
    yield _gauge("parked", "Parked items", "kind", zeros((*LANES, "message")) | {**vitals.parked})
    yield _gauge(
        "lane_paused",
        "Whether a lane is paused",
        "lane",
        {it: float(it in stopped) for it in LANES},
    )
    yield _gauge2("subjects", "Subjects", ("kind", "state"), tallies.subjects.items())
    yield _gauge2("deliveries", "Deliveries", ("sink", "state"), tallies.deliveries.items())
    if vitals.last_sweep is not None:
        last = GaugeMetricFamily(f"{PREFIX}_sweep_last_timestamp_seconds", "The last sweep")
        last.add_metric([], vitals.last_sweep)
        yield last
    found = CounterMetricFamily(
        f"{PREFIX}_sweep_found", "What sweeps found and no message had named", labels=["kind"]
    )
    for lane, count in (zeros(LANES) | {it: one.count for it, one in vitals.found.items()}).items():
        found.add_metric([lane], count)
    yield found


def read_openqa(load: OpenQALoad) -> Iterator[GaugeMetricFamily]:
    """Yield what openQA has to do, and with which workers."""
    yield _gauge2("openqa_jobs", "Jobs that wait or run", ("state", "arch"), load.jobs.items())
    yield _gauge2("openqa_workers", "Workers", ("worker_class", "status"), load.workers.items())
    yield _gauge(
        "openqa_oldest_scheduled_seconds",
        "Since the oldest job waits for a worker, as far as it was seen",
        "worker_class",
        load.oldest_scheduled,
    )


def new_registry() -> CollectorRegistry:
    """Return a registry without metrics."""
    # no series with the time at which a counter was created
    disable_created_metrics()  # type: ignore[no-untyped-call] # has no annotations
    return CollectorRegistry()


def as_text(registry: CollectorRegistry) -> bytes:
    """Return all metrics in Prometheus' text format."""
    return generate_latest(registry)


def zeros(names: Iterable[str]) -> dict[str, float]:
    """Return 0 for each name, so that each has a value from the start."""
    return dict.fromkeys(map(str, names), 0.0)


def _gauge(name: str, text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    return _gauge2(name, text, (label,), [((value,), number) for value, number in values.items()])


def _gauge2(
    name: str, text: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", text, labels=labels)
    for of, number in values:
        family.add_metric(of, number)
    return family
