"""What is known of tests that fail now and then.

Must not decide anything.
"""

from dataclasses import dataclass
from typing import NamedTuple

from fedora_openqa.model.history import Scenario

#: marks of a course: a run that passed before the middle of the time that is looked at, or since
#: then; a run that failed
PASSED_BEFORE, PASSED, FAILED = "p", "P", "F"


class Failure(NamedTuple):
    """A job that failed, as far as it is looked at."""

    #: openQA's id
    id: int
    #: openQA's BUILD
    build: str
    #: its first failed module; without one: openQA's result
    place: str
    #: openQA's reason of the result; empty: it has none
    reason: str
    #: seconds since the epoch
    finished: float
    #: how long it ran; 0: not known
    seconds: float
    #: id of a job that passed on the same build; None: none did
    passed: int | None


@dataclass(frozen=True, slots=True)
class Course:
    """What became of the runs of a scenario and version that passed or failed."""

    scenario: Scenario
    #: openQA's VERSION; empty: not known
    version: str
    #: one of the marks for each run, in the order the jobs were made: ``"ppPPFPP"``
    marks: str
    #: that of each `FAILED`, in that order
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Courses:
    """The courses of all scenarios of which a run failed."""

    courses: tuple[Course, ...]
    #: the first id of a job since the middle of the time that is looked at
    middle: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A failure that does not come from what was tested.

    The same build passed, too, or the failure stands alone, or almost, between runs that passed.
    """

    failure: Failure
    #: what it counts: 1.0, 0.5, 0.25
    weight: float


@dataclass(frozen=True, slots=True)
class FlakyScenario:
    """A scenario with failures that do not come from what was tested."""

    scenario: Scenario
    #: the share of such failures that the evidence is certain of, from 0 to 1; what was before the
    #: middle of the time counts half
    score: float
    #: that since the middle, the newest first
    evidence: tuple[Evidence, ...]
    #: number of runs that count since the middle
    considered: int
    #: the share of the time before alone; None: no run of that time counts
    before: float | None
    #: seconds that the failed runs of the evidence took
    lost_seconds: float
