"""What became of scenarios that failed at times; reads only.

The runs that passed are many and the same: the database writes them as one text for each scenario
and version, from an index alone.
"""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Engine,
    Row,
    Select,
    String,
    case,
    cast,
    func,
    literal,
    not_,
    or_,
    select,
    text,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.flakes import FAILED, PASSED, PASSED_BEFORE, Course, Courses, Failure
from fedora_openqa.model.history import Scenario
from fedora_openqa.model.jobs import FAILED_RESULTS, OK_RESULTS
from fedora_openqa.policy.flakes import UPDATE_BUILD
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading
from fedora_openqa.store.schema import FAILED as IS_FAILED
from fedora_openqa.store.schema import job

DAY = 86_400.0

#: failed jobs that are looked at
MOST = 1_000_000

#: what identifies a course
_KEY = (job.c.test, job.c.flavor, job.c.arch, job.c.machine, job.c.version)


class StoredCourses(ports.StoredCourses):
    """The courses of the table of jobs; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def courses(self, *, days: float) -> Courses:
        with reading(self._engine) as connection:
            now = self._clock(connection)
            since, middle = now - 2 * days * DAY, now - days * DAY
            failures = {row.id: _failure(row) for row in connection.execute(_failures(since)).all()}
            recent = (one.id for one in failures.values() if one.finished >= middle)
            first_recent = min(recent, default=max(failures, default=0) + 1)
            runs = connection.execute(
                _runs(since, first=min(failures, default=0), middle=first_recent)
            ).all()
        return Courses(courses=tuple(_course(row, failures) for row in runs), middle=first_recent)


def _failures(since: float) -> Select[Any]:
    """Return the query for failed jobs, with the columns of `Failure`.

    The condition for one that passed on the same build is that of `policy.flakes.is_same_content`.
    """
    other = job.alias()
    passed = select(func.max(other.c.id)).where(
        *(other.c[it.key] == it for it in (job.c.build, *_KEY[:-1])),
        other.c.result.in_(sorted(OK_RESULTS)),
        or_(
            other.c.origin_id == job.c.origin_id,
            not_(job.c.build.startswith(UPDATE_BUILD, autoescape=True)),
        ),
    )
    return select(
        job.c.id,
        job.c.build,
        func.coalesce(job.c.fatal_module, cast(job.c.failed_modules, String), job.c.result),
        func.coalesce(job.c.reason, ""),
        job.c.finished,
        func.coalesce(job.c.finished - job.c.started, 0.0),
        passed.correlate(job).scalar_subquery(),
    ).where(text(IS_FAILED), job.c.finished >= since)


def _runs(since: float, *, first: int, middle: int) -> Select[Any]:
    """Return the query for the key of each course and its runs, from a job on.

    These are written as one text: the mark of each, and after that of a failure its id and a space.
    """
    # without the limit SQLite would take the scenarios from an index of all jobs
    failed = select(*_KEY).where(text(IS_FAILED), job.c.finished >= since).limit(MOST).subquery()
    course = select(failed).distinct().subquery()
    run = job.alias()
    runs = (
        select(run.c.id, run.c.result)
        .where(*(run.c[it.key] == course.c[it.key] for it in _KEY), run.c.id >= first)
        .order_by(run.c.id)
        .correlate(course)
        .subquery()
    )
    passed = case((runs.c.id < middle, PASSED_BEFORE), else_=PASSED)
    failure = literal(FAILED).concat(cast(runs.c.id, String)).concat(" ")
    mark = case(
        *((runs.c.result == result, passed) for result in sorted(OK_RESULTS)),
        *((runs.c.result == result, failure) for result in sorted(FAILED_RESULTS)),
        else_="",
    )
    written = select(func.aggregate_strings(mark, "")).scalar_subquery()
    return select(course, written)


def _course(row: Row[Any], failures: Mapping[int, Failure]) -> Course:
    """Return a course without the failures that are not looked at: they ended too early."""
    *scenario, version, runs = tuple(row)
    marks, *rest = runs.split(FAILED)
    found = []
    for run in rest:
        number, _, passed = run.partition(" ")
        if failure := failures.get(int(number)):
            found.append(failure)
            marks += FAILED
        marks += passed
    return Course(scenario=Scenario(*scenario), version=version, marks=marks, failures=tuple(found))


def _failure(row: Row[Any]) -> Failure:
    number, build, place, *others = tuple(row)
    if place.startswith("["):
        # all failed modules
        place = json.loads(place)[0] if "\\" in place else place.split('"', 2)[1]
    return Failure(number, build, place, *others)
