"""What forecasts need of the store, and what was said of builds and came of it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    update,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.forecast import Asked, Prediction
from fedora_openqa.model.history import Scenario, StoredJob
from fedora_openqa.model.jobs import FINAL_STATES, JobState
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import SubjectState
from fedora_openqa.policy.forecast import COMPARED_FOR
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.jobs import stored_job
from fedora_openqa.store.rows import for_dialects
from fedora_openqa.store.schema import job, prediction, subject

_RUNS = (
    select(job)
    .where(
        job.c.test == bindparam("test"),
        job.c.flavor == bindparam("flavor"),
        job.c.arch == bindparam("arch"),
        job.c.machine == bindparam("machine"),
    )
    .order_by(job.c.id.desc())
    .limit(bindparam("most"))
)

_INSERT = for_dialects(lambda insert: insert(prediction).on_conflict_do_nothing())


class Forecasts(ports.Forecasts):
    """The table of predictions, with what they are made of; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def runs(
        self, scenarios: Iterable[Scenario], *, most: int
    ) -> Mapping[Scenario, tuple[StoredJob, ...]]:
        with reading(self._engine) as connection:
            return {
                one: tuple(
                    stored_job(row)
                    for row in connection.execute(_RUNS, {**one._asdict(), "most": most})
                )
                for one in scenarios
            }

    @override
    def subjects_of(self, builds: Iterable[str]) -> Mapping[str, Asked]:
        names = {name.key: build for build in builds if (name := parse_name(build)).kind}
        # ";" is the character after ":"
        arches = (
            subject.c.key.between(f"{key}:", f"{key};")
            for key in names
            if key.startswith(f"{Kind.COREOS}:")
        )
        query = (
            select(subject)
            .where(or_(subject.c.key.in_(names), *arches))
            .order_by(subject.c.updated)
        )
        with reading(self._engine) as connection:
            now = self._clock(connection)
            rows = connection.execute(query).all() if names else ()
        # each arch of a CoreOS build is a subject
        return {
            names.get(row.key) or names[row.key.rpartition(":")[0]]: _asked(row, now)
            for row in rows
        }

    @override
    def wanted(self, lanes: Collection[str], *, most: int) -> tuple[Asked, ...]:
        query = (
            select(subject)
            .where(subject.c.state == SubjectState.WANTED, subject.c.lane.in_(lanes))
            .order_by(subject.c.turn, subject.c.id)
            .limit(most)
        )
        with reading(self._engine) as connection:
            now = self._clock(connection)
            return tuple(_asked(row, now) for row in connection.execute(query))

    @override
    def done(self, builds: Collection[str]) -> Mapping[str, int]:
        query = (
            select(job.c.build, func.count().label("number"))
            .where(job.c.build.in_(builds), job.c.state == JobState.DONE)
            .group_by(job.c.build)
        )
        with reading(self._engine) as connection:
            return {row.build: row.number for row in connection.execute(query)}

    @override
    def predict(self, predictions: Sequence[Prediction]) -> None:
        if not predictions:
            return
        with transaction(self._engine) as connection:
            rows = [
                {
                    "key": one.key,
                    "number": one.number,
                    "build": one.build,
                    "kind": one.kind,
                    "at": one.at,
                    "expected": one.expected,
                    "not_before": one.not_before,
                    "usually_by": one.usually_by,
                }
                for one in predictions
            ]
            connection.execute(_INSERT(connection.dialect.name), rows)
            old = self._clock(connection) - COMPARED_FOR
            connection.execute(delete(prediction).where(prediction.c.at < old))

    @override
    def settle(self, pending: Collection[str]) -> tuple[Prediction, ...]:
        with reading(self._engine) as connection:
            since = self._clock(connection) - COMPARED_FOR
            query = select(prediction).where(prediction.c.at >= since, prediction.c.ended.is_(None))
            open_ = [_prediction(row) for row in connection.execute(query)]
            ended = [
                replace(one, ended=end)
                for one in open_
                if one.build not in pending and (end := _end_of(connection, one)) is not None
            ]
        if ended:
            with transaction(self._engine) as connection:
                for one in ended:
                    of_key = (prediction.c.key == one.key, prediction.c.number == one.number)
                    connection.execute(update(prediction).where(*of_key).values(ended=one.ended))
        return tuple(ended)

    @override
    def settled(self, *, since: float) -> tuple[Prediction, ...]:
        query = (
            select(prediction)
            .where(prediction.c.at >= since, prediction.c.ended.is_not(None))
            .order_by(prediction.c.at)
        )
        with reading(self._engine) as connection:
            return tuple(_prediction(row) for row in connection.execute(query))


def _end_of(connection: Connection, one: Prediction) -> float | None:
    """Return when the last job of a build ended; None: it is not known of all of them."""
    is_open = case((job.c.state.not_in(FINAL_STATES), 1))
    row = connection.execute(
        select(func.max(job.c.finished).label("end"), func.count(is_open).label("open")).where(
            job.c.build == one.build
        )
    ).one()
    return None if row.open or row.end is None or row.end < one.at else float(row.end)


def _asked(row: Row[Any], now: float) -> Asked:
    is_leased = row.lease_owner is not None and row.lease_until > now
    return Asked(
        key=row.key,
        lane=row.lane,
        number=row.number,
        state=SubjectState(row.state),
        asked=row.asked,
        updated=row.updated,
        message_id=row.message_id,
        due=row.due,
        attempts=row.attempts,
        last_error=row.last_error,
        leased_by=row.lease_owner if is_leased else None,
    )


def _prediction(row: Row[Any]) -> Prediction:
    return Prediction(
        key=row.key,
        number=row.number,
        build=row.build,
        kind=row.kind,
        at=row.at,
        expected=row.expected,
        not_before=row.not_before,
        usually_by=row.usually_by,
        ended=row.ended,
    )
