"""The lease of what one process of a deployment does at a time: sweep, watch openQA."""

from typing import Any

from sqlalchemy import Connection, Row, select, update

from fedora_openqa.errors import LeaseLostError
from fedora_openqa.store.clock import FARTHEST_DUE
from fedora_openqa.store.rows import FREE, for_dialects
from fedora_openqa.store.schema import mark

#: processes of a deployment start at the same time
INSERT_MARK = for_dialects(lambda insert: insert(mark).on_conflict_do_nothing())


def lock_mark(connection: Connection, name: str) -> Row[Any]:
    """Return a mark, locked until the end of the transaction; a new one if there was none."""
    connection.execute(INSERT_MARK(connection.dialect.name), {"name": name})
    return connection.execute(select(mark).where(mark.c.name == name).with_for_update()).one()


def take_lease(
    connection: Connection,
    row: Row[Any],
    owner: str,
    *,
    seconds: float,
    now: float,
    does: str,
    again: bool = False,
) -> None:
    """Lease a mark that is locked.

    :param does: what its owner does, for the error: ``"sweeps"``
    :param again: the owner may have the lease already, and keeps it

    Raises:
        LeaseLostError: another process has the lease.
    """
    # an end that is too far ahead was stored while the clock was wrong
    is_held = row.lease_owner is not None and not (again and row.lease_owner == owner)
    if is_held and now < row.lease_until <= now + FARTHEST_DUE:
        left = row.lease_until - now
        raise LeaseLostError(
            f"{row.lease_owner} {does}; its lease ends in {left:.0f} s unless it renews it"
        )
    lease = {"lease_owner": owner, "lease_until": now + seconds}
    connection.execute(update(mark).where(mark.c.name == row.name).values(**lease))


def is_recent(row: Row[Any], *, seconds: float, now: float) -> bool:
    """Return whether a mark has a time of the last so many seconds."""
    # a time in the future was stored while the clock was wrong
    return row.at is not None and 0 <= now - row.at < seconds


def free_lease(connection: Connection, name: str, owner: str) -> None:
    """Give the lease of a mark back, if its owner still has it."""
    held = (mark.c.name == name, mark.c.lease_owner == owner)
    connection.execute(update(mark).where(*held).values(**FREE))
