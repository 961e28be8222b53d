"""Finds the tests that fail now and then whatever is tested, by the jobs that are remembered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fedora_openqa.model.failures import ReasonRule
from fedora_openqa.model.flakes import Courses, FlakyScenario
from fedora_openqa.policy.flakes import CERTAIN, flaky_scenarios

#: days whose failures are shown as evidence; as many days before count half
DAYS = 30.0


@dataclass(frozen=True, slots=True)
class Flakes:
    """Tests that fail now and then."""

    #: returns the courses of the last `DAYS` and of as many days before
    courses: Callable[[], Courses]
    #: what reasons of failures say about their cause
    rules: Sequence[ReasonRule]

    def worst(self, *, release: str = "", arch: str = "") -> tuple[FlakyScenario, ...]:
        """Return the scenarios that the last 30 days show to be flaky, the worst first.

        :param release: only runs of this VERSION of openQA; empty: of all
        :param arch: only scenarios of this arch; empty: of all

        Raises:
            ServiceUnavailableError: the database is away.
        """
        found = flaky_scenarios(self.courses(), self.rules, version=release, arch=arch)
        return tuple(one for one in found if one.evidence and one.score >= CERTAIN)
