"""The acts of people, each stored before it is done."""

from typing import Any, cast

from sqlalchemy import Connection, Engine, Executable, Row, func, select, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.errors import AlreadyAskedError, TooManyActsError
from fedora_openqa.model.audit import Act, Action, Ending, Intent, Role
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.engine import reading, transaction
from fedora_openqa.store.rows import for_dialects
from fedora_openqa.store.schema import audit as table

#: seconds in which the acts of a person are limited
DAY = 86_400.0


def _insert(insert: Any) -> Executable:  # noqa: ANN401 - a dialect's
    query = insert(table).on_conflict_do_nothing(index_elements=[table.c.key])
    return cast("Executable", query.returning(table.c.id))


_INSERT = for_dialects(_insert)


class Audit(ports.Audit):
    """The table of acts; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def begin(self, intent: Intent, *, most: int | None = None) -> Act:
        with transaction(self._engine) as connection:
            if most is not None:
                _one_at_a_time(connection, intent.who)
            now = self._clock(connection)
            same = select(table).where(table.c.key == intent.key)
            if most is not None and connection.execute(same).first() is None:
                self._check_limit(connection, intent, most=most, now=now)
            row = {
                "who": intent.who,
                "role": intent.role,
                "what": intent.what,
                "target": intent.target,
                "reason": intent.reason,
                "preview": dict(intent.preview),
                "cost": intent.cost,
                "key": intent.key,
                "outcome": "",
                "at": now,
            }
            act_id = connection.execute(_INSERT(connection.dialect.name), row).scalar()
            if act_id is None:
                earlier = _act(connection.execute(same).one())
                asked = f"{earlier.intent.what} {earlier.intent.target}"
                raise AlreadyAskedError(f"asked for already: {asked}", earlier.id)
            return Act(act_id, intent, at=now)

    def _check_limit(
        self, connection: Connection, intent: Intent, *, most: int, now: float
    ) -> None:
        today = (
            select(func.coalesce(func.sum(table.c.cost), 0))
            # the person as it is stored: a long name is cut
            .where(table.c.who == intent.who, table.c.at > now - DAY)
        )
        done = connection.execute(today).scalar_one()
        if done + intent.cost > most:
            raise TooManyActsError(
                f"{intent.who} may start {most} jobs or acts in 24 hours, has started {done}, and"
                f" asks for {intent.cost}"
            )

    @override
    def settle(self, act_id: int, ending: Ending, outcome: str) -> None:
        with transaction(self._engine) as connection:
            values = {"ending": ending, "outcome": outcome, "settled": self._clock(connection)}
            connection.execute(
                update(table).where(table.c.id == act_id, table.c.ending.is_(None)).values(values)
            )

    @override
    def find(self, act_id: int) -> Act | None:
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(table.c.id == act_id)).first()
            return _act(row) if row else None

    @override
    def asked(self, key: str) -> int | None:
        with reading(self._engine) as connection:
            return connection.execute(select(table.c.id).where(table.c.key == key)).scalar()

    @override
    def acts(
        self, *, since: float = 0.0, who: str | None = None, limit: int, page: int = 1
    ) -> tuple[Act, ...]:
        query = (
            select(table)
            .where(table.c.at >= since)
            .order_by(table.c.at.desc(), table.c.id.desc())
            .limit(limit)
            .offset(limit * (page - 1))
        )
        if who is not None:
            query = query.where(table.c.who == who)
        with reading(self._engine) as connection:
            return tuple(map(_act, connection.execute(query)))


def _one_at_a_time(connection: Connection, who: str) -> None:
    """Wait for other acts of a person that are being stored; on SQLite there is one writer."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(who, 0))))


def _act(row: Row[Any]) -> Act:
    intent = Intent(
        who=row.who,
        role=Role(row.role),
        what=Action(row.what),
        target=row.target,
        reason=row.reason,
        preview=row.preview,
        cost=row.cost,
        key=row.key,
    )
    ending = Ending(row.ending) if row.ending else None
    return Act(row.id, intent, row.at, ending=ending, outcome=row.outcome, settled=row.settled)
