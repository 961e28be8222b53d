"""Reads the store for people; changes nothing."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    and_,
    case,
    func,
    not_,
    or_,
    select,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Absence, Sink
from fedora_openqa.model.stories import LaneStatus, SeenMessage, StoredProduct, Story
from fedora_openqa.model.sweeps import SweepMark
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.clock import Clock, database_time, has_come
from fedora_openqa.store.engine import reading
from fedora_openqa.store.rows import stored_delivery, stored_subject
from fedora_openqa.store.schema import SWEEP, absence, delivery, mark, message, product, subject


class Stories(ports.Stories):
    """The histories of subjects; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def now(self) -> float:
        with reading(self._engine) as connection:
            return self._clock(connection)

    @override
    def absences(self) -> tuple[Absence, ...]:
        with reading(self._engine) as connection:
            return tuple(
                Absence(lane=row.lane, error=row.error, since=row.since, until=row.until)
                for row in connection.execute(select(absence).order_by(absence.c.lane))
            )

    @override
    def lanes(self, *, now: float) -> tuple[LaneStatus, ...]:
        wanted = subject.c.state == SubjectState.WANTED
        taken = and_(subject.c.lease_owner.is_not(None), not_(has_come(subject.c.lease_until, now)))
        due = has_come(subject.c.due, now)
        query = (
            select(
                subject.c.lane,
                _count(wanted, not_(taken), due).label("due"),
                _count(wanted, not_(taken), not_(due)).label("waiting"),
                _count(wanted, taken).label("leased"),
                _count(subject.c.state == SubjectState.SCHEDULED).label("scheduled"),
                _count(subject.c.state == SubjectState.REPORTED).label("reported"),
                _count(subject.c.state == SubjectState.SKIPPED).label("skipped"),
                _count(subject.c.state == SubjectState.PARKED).label("parked"),
                func.min(case((wanted, subject.c.asked))).label("oldest"),
            )
            .group_by(subject.c.lane)
            .order_by(subject.c.lane)
        )
        with reading(self._engine) as connection:
            return tuple(LaneStatus(**row._mapping) for row in connection.execute(query))  # noqa: SLF001 - its public name

    @override
    def last_message(self) -> float | None:
        with reading(self._engine) as connection:
            newest = (func.max(message.c.seen), func.max(delivery.c.asked))
            seen = [connection.execute(select(column)).scalar() for column in newest]
            return max((time for time in seen if time is not None), default=None)

    @override
    def sweeps(self) -> tuple[SweepMark, ...]:
        query = (
            select(mark)
            .where(mark.c.name.startswith(SWEEP), mark.c.at.is_not(None))
            .order_by(mark.c.name)
        )
        with reading(self._engine) as connection:
            return tuple(
                SweepMark(row.name, row.at, row.facts.get("found", {}))
                for row in connection.execute(query)
            )

    @override
    def find(self, name: str, *, family: bool = False, build: str = "") -> tuple[Story, ...]:
        of_message = select(message.c.subject_id).where(message.c.id == name)
        of_delivery = select(delivery.c.subject_id).where(delivery.c.message_id == name)
        reports = [f"{sink}:{build}" for sink in Sink] if build else []
        named = or_(
            subject.c.key.in_((name, f"message:{name}", *reports)),
            subject.c.message_id == name,
            subject.c.id.in_(of_message),
            subject.c.id.in_(of_delivery),
        )
        if family:
            named = or_(named, subject.c.key.startswith(f"{name}:", autoescape=True))
        query = select(subject).where(named).order_by(subject.c.id)
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
            return tuple(_story(connection, row) for row in rows)


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((and_(*conditions), 1)))


def _story(connection: Connection, row: Row[Any]) -> Story:
    messages = select(message).where(message.c.subject_id == row.id).order_by(message.c.seen)
    products = (
        select(product)
        .where(product.c.subject_id == row.id)
        .order_by(product.c.number, product.c.flavor, product.c.arch)
    )
    deliveries = select(delivery).where(delivery.c.subject_id == row.id).order_by(delivery.c.id)
    return Story(
        subject=stored_subject(row),
        asked=row.asked,
        leased=(row.lease_owner, row.lease_until) if row.lease_owner else None,
        messages=tuple(
            SeenMessage(id=found.id, seen=found.seen) for found in connection.execute(messages)
        ),
        products=tuple(
            StoredProduct(
                number=found.number,
                flavor=found.flavor,
                arch=found.arch,
                build=found.settings.get("BUILD", ""),
                state=found.state,
                job_ids=tuple(found.job_ids),
                reason=found.reason,
                updated=found.updated,
            )
            for found in connection.execute(products)
        ),
        deliveries=tuple(stored_delivery(found) for found in connection.execute(deliveries)),
    )
