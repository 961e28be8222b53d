"""What a person decides about parked subjects."""

from typing import Any

from sqlalchemy import Engine, String, cast, func, update

from fedora_openqa.model.work import SubjectState
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import subject

#: characters of a reason that are kept
TEXT_SIZE = 2000


class Parking:
    """`fedora_openqa.ports.Parking`; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine

    def release(self, key: str, *, by: str, now: float) -> bool:
        """Have a subject tried again at once; false if it is not parked."""
        was = func.coalesce(subject.c.reason, "")
        values = {
            "state": SubjectState.WANTED,
            "reason": None,
            "last_error": func.substr(
                cast(f"released by {by}, was parked: ", String) + was, 1, TEXT_SIZE
            ),
            "due": now,
            "attempts": 0,
        }
        return self._change(key, values, now=now)

    def drop(self, key: str, *, reason: str, now: float) -> bool:
        """Have nothing done about a subject; false if it is not parked."""
        values = {"state": SubjectState.SKIPPED, "reason": reason[:TEXT_SIZE]}
        return self._change(key, values, now=now)

    def _change(self, key: str, values: dict[str, Any], *, now: float) -> bool:
        with transaction(self._engine) as connection:
            changed = connection.execute(
                update(subject)
                .where(subject.c.key == key, subject.c.state == SubjectState.PARKED)
                .values(updated=now, **values)
            )
            return changed.rowcount == 1


class DryRunParking:
    """`fedora_openqa.ports.Parking` that forgets what was decided."""

    def release(self, key: str, *, by: str, now: float) -> bool:  # noqa: ARG002
        """Say that it is released."""
        return True

    def drop(self, key: str, *, reason: str, now: float) -> bool:  # noqa: ARG002
        """Say that it is dropped."""
        return True
