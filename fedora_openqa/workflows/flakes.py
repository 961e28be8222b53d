"""Finds the tests that fail now and then whatever is tested, by the jobs that are remembered."""

from collections.abc import Sequence
from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.model.failures import ReasonRule
from fedora_openqa.model.flakes import FlakyScenario
from fedora_openqa.policy.flakes import flaky_scenarios

#: days whose failures are evidence; they are compared with as many before
DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Flakes:
    """Tests that fail now and then."""

    stored: ports.StoredCourses
    #: what reasons of failures say about their cause
    rules: Sequence[ReasonRule]

    def worst(self, *, release: str = "", arch: str = "") -> tuple[FlakyScenario, ...]:
        """Return the scenarios with evidence in the last 30 days, the worst first.

        :param release: only runs of this VERSION of openQA; empty: of all
        :param arch: only scenarios of this arch; empty: of all

        Raises:
            ServiceUnavailableError: the database is away.
        """
        return flaky_scenarios(
            self.stored.courses(days=DAYS), self.rules, version=release, arch=arch
        )
