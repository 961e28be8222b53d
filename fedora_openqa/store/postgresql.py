"""Connections to PostgreSQL that wait for a limited time; alone in the store, it loads psycopg."""

import math
import time
from collections.abc import Mapping
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Engine, event
from typing_extensions import override

from fedora_openqa.store.limits import Limits

T = TypeVar("T")

#: what the server shows of our connections
APPLICATION = "fedora-openqa"

#: seconds that a server has to say itself that a statement took too long
GRACE = 5.0


class TimedConnection(psycopg.Connection[Any]):
    """A connection that is closed if the server takes too long to answer.

    TCP does not notice a server whose process is stopped: the host still acknowledges.
    """

    #: seconds
    limit: float = math.inf

    @override
    def wait(self, gen: PQGen[T], *args: Any, **kwargs: Any) -> T:
        return super().wait(self._limited(gen), *args, **kwargs)

    def _limited(self, gen: PQGen[T]) -> PQGen[T]:
        """Pass on what a statement waits for, until the limit."""
        until = time.monotonic() + self.limit
        try:
            wanted = next(gen)
            while True:
                ready = yield wanted
                if not ready and time.monotonic() > until:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer for {self.limit:.0f} seconds")
                wanted = gen.send(ready)
        except StopIteration as end:
            result: T = end.value
            return result


def arguments(limits: Limits) -> Mapping[str, Any]:
    """Return the parameters of libpq for limits."""
    return {
        "application_name": APPLICATION,
        "connect_timeout": math.ceil(limits.connect),
        # compiling a statement takes longer than any of ours runs
        "options": f"-c statement_timeout={math.ceil(limits.statement * 1000)} -c jit=off",
        # a host that is gone is noticed within a minute, also while a connection is idle
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": math.ceil((limits.statement + GRACE) * 1000),
    }


def limit_waiting(engine: Engine, limits: Limits) -> None:
    """Let an engine open connections that wait for a limited time."""

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, args: Any, parameters: Any) -> TimedConnection:  # noqa: ANN401
        # what the URL says goes first
        connection = TimedConnection.connect(*args, **{**arguments(limits), **parameters})
        connection.limit = limits.statement + GRACE
        return connection
