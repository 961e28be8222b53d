"""How long a database may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a database may take, in seconds."""

    #: to connect to PostgreSQL
    connect: float = 10.0
    #: for a statement, which on SQLite waits for the transactions of other processes
    statement: float = 30.0


#: the limits of ordinary commands
LIMITS = Limits()

#: the limits of what works on a store as a whole
LONG = Limits(statement=3600.0)
