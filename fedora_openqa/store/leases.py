"""Who may still change what was leased."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import ColumnElement, Connection, and_, select

from fedora_openqa.model.work import Lease
from fedora_openqa.store.clock import Clock
from fedora_openqa.store.schema import subject

#: the columns of a subject that nobody has leased
FREE: Mapping[str, float | None] = MappingProxyType({"lease_owner": None, "lease_until": 0.0})


def held(lease: Lease) -> ColumnElement[bool]:
    """Name the subject of a lease, unless it is wanted anew or was leased again since."""
    return and_(
        subject.c.id == lease.subject_id,
        subject.c.lease_owner == lease.owner,
        subject.c.number == lease.number,
        # a worker may be given again what it had lost, and its old thread still run
        subject.c.attempts == lease.attempts,
    )


def holds(connection: Connection, lease: Lease, *, clock: Clock) -> bool:
    """Return whether a lease holds now, and let nobody take it before the transaction's end."""
    row = connection.execute(
        select(subject.c.lease_until).where(held(lease)).with_for_update()
    ).first()
    # asked after the lock, for which it may have waited
    return row is not None and bool(row.lease_until > clock(connection))
