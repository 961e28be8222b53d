"""Numbers of days, as far as they are stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: seconds that delays are counted up to; longer ones are counted under the last
BOUNDS = (5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 43_200, 86_400)

#: from a bound to the number of delays that are not longer, and longer than the bound before
Delays = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Day:
    """The numbers of one day, in UTC."""

    #: ``"2026-11-20"``
    day: str
    #: results of openQA to the number of jobs that ended with them
    jobs: Mapping[str, int] = field(default_factory=dict)
    #: of these jobs, the number of those that were restarted
    restarted: int = 0
    #: lanes to the number of subjects and deliveries that sweeps found, and no message had named
    swept: Mapping[str, int] = field(default_factory=dict)
    #: states to the number of subjects that came into them and have not changed since
    subjects: Mapping[str, int] = field(default_factory=dict)
    #: kinds of acts of people to their number
    acts: Mapping[str, int] = field(default_factory=dict)
    #: from the request of a subject until its tests were scheduled
    plan: Delays = field(default_factory=dict)
    #: from the request of a delivery until its sink had it
    report: Delays = field(default_factory=dict)
