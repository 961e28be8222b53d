"""Reads the store for people; changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    case,
    func,
    not_,
    select,
    union,
)
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Absence, Sink
from fedora_openqa.model.stories import LaneStatus, ParkedPage, SeenMessage, StoredProduct, Story
from fedora_openqa.model.sweeps import SweepMark
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.clock import Clock, database_time, has_come
from fedora_openqa.store.counting import count_subjects
from fedora_openqa.store.engine import reading
from fedora_openqa.store.rows import stored_delivery, stored_subject
from fedora_openqa.store.schema import SWEEP, absence, delivery, mark, message, product, subject


class Stories(ports.Records):
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
        with reading(self._engine) as connection:
            wanted = {row.lane: row for row in connection.execute(_wanted(now))}
            return tuple(
                _lane_status(lane, wanted.get(lane), numbers)
                for lane, numbers in count_subjects(connection)
            )

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
        reports = [f"{sink}:{build}" for sink in Sink] if build else []
        keys = subject.c.key.in_((name, f"message:{name}", *reports))
        found = [
            select(subject.c.id).where(keys),
            select(subject.c.id).where(subject.c.message_id == name),
            select(message.c.subject_id).where(message.c.id == name),
            select(delivery.c.subject_id).where(delivery.c.message_id == name),
        ]
        if family:
            # all that begin with the name and a colon; ";" is the character after it
            begin = subject.c.key.between(f"{name}:", f"{name};")
            found.append(select(subject.c.id).where(begin))
        # a union, as an index finds each part alone
        query = select(subject).where(subject.c.id.in_(union(*found))).order_by(subject.c.id)
        with reading(self._engine) as connection:
            return _stories(connection, connection.execute(query).all())

    @override
    def parked(self, *, limit: int, page: int) -> ParkedPage:
        is_parked = subject.c.state == SubjectState.PARKED
        newest = select(subject).where(is_parked).order_by(subject.c.updated.desc())
        query = newest.order_by(subject.c.id.desc()).limit(limit).offset(limit * (page - 1))
        with reading(self._engine) as connection:
            return ParkedPage(
                subjects=tuple(stored_subject(row) for row in connection.execute(query)),
                total=connection.execute(select(func.count()).where(is_parked)).scalar_one(),
            )

    @override
    def recorded_since(self, time: float) -> tuple[Story, ...]:
        recent = and_(subject.c.state.in_(tuple(SubjectState)), subject.c.updated >= time)
        found = (
            select(subject.c.id).where(recent),
            select(delivery.c.subject_id).where(delivery.c.asked >= time),
        )
        with reading(self._engine) as connection:
            ids = sorted({number for query in found for number in connection.scalars(query)})
            each = (select(subject).where(subject.c.id == number) for number in ids)
            return tuple(
                story
                for one in each
                for story in _stories(connection, connection.execute(one).all())
            )


def _wanted(now: float) -> Select[Any]:
    """Select the numbers of wanted subjects by lane."""
    taken = and_(subject.c.lease_owner.is_not(None), not_(has_come(subject.c.lease_until, now)))
    due = has_come(subject.c.due, now)
    return (
        select(
            subject.c.lane,
            _count(not_(taken), due).label("due"),
            _count(not_(taken), not_(due)).label("waiting"),
            _count(taken).label("leased"),
            func.min(subject.c.asked).label("oldest"),
        )
        .where(subject.c.state == SubjectState.WANTED)
        .group_by(subject.c.lane)
    )


def _lane_status(lane: str, wanted: Row[Any] | None, numbers: Row[Any]) -> LaneStatus:
    return LaneStatus(
        lane=lane,
        due=wanted.due if wanted else 0,
        waiting=wanted.waiting if wanted else 0,
        leased=wanted.leased if wanted else 0,
        oldest=wanted.oldest if wanted else None,
        scheduled=numbers.scheduled,
        reported=numbers.reported,
        skipped=numbers.skipped,
        parked=numbers.parked,
    )


def _count(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((and_(*conditions), 1)))


def _stories(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Story, ...]:
    """Return the histories of subjects: three statements, however many they are."""
    ids = [row.id for row in rows]
    found: list[dict[int, list[Row[Any]]]] = []
    for table, order in (
        (message, (message.c.seen,)),
        (product, (product.c.number, product.c.flavor, product.c.arch)),
        (delivery, (delivery.c.id,)),
    ):
        of_subject = defaultdict(list)
        query = select(table).where(table.c.subject_id.in_(ids)).order_by(*order)
        for one in connection.execute(query) if ids else ():
            of_subject[one.subject_id].append(one)
        found.append(of_subject)
    messages, products, deliveries = found
    return tuple(
        _story(row, messages[row.id], products[row.id], deliveries[row.id]) for row in rows
    )


def _story(
    row: Row[Any],
    messages: Iterable[Row[Any]],
    products: Iterable[Row[Any]],
    deliveries: Iterable[Row[Any]],
) -> Story:
    return Story(
        subject=stored_subject(row),
        asked=row.asked,
        leased=(row.lease_owner, row.lease_until) if row.lease_owner else None,
        messages=tuple(SeenMessage(id=found.id, seen=found.seen) for found in messages),
        products=tuple(
            StoredProduct(
                number=found.number,
                flavor=found.flavor,
                arch=found.arch,
                settings=found.settings,
                state=found.state,
                job_ids=tuple(found.job_ids),
                reason=found.reason,
                updated=found.updated,
            )
            for found in products
        ),
        deliveries=tuple(map(stored_delivery, deliveries)),
    )
