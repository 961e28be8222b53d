"""Says when builds will be done, after each look at openQA, and compares it with their ends."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from fedora_openqa import ports
from fedora_openqa.measures import measures
from fedora_openqa.model.forecast import Durations, Forecast, Prediction
from fedora_openqa.model.history import Scenario
from fedora_openqa.model.openqa_load import Moment, Observed, SnapshotName
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.forecast import (
    COMPARED_FOR,
    READ_RUNS,
    durations_of,
    forecast,
    spreads_of,
    took_by,
)
from fedora_openqa.policy.subject_names import parse_name

log = logging.getLogger(__name__)

#: seconds that the duration of a test is kept before its runs are read again
KEPT = 3600.0

#: seconds after its tests were scheduled in which what is said of a build is compared later
PROMPT = 600.0

#: moments of the series, and seconds between two of them: a day
MOMENTS, APART = 288, 300.0


@dataclass(slots=True)
class Forecasting:
    """Forecasts of all builds in openQA's queue."""

    forecasts: ports.Forecasts
    snapshots: ports.Snapshots
    #: scenario to the time at which its runs were read, and how long they took
    _known: dict[Scenario, tuple[float, Durations]] = field(default_factory=dict, init=False)

    def update(self, observed: Observed, now: float) -> None:
        """Store what follows from a look at openQA; nothing follows from one that failed.

        Raises:
            ServiceUnavailableError: the database is away.
        """
        if observed.at is None or observed.at < now:
            return
        jobs = observed.jobs
        ended = self.forecasts.settle({job.build for job in jobs})
        for one in ended:
            if one.ratio is not None:
                measures().forecast(one.kind, one.ratio)
        kinds = {job.build: str(parse_name(job.build).kind or "") for job in jobs}
        compared = self.forecasts.settled(since=now - COMPARED_FOR)
        seen = forecast(
            jobs,
            observed.workers.facts or (),
            known=self._durations({job.scenario for job in jobs}, now),
            spreads=spreads_of(compared),
            kind_of=kinds,
            now=now,
        )
        self.snapshots.save(
            {SnapshotName.FORECAST: replace(seen, took=took_by(compared)), **_series(observed, now)}
        )
        self._remember(seen, kinds, now)

    def _durations(self, scenarios: Iterable[Scenario], now: float) -> Mapping[Scenario, Durations]:
        wanted = set(scenarios)
        kept = {
            one: (read, known)
            for one, (read, known) in self._known.items()
            if one in wanted and now - read < KEPT
        }
        runs = self.forecasts.runs(wanted - kept.keys(), most=READ_RUNS)
        kept |= {one: (now, known) for one, it in runs.items() if (known := durations_of(it))}
        self._known = kept
        return {one: known for one, (_, known) in kept.items()}

    def _remember(self, seen: Forecast, kinds: Mapping[str, str], now: float) -> None:
        """Store what is said of builds whose tests were scheduled just now."""
        subjects = self.forecasts.subjects_of(one.build for one in seen.builds)
        posted = {
            build: asked
            for build, asked in subjects.items()
            if asked.state in {SubjectState.SCHEDULED, SubjectState.REPORTED}
            and now - asked.updated < PROMPT
        }
        self.forecasts.predict(
            [
                Prediction(
                    key=asked.key,
                    number=asked.number,
                    build=one.build,
                    kind=kinds[one.build],
                    at=now,
                    expected=one.expected,
                    not_before=one.not_before,
                    usually_by=one.usually_by,
                )
                for one in seen.builds
                if (asked := posted.get(one.build))
                and one.expected is not None
                and one.not_before is not None
            ]
        )


def _series(observed: Observed, now: float) -> Mapping[SnapshotName, tuple[Moment, ...]]:
    """Return the series with the present moment; empty: the last one is not long ago."""
    series = observed.series.facts or ()
    if series and 0 <= now - series[-1].at < APART:
        return {}
    running = sum(job.runs for job in observed.jobs)
    moment = Moment(
        at=now,
        waiting=len(observed.jobs) - running,
        running=running,
        online=sum(one.is_online for one in observed.workers.facts or ()),
    )
    return {SnapshotName.SERIES: (*series, moment)[-MOMENTS:]}
