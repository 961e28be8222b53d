"""Numbers of subjects, each counted in an index alone: most of them are finished, and many."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.schema import subject


def count_subjects(
    connection: Connection, states: Collection[SubjectState] = tuple(SubjectState)
) -> Iterator[tuple[str, Row[Any]]]:
    """Yield each lane, in order, with a row that has the number of its subjects in each state."""
    for lane in connection.execute(_lanes()).scalars().all():
        yield lane, connection.execute(_numbers(lane, states)).one()


def _lanes() -> Select[Any]:
    """Select all lanes, each by a look into an index: a GROUP BY reads all subjects."""
    lanes = select(func.min(subject.c.lane).label("lane")).cte("lanes", recursive=True)
    following = select(func.min(subject.c.lane)).where(subject.c.lane > lanes.c.lane)
    lanes = lanes.union_all(select(following.scalar_subquery()).where(lanes.c.lane.is_not(None)))
    return select(lanes.c.lane).where(lanes.c.lane.is_not(None)).order_by(lanes.c.lane)


def _numbers(lane: str, states: Collection[SubjectState]) -> Select[Any]:
    return select(
        *(
            select(func.count())
            .where(subject.c.lane == lane, subject.c.state == state)
            .scalar_subquery()
            .label(str(state))
            for state in states
        )
    )
