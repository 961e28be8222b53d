"""Numbers of days, counted by the database."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    Integer,
    Select,
    bindparam,
    case,
    cast,
    func,
    literal,
    select,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import DeliveryState
from fedora_openqa.model.statistics import BOUNDS, Day
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.engine import reading
from fedora_openqa.store.schema import audit, delivery, found_day, job, job_day, subject

SECONDS = 86_400.0

#: states that a subject is brought into
_REACHED = tuple(sorted({*SubjectState} - {SubjectState.WANTED}))
_IS_SUBJECT = subject.c.lane.in_(tuple(Kind))

#: jobs that were deleted, and what sweeps found
_DELETED = (
    select(
        job_day.c.day,
        job_day.c.result,
        func.sum(job_day.c.number),
        func.sum(job_day.c.restarted),
    )
    .where(job_day.c.day.between(bindparam("first"), bindparam("last")))
    .group_by(job_day.c.day, job_day.c.result)
)
_SWEPT = select(found_day.c.day, found_day.c.lane, found_day.c.number).where(
    found_day.c.day.between(bindparam("first"), bindparam("last"))
)


class Statistics(ports.Statistics):
    """The numbers of jobs, subjects, deliveries and acts; every method is one transaction."""

    def __init__(self, engine: Engine) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine

    @override
    def days(self, first: str, last: str) -> tuple[Day, ...]:
        start, end = _time(first), _time(last) + SECONDS
        queries = {
            "jobs": self._count(job.c.finished, job.c.result, func.count(job.c.clone_id)),
            "subjects": self._count(subject.c.updated, subject.c.state).where(
                subject.c.state.in_(_REACHED), _IS_SUBJECT
            ),
            "acts": self._count(audit.c.at, audit.c.what),
            "plan": self._delays(subject.c.updated, subject.c.asked, subject.c.updated).where(
                subject.c.state == SubjectState.SCHEDULED, _IS_SUBJECT
            ),
            "report": self._delays(delivery.c.asked, delivery.c.asked, delivery.c.updated).where(
                delivery.c.state == DeliveryState.DELIVERED
            ),
        }
        times = {"start": start, "end": end}
        with reading(self._engine) as connection:
            found = {
                name: list(connection.execute(query, times)) for name, query in queries.items()
            }
            between = {"first": first, "last": last}
            deleted = list(connection.execute(_DELETED, between))
            swept = list(connection.execute(_SWEPT, between))
        return tuple(_days(first, last, found, deleted, swept))

    def _count(
        self, time: Column[float], what: Column[Any], *more: ColumnElement[int]
    ) -> Select[Any]:
        day = self._day_of(time)
        return _between(select(day, what, func.count(), *more), time).group_by(day, what)

    def _delays(
        self, time: Column[float], since: Column[float], until: Column[float]
    ) -> Select[Any]:
        day = self._day_of(time)
        delay = until - since
        bound = case(*((delay <= it, literal(it)) for it in BOUNDS), else_=literal(BOUNDS[-1]))
        return _between(select(day, bound, func.count()), time).group_by(day, bound)

    def _day_of(self, time: Column[float]) -> ColumnElement[int]:
        """Return the days since 1970 of a time."""
        days = time / SECONDS
        # SQLite may lack floor, and cuts; PostgreSQL would round
        cut = days if self._engine.dialect.name == "sqlite" else func.floor(days)
        return cast(cut, Integer)


def _between(query: Select[Any], time: Column[float]) -> Select[Any]:
    return query.where(time >= bindparam("start"), time < bindparam("end"))


def _days(
    first: str,
    last: str,
    found: Mapping[str, Iterable[Any]],
    deleted: Iterable[Any],
    swept: Iterable[Any],
) -> Iterator[Day]:
    numbers: dict[str, dict[str, Counter[Any]]] = defaultdict(lambda: defaultdict(Counter))
    restarted: Counter[str] = Counter()
    for name, rows in found.items():
        for days, what, number, *copied in rows:
            day = (date(1970, 1, 1) + timedelta(days=days)).isoformat()
            numbers[day][name][what] += number
            restarted[day] += sum(copied)
    for day, result, number, copied in deleted:
        numbers[day]["jobs"][result] += number
        restarted[day] += copied
    for day, lane, number in swept:
        numbers[day]["swept"][lane] += number
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    for offset in range((end - start).days + 1):
        day = (start + timedelta(days=offset)).isoformat()
        yield Day(day, restarted=restarted[day], **numbers.get(day, {}))


def _time(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()
