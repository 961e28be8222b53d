"""Fills a store with a month of made-up work, so that each page has something to show."""

import threading
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fedora_openqa.config import Config
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.model.failures import FailureNote
from fedora_openqa.model.openqa_load import SnapshotName
from fedora_openqa.model.stories import Pause
from fedora_openqa.store.audit import Audit
from fedora_openqa.store.clock import Clock
from fedora_openqa.store.engine import Engine
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.forecasts import Forecasts
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.past import Past
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.wiring.store import open_store
from fedora_openqa.workflows.forecasting import Forecasting

if TYPE_CHECKING:
    from fedora_openqa.sandbox.made_present import MadePresent
    from fedora_openqa.sandbox.made_shapes import MadeHistory

#: days that are made up, and jobs in them, about
DAYS, JOBS = 30.0, 6_000

HOUR, DAY = 3600.0, 86_400.0

#: seconds by which the plan of the builds goes on: the newest compose was posted minutes ago
AHEAD = 11.3 * HOUR

#: jobs stored in one transaction
AT_ONCE = 1000

#: seconds between two looks at what openQA has to do, and who looks
EVERY, OWNER = 60.0, "made up"


@dataclass(frozen=True, slots=True)
class Made:
    """A filled store."""

    #: number of its jobs
    jobs: int
    #: stores anew what openQA has to do, unless a process watches the openQA of the sandbox
    look: Callable[[], object]

    def keep_present(self, stopped: threading.Event) -> None:
        """Store each minute what openQA has to do: what was seen is old after five."""
        while not stopped.wait(EVERY):
            # a process watches, or the store is away: the next look follows
            with suppress(FedoraOpenQAError):
                self.look()


def fill_with_made_history(config: Config, *, end: float, without: Collection[str] = ()) -> Made:
    """Store the made-up work of the 30 days before a time: jobs, and all that came of them.

    :param end: seconds since 1970
    :param without: BUILDs that are not made up

    Raises:
        ServiceUnavailableError: the database cannot be reached.
    """
    # late: the sandbox is an extra
    from fedora_openqa.sandbox.made_acts import make_acts
    from fedora_openqa.sandbox.made_history import make_history
    from fedora_openqa.sandbox.made_present import make_present
    from fedora_openqa.sandbox.made_shapes import shape_of
    from fedora_openqa.sandbox.made_stories import is_swept, make_stories

    engine = open_store(config)
    shape = replace(shape_of(JOBS, end=end + AHEAD, days=DAYS), stop=end)
    every = make_history(shape)
    made = replace(every, jobs=tuple(one for one in every.jobs if one.job.build not in without))
    history = JobHistory(engine)
    for first in range(0, len(made.jobs), AT_ONCE):
        history.remember([one.job for one in made.jobs[first : first + AT_ONCE]])
    stories = tuple(make_stories(made.jobs, end=end))
    Past(engine).tell(stories)
    swept = Counter(int(one.asked // DAY) for one in stories if is_swept(one))
    for day in range(int(end // DAY - DAYS), int(end // DAY)):
        Subjects(engine, clock=_at((day + 0.9) * DAY)).swept({"update": swept[day]})
    for act in make_acts(made.jobs, end=end):
        audit = Audit(engine, clock=_at(act.at))
        # the sandbox of a folder is started again
        if audit.asked(act.intent.key) is None:
            begun = audit.begin(act.intent)
            if act.ending:
                audit.settle(begun.id, act.ending, act.outcome)
    _decide(engine, made, end)
    present = make_present(made, end=end)
    Snapshots(engine, clock=_at(end)).save({SnapshotName.SERIES: present.series})
    look = _looking(engine, present)
    look()
    return Made(len(made.jobs), look)


def _decide(engine: Engine, made: "MadeHistory", end: float) -> None:
    """Store what people decided: a paused lane, and the bug of what fails most at present."""
    pause = Pause("update:44", by="ada", reason="the mirror is synchronised", since=end - 2 * HOUR)
    Pauses(engine).pause(replace(pause, until=end + DAY))
    recent = [one for one in made.jobs if one.cause and (one.job.finished or 0.0) > end - 2 * DAY]
    causes = Counter(one.cause.id for one in recent if one.cause and one.job.failed_modules)
    for cause, _ in causes.most_common(1):
        job = min(one.job.id for one in made.jobs if one.cause and one.cause.id == cause)
        bug = "https://bugzilla.redhat.com/show_bug.cgi?id=2412345"
        Failures(engine).note(FailureNote(job, bug=bug, by="ada", at=end - HOUR))


def _looking(engine: Engine, present: "MadePresent") -> Callable[[], object]:
    """Return what stores what openQA has to do, and what follows from it; and an idle sweep."""
    snapshots = Snapshots(engine)
    forecasting = Forecasting(forecasts=Forecasts(engine), snapshots=snapshots)

    def look() -> None:
        Subjects(engine).swept({})
        now = snapshots.begin(OWNER, seconds=EVERY, every=EVERY / 2)
        if now is None:
            return
        snapshots.save(
            {
                SnapshotName.WAITING: present.waiting,
                SnapshotName.RUNNING: present.running,
                SnapshotName.WORKERS: present.workers,
                SnapshotName.COUNTS: present.counts,
            }
        )
        forecasting.update(snapshots.observed(), now)
        # another process may watch from now on
        snapshots.end(OWNER)

    return look


def _at(time: float) -> Clock:
    """Return a clock that stands still."""
    return lambda _connection: time
