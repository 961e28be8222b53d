"""What became of scenarios that failed at times; reads only.

The runs that passed are many and the same: the database writes them as one text for each scenario
and version, from an index alone.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Connection,
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

#: a failure, with the id of its job
_FAILED_ID = re.compile(f"{FAILED}([0-9]+) ")

#: what identifies a course
_KEY = (job.c.test, job.c.flavor, job.c.arch, job.c.machine, job.c.version)

#: what is read of a failed job after that
_FACTS = (
    job.c.id,
    job.c.build,
    func.coalesce(job.c.fatal_module, cast(job.c.failed_modules, String), job.c.result),
    func.coalesce(job.c.reason, ""),
    job.c.finished,
    func.coalesce(job.c.finished - job.c.started, 0.0),
)


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
            failed = sorted(connection.execute(_failures(since)), key=lambda row: row.id)
            failures = [_failure(row) for row in failed]
            ids = [one.id for one in failures]
            recent = [one.id for one in failures if one.finished >= middle]
            first_recent = min(recent, default=max(ids, default=0) + 1)
            marks = _marks(connection, since, first=min(ids, default=0), middle=first_recent)
        found: dict[tuple[str, ...], list[Failure]] = defaultdict(list)
        for row, failure in zip(failed, failures, strict=True):
            found[tuple(row[: len(_KEY)])].append(failure)
        courses = tuple(
            _course(key, tuple(some), marks.get(key, "")) for key, some in found.items()
        )
        return Courses(courses=courses, middle=first_recent)


def _failures(since: float) -> Select[Any]:
    """Return the query for failed jobs.

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
    return select(*_KEY, *_FACTS, passed.correlate(job).scalar_subquery()).where(
        text(IS_FAILED), job.c.finished >= since
    )


def _marks(
    connection: Connection, since: float, *, first: int, middle: int
) -> Mapping[tuple[str, ...], str]:
    """Return the marks of each course, from a job on.

    A failure has its id, since some that are as new ended earlier.
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
    mark = case(
        (
            runs.c.result.in_(sorted(OK_RESULTS)),
            case((runs.c.id < middle, PASSED_BEFORE), else_=PASSED),
        ),
        (
            runs.c.result.in_(sorted(FAILED_RESULTS)),
            literal(FAILED).concat(cast(runs.c.id, String)).concat(" "),
        ),
        else_="",
    )
    written = select(func.aggregate_strings(mark, "")).scalar_subquery()
    return {tuple(row[:-1]): row[-1] for row in connection.execute(select(course, written))}


def _course(key: tuple[str, ...], failures: tuple[Failure, ...], marks: str) -> Course:
    ids = {str(one.id) for one in failures}

    def mark(match: re.Match[str]) -> str:
        return FAILED if match[1] in ids else ""

    *scenario, version = key
    return Course(
        scenario=Scenario(*scenario),
        version=version,
        marks=_FAILED_ID.sub(mark, marks),
        failures=failures,
    )


def _failure(row: Row[Any]) -> Failure:
    number, build, place, *others = row[len(_KEY) :]
    if place.startswith("["):
        # all failed modules
        place = json.loads(place)[0] if "\\" in place else place.split('"', 2)[1]
    return Failure(number, build, place, *others)
