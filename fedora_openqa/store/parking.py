"""What a person decides about parked subjects."""

from typing import Any

from sqlalchemy import Connection, Engine, ScalarSelect, String, cast, func, literal, select, update

from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.columns import TEXT_SIZE, Prose
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import subject
from fedora_openqa.store.settling import drop_parked, release_parked


class Parking:
    """`fedora_openqa.ports.Parking`; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    def release(self, key: str, *, by: str) -> bool:
        """Have a subject tried again at once; false if it is not parked."""
        was = func.coalesce(subject.c.reason, "")
        said = cast(literal(f"released by {by}, was parked: ", Prose()), String)
        values = {
            "state": SubjectState.WANTED,
            "reason": None,
            "last_error": func.substr(said + was, 1, TEXT_SIZE),
            "attempts": 0,
        }
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            release_parked(connection, _id_of_parked(key), now=now)
            return _change(connection, key, {"due": now, **values}, now=now)

    def drop(self, key: str, *, reason: str) -> bool:
        """Have nothing done about a subject; false if it is not parked."""
        values = {"state": SubjectState.SKIPPED, "reason": reason}
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            drop_parked(connection, _id_of_parked(key), reason=reason, now=now)
            return _change(connection, key, values, now=now)


def _id_of_parked(key: str) -> ScalarSelect[int]:
    return (
        select(subject.c.id)
        .where(subject.c.key == key, subject.c.state == SubjectState.PARKED)
        .scalar_subquery()
    )


def _change(connection: Connection, key: str, values: dict[str, Any], *, now: float) -> bool:
    changed = connection.execute(
        update(subject).where(subject.c.id == _id_of_parked(key)).values(updated=now, **values)
    )
    return changed.rowcount == 1


class DryRunParking:
    """`fedora_openqa.ports.Parking` that forgets what was decided."""

    def release(self, key: str, *, by: str) -> bool:  # noqa: ARG002
        """Say that it is released."""
        return True

    def drop(self, key: str, *, reason: str) -> bool:  # noqa: ARG002
        """Say that it is dropped."""
        return True
