"""Fills a store with a month of made-up jobs, so that each page has something to show."""

from fedora_openqa.config import Config
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import Wanted
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.wiring.store import open_store

#: days that are made up, and jobs in them, about
DAYS, JOBS = 30.0, 6_000

#: jobs stored in one transaction
AT_ONCE = 500


def fill_with_made_history(config: Config, *, end: float) -> int:
    """Store the made-up jobs of the 30 days before a time, with their subjects.

    :param end: seconds since 1970

    Returns: the number of jobs.

    Raises:
        ServiceUnavailableError: the database cannot be reached.
    """
    # late: the sandbox is an extra
    from fedora_openqa.sandbox.made_history import make_history
    from fedora_openqa.sandbox.made_shapes import shape_of

    engine = open_store(config)
    made = make_history(shape_of(JOBS, end=end, days=DAYS))
    jobs = [one.job for one in made.jobs]
    subjects, history = Subjects(engine), JobHistory(engine)
    for build in dict.fromkeys(one.build for one in jobs):
        name = parse_name(build)
        if name.kind in {Kind.COMPOSE, Kind.UPDATE}:
            wanted = Wanted(name.key, str(name.kind), {})
            subjects.remember(wanted, reason="made up for the sandbox")
    for first in range(0, len(jobs), AT_ONCE):
        history.remember(jobs[first : first + AT_ONCE])
    engine.dispose()
    return len(jobs)
