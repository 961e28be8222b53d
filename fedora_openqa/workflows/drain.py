"""Waits until openQA runs no job and no worker schedules any, so that openQA can be restarted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fedora_openqa import ports
from fedora_openqa.errors import TemporaryError
from fedora_openqa.model.drains import Busy
from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.durations import usual_durations
from fedora_openqa.workflows.history import read_history

#: seconds between two looks
EVERY = 10.0

#: looks in a row that must find nothing: openQA may start a job that waits
LOOKS = 2


@dataclass(frozen=True, slots=True)
class Drain:
    """Looks at openQA and the store until both are idle."""

    openqa: ports.Runs
    stories: ports.Stories
    #: seconds since some moment
    clock: Callable[[], float]
    sleep: Callable[[float], object]

    def look(self) -> Busy:
        """Return what runs now.

        Raises:
            ConfigError, PermanentError, TemporaryError: openQA or the store does not answer.
        """
        lanes = self.stories.lanes(now=self.stories.now())
        return Busy(
            jobs=self.openqa.running_jobs(),
            leased=sum(lane.leased for lane in lanes),
        )

    def ends_of(self, jobs: tuple[Job, ...]) -> Mapping[int, datetime]:
        """Return when jobs usually end (UTC without a time zone), by their ids; not of all."""
        usual = usual_durations(jobs, read_history(self.openqa, jobs))
        return {
            job.id: job.started + usual[job.id] for job in jobs if job.started and job.id in usual
        }

    def wait(self, show: Callable[[Busy | TemporaryError], object], *, seconds: float) -> bool:
        """Wait until nothing runs at `LOOKS` looks in a row; return whether nothing runs.

        :param show: called with what each look found, or why it found nothing out
        :param seconds: wait so long at most; 0: look once

        Raises:
            ConfigError, PermanentError: as `look`.
        """
        until = self.clock() + seconds
        idle = 0
        while True:
            try:
                busy = self.look()
            except TemporaryError as exc:
                idle = 0
                show(exc)
            else:
                idle = idle + 1 if busy.is_idle else 0
                show(busy)
            if idle == LOOKS:
                return True
            if self.clock() + EVERY > until:
                return idle > 0
            self.sleep(EVERY)
