"""Who may still change what was leased."""

from sqlalchemy import ColumnElement, and_

from fedora_openqa.model.work import Lease
from fedora_openqa.store.schema import subject


def held(lease: Lease) -> ColumnElement[bool]:
    """Name the subject of a lease, unless it is wanted anew or was leased again since."""
    return and_(
        subject.c.id == lease.subject_id,
        subject.c.lease_owner == lease.owner,
        subject.c.number == lease.number,
        # a worker may be given again what it had lost, and its old thread still run
        subject.c.attempts == lease.attempts,
    )
