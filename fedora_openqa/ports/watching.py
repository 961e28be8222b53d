"""What is read of openQA's queue and workers, and where it is kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

from fedora_openqa.model.forecast import Asked, Prediction
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.openqa_load import JobCounts, Observed, SnapshotName, Worker


class Load(Protocol):
    """What openQA has to do, by one request a method."""

    def waiting(self) -> tuple[Job, ...]:
        """Return the jobs that no worker has begun, of all builds; of very many only some.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def running(self) -> tuple[Job, ...]:
        """Return the jobs that workers have begun, of all builds.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def workers(self) -> tuple[Worker, ...]:
        """Return all workers.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def counts(self) -> JobCounts:
        """Return how many jobs wait and run.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """


class Snapshots(Protocol):
    """What openQA was last seen to do; one process of a deployment reads it."""

    def now(self) -> float:
        """Return the time of the store, seconds since 1970."""

    def begin(self, owner: str, *, seconds: float, every: float) -> float | None:
        """Take or keep the lease of the process that looks, and return the time.

        :param owner: a name that no other process has
        :param seconds: how long no other process looks
        :param every: seconds between two looks

        Returns: None: the last look is not that long ago; the lease is kept.

        Raises:
            LeaseLostError: another process has the lease; the error names it.
        """

    def end(self, owner: str) -> None:
        """Give the lease back."""

    def save(
        self,
        read: Mapping[SnapshotName, object],
        failed: Mapping[SnapshotName, str] = MappingProxyType({}),
    ) -> None:
        """Store what was read at once, and why the other reads failed; of these the old facts stay.

        :param read: facts of the types that `Observed` has for these names
        """

    def observed(self, wanted: Collection[SnapshotName] = tuple(SnapshotName)) -> Observed:
        """Return what openQA was last seen to do.

        :param wanted: what is needed: of the others there are only the times and errors
        """


class Looks(Protocol):
    """Whether openQA answered at the last look; one process of a deployment looks at a time."""

    def absence(self) -> str | None:
        """Return why openQA was away at the last look; None: it was not."""

    def begin(self, owner: str, *, seconds: float, every: float) -> bool:
        """Take the lease of the process that looks, unless the last look began just now.

        :param owner: a name that no other process has
        :param seconds: how long no other process looks
        :param every: seconds between the begins of two looks

        Returns: whether to look now.

        Raises:
            LeaseLostError: another process or thread looks at this moment.
        """

    def end(self, owner: str, absence: str | None) -> None:
        """Store what came of a look, and give the lease back; without the lease, do nothing.

        :param absence: why openQA is away; None: it answers
        """


class Forecasts(Protocol):
    """What forecasts need of the store, and what came of them."""

    def runs(
        self, scenarios: Iterable[Scenario], *, most: int
    ) -> Mapping[Scenario, tuple[StoredJob, ...]]:
        """Return the newest jobs of scenarios, the newest first."""

    def subjects_of(self, builds: Iterable[str]) -> Mapping[str, Asked]:
        """Return the subjects of builds, by build; of several the one that changed last."""

    def wanted(self, lanes: Collection[str], *, most: int) -> tuple[Asked, ...]:
        """Return subjects whose tests are not scheduled yet, the oldest first."""

    def done(self, builds: Collection[str]) -> Mapping[str, int]:
        """Return how many jobs of builds are known to have ended; cancelled ones do not count."""

    def predict(self, predictions: Sequence[Prediction]) -> None:
        """Store what is said of builds; what was said before of the same request stays."""

    def settle(self, pending: Collection[str]) -> tuple[Prediction, ...]:
        """Store when builds were done that are not pending, and return them.

        A build of which a job is not known to have ended stays open.
        """

    def settled(self, *, since: float) -> tuple[Prediction, ...]:
        """Return what was said of builds that are done since, the oldest first."""
