"""What pages ask of the store about many days at once, and about sweeps."""

from typing import Protocol

from fedora_openqa.model.statistics import Day
from fedora_openqa.model.sweeps import Sighted


class Statistics(Protocol):
    """The numbers of days.

    Every method may raise `ServiceUnavailableError`: the database is away.
    """

    def days(self, first: str, last: str) -> tuple[Day, ...]:
        """Return the numbers of each day from one to another, both included.

        :param first: ``"2026-11-20"``, in UTC
        """


class Sightings(Protocol):
    """What the newest sweep saw; errors as `Statistics`."""

    def look(self, key: str) -> Sighted:
        """Return whether the newest sweep saw a subject, or one of its arches."""
