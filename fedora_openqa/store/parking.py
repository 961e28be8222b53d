"""Releases and drops parked subjects, with their deliveries, for a person."""

from typing import Any

from sqlalchemy import Connection, Engine, ScalarSelect, String, cast, func, literal, select, update
from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import DeliveryState
from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.arrivals import announce
from fedora_openqa.store.clock import Clock, database_time
from fedora_openqa.store.columns import TEXT_SIZE, Prose
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import delivery, subject


class Parking(ports.Parking):
    """The parked subjects; every method is one transaction."""

    def __init__(self, engine: Engine, *, clock: Clock = database_time) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine
        self._clock = clock

    @override
    def release(self, key: str, *, by: str) -> bool:
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
            connection.execute(
                update(delivery)
                .where(
                    delivery.c.subject_id == _id_of_parked(key),
                    delivery.c.state == DeliveryState.PARKED,
                )
                .values(state=DeliveryState.PENDING, due=now, attempts=0, reason=None, updated=now)
            )
            announce(connection)
            return _change(connection, key, {"due": now, **values}, now=now)

    @override
    def drop(self, key: str, *, reason: str) -> bool:
        open_states = (DeliveryState.PARKED, DeliveryState.PENDING)
        with transaction(self._engine) as connection:
            now = self._clock(connection)
            connection.execute(
                update(delivery)
                .where(
                    delivery.c.subject_id == _id_of_parked(key), delivery.c.state.in_(open_states)
                )
                .values(state=DeliveryState.SKIPPED, reason=reason, updated=now)
            )
            values = {"state": SubjectState.SKIPPED, "reason": reason}
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


class DryRunParking(ports.Parking):
    """Changes nothing, and returns that it did."""

    @override
    def release(self, key: str, *, by: str) -> bool:
        return True

    @override
    def drop(self, key: str, *, reason: str) -> bool:
        return True
