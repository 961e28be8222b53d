"""What keeps openQA busy."""

from dataclasses import dataclass

from fedora_openqa.model.jobs import Job


@dataclass(frozen=True, slots=True)
class Busy:
    """The work that a restart of openQA would interrupt."""

    #: jobs that workers of openQA have
    jobs: tuple[Job, ...]
    #: number of subjects that our workers are at, for which they may still schedule jobs
    leased: int

    @property
    def is_idle(self) -> bool:
        """Whether there is none."""
        return not (self.jobs or self.leased)
