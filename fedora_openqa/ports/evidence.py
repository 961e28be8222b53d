"""What workflows ask about jobs that openQA must keep: of openQA, and of the store."""

from collections.abc import Sequence
from typing import Protocol

from fedora_openqa.model.evidence import JobComment, KeptBuild, KeptJob


class JobComments(Protocol):
    """The comments on jobs in openQA."""

    def comments(self, job_id: int) -> tuple[JobComment, ...] | None:
        """Return the comments on a job; None: openQA has no such job.

        Raises:
            RequestRefusedError, ServiceUnavailableError
        """

    def post(self, job_id: int, text: str) -> None:
        """Post a comment on a job, once: a request that may have arrived is not repeated.

        Raises:
            ConfigError: there is no usable API key.
            RequestRefusedError: openQA refused.
            ServiceUnavailableError: openQA was not reached.
            AmbiguousWriteError: the comment may be there.
        """

    def edit(self, job_id: int, comment_id: int, text: str) -> None:
        """Replace the text of a comment of ours.

        Raises: as `post`.
        """


class KeptJobs(Protocol):
    """The jobs that are kept, or are to be kept.

    Every method may raise `ServiceUnavailableError`: the database is away.
    """

    def now(self) -> float:
        """Return the time of the store, seconds since 1970."""

    def intend(self, jobs: Sequence[KeptJob]) -> int:
        """Store that jobs are to be kept, before anything is posted; return how many are new.

        A job that is stored already keeps the later end of both. Without the name of a person,
        nothing is changed of a job that a person has released.
        """

    def confirm(self, job_id: int) -> None:
        """Store that openQA has our comment on a job."""

    def tried(self, job_id: int) -> None:
        """Store that a job could not be kept or released now: others go first."""

    def forget(self, job_id: int) -> None:
        """Store that a job is kept no longer, or that openQA has it no longer."""

    def end(self, build: str) -> int:
        """Store that a person releases the jobs of a build now; return their number.

        No rule keeps them again.
        """

    def prune(self, *, keep: float) -> None:
        """Delete jobs that a person released more than so many seconds ago."""

    def to_keep(self, *, build: str | None = None, most: int) -> tuple[KeptJob, ...]:
        """Return jobs whose comment is not known to be there, those not tried lately first.

        :param build: only of this build; None: of all
        """

    def to_release(self, *, build: str | None = None, most: int) -> tuple[KeptJob, ...]:
        """Return jobs whose time is over; order and parameters as of `to_keep`."""

    def of_build(self, build: str) -> tuple[KeptJob, ...]:
        """Return the jobs of a build that no person has released."""

    def builds(self) -> tuple[KeptBuild, ...]:
        """Return the builds with kept jobs, by name."""

    def heard_of(self, *, since: float) -> tuple[str, ...]:
        """Return the builds of jobs that were heard of or read since a time."""
