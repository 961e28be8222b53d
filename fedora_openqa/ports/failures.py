"""What is asked of the store about failures with one cause.

Every method may raise `ServiceUnavailableError`, as those of `fedora_openqa.ports.store`.
"""

from collections.abc import Mapping
from typing import Protocol

from fedora_openqa.model.failures import FailedRun, FailureNote, FailureRule, Trait
from fedora_openqa.model.history import StoredJob


class Failures(Protocol):
    """The stored jobs that failed by themselves, and what persons decided about them."""

    def now(self) -> float:
        """Return the time of the store, seconds since 1970."""

    def failed(self, *, since: float, until: float | None = None) -> tuple[FailedRun, ...]:
        """Return the jobs that failed, with the passed runs of their scenarios around each.

        :param since: seconds since 1970, of the end of a job
        :param until: the jobs ended before it; None: until now
        """

    def ended(self, job_id: int) -> float | None:
        """Return when a job ended; None: it is not known, or did not end."""

    def beside(
        self, traits: Mapping[Trait, str], *, version: str, since: float, until: float
    ) -> Mapping[str, tuple[int, int]]:
        """Return for each trait how many jobs that have it passed, and how many passed or failed.

        :param traits: each with its value
        :param version: openQA's VERSION of the jobs, of which some may not be known; empty: any
        :param since: seconds since 1970, of the ends of the jobs
        """

    def notes(self) -> tuple[FailureNote, ...]:
        """Return what persons decided, by id."""

    def note(self, note: FailureNote) -> None:
        """Store what a person decided; it replaces an earlier decision with the same id."""

    def telling(self, *, since: float) -> tuple[StoredJob, ...]:
        """Return the jobs that passed or failed since a time with a failed module or a reason.

        :param since: seconds since 1970, of the end of a job
        """

    def rules(self) -> tuple[FailureRule, ...]:
        """Return the rules that name failures, the oldest first."""

    def add_rule(self, rule: FailureRule) -> int:
        """Store a rule, and return its id."""

    def remove_rule(self, number: int) -> bool:
        """Remove a rule; return whether there was one with this id."""
