"""When something was last done, so that a person sees whether it still is."""

from sqlalchemy import Engine, delete, insert, select

from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import mark

SWEEP = "sweep"


class Marks:
    """The table of marks; every method is one transaction.

    All raise `ServiceUnavailableError` where the database is away.
    """

    def __init__(self, engine: Engine) -> None:
        """Use a database that `open_engine` opened."""
        self._engine = engine

    def set(self, name: str, *, at: float) -> None:
        """Store that something was done."""
        with transaction(self._engine) as connection:
            connection.execute(delete(mark).where(mark.c.name == name))
            connection.execute(insert(mark).values(name=name, at=at))

    def last(self, name: str) -> float | None:
        """Tell when something was last done."""
        with transaction(self._engine) as connection:
            at: float | None = connection.execute(
                select(mark.c.at).where(mark.c.name == name)
            ).scalar()
            return at
