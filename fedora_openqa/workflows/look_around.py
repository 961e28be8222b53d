"""Shows what is tested or waits at present, from the store alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fedora_openqa import ports
from fedora_openqa.model.forecast import BuildForecast
from fedora_openqa.model.now import Age, Capacity, Now
from fedora_openqa.model.openqa_load import SnapshotName
from fedora_openqa.model.stories import Status
from fedora_openqa.model.subjects import MESSAGE_KINDS
from fedora_openqa.policy.present import capacity, forecasts_of, present
from fedora_openqa.policy.queue import is_stale

#: subjects without jobs that are shown at most
MOST_WANTED = 200


@dataclass(frozen=True, slots=True)
class LookAround:
    """What openQA was last seen to do, with the subjects of the store."""

    snapshots: ports.Snapshots
    forecasts: ports.Forecasts
    stories: ports.Stories
    pauses: ports.Pauses
    #: lanes that the configuration pauses, to the reason
    paused: Mapping[str, str] = field(default_factory=dict)

    def now(self, status: Status | None = None) -> Now:
        """Return what is tested or waits.

        :param status: what was read of all lanes a moment ago; None: it is read now

        Raises:
            ServiceUnavailableError: the database is away.
        """
        # the lists of jobs are long, and not needed
        observed = self.snapshots.observed([SnapshotName.FORECAST])
        forecast = observed.forecast.facts
        builds = [one.build for one in forecast.builds] if forecast else []
        return present(
            observed,
            asked=self.forecasts.subjects_of(builds),
            done=self.forecasts.done(builds),
            wanted=self.forecasts.wanted(tuple(map(str, MESSAGE_KINDS)), most=MOST_WANTED),
            pauses=status.pauses if status else self.pauses.all(),
            paused=self.paused,
            absences=status.absences if status else self.stories.absences(),
            now=self.snapshots.now(),
        )

    def builds(self) -> Mapping[str, BuildForecast]:
        """Return when the builds in openQA's queue will be done, by build; raises as `now`."""
        observed = self.snapshots.observed([SnapshotName.FORECAST])
        if observed.forecast.facts is None:
            return {}
        found = forecasts_of(observed, now=self.snapshots.now())
        return {one.build: one for one in found}

    def capacity(self) -> Capacity:
        """Return openQA's workers and what waits for them; raises as `now`."""
        return capacity(self.snapshots.observed(), now=self.snapshots.now())

    def age(self) -> Age:
        """Return how old what is known of openQA is; raises as `now`."""
        observed, now = self.snapshots.observed([]), self.snapshots.now()
        return Age(now, observed.at, is_stale(observed, now=now), observed.errors)
