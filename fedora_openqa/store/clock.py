"""The clock of the store: that of the database, so that the clocks of hosts need not agree."""

import time
from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Engine, extract, func, or_, select

from fedora_openqa.store.engine import reading

#: returns the time of the database behind a connection, seconds since 1970
Clock: TypeAlias = Callable[[Connection], float]

#: seconds that a stored time may be ahead; one further ahead was stored while the clock was wrong.
#: Longer than any delay of a service; a report that waits longer (``mail.wait``) is only looked
#: at early
FARTHEST_DUE = 86_400.0

_NOW = select(extract("epoch", func.clock_timestamp()))


def database_time(connection: Connection) -> float:
    """Return the time now, not that of the transaction's begin; of SQLite: this host's."""
    if connection.dialect.name != "postgresql":
        return time.time()
    return float(connection.execute(_NOW).scalar_one())


def has_come(moment: ColumnElement[float], now: float) -> ColumnElement[bool]:
    """Return the SQL condition that a stored time has come, or is `FARTHEST_DUE` ahead."""
    return or_(moment <= now, moment > now + FARTHEST_DUE)


def clock_difference(engine: Engine) -> float:
    """Return by how many seconds the database's clock is ahead of this host's.

    Raises:
        ServiceUnavailableError: the database is away.
    """
    with reading(engine) as connection:
        before = time.time()
        there = database_time(connection)
        return there - (before + time.time()) / 2
