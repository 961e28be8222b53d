"""The store with a clock that stands still until a test sets it."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import Connection, Engine

from fedora_openqa.store.clock import Clock
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.parking import Parking
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects


@dataclass
class StoppedClock:
    """`fedora_openqa.store.clock.Clock`."""

    now: float = 0.0

    def __call__(self, _connection: Connection) -> float:
        return self.now


class TimedSubjects(Subjects):
    """Subjects, at a time."""

    def __init__(
        self,
        engine: Engine,
        *,
        per_minute: Mapping[str, int] = MappingProxyType({}),
        clock: Clock | None = None,
    ) -> None:
        """Use an open database.

        :param clock: a test's own; None: it stands at 0
        """
        super().__init__(engine, per_minute=per_minute, clock=clock or StoppedClock())

    def at(self, now: float) -> "TimedSubjects":
        """Return the same subjects at a time."""
        return TimedSubjects(self._engine, per_minute=self._per_minute, clock=StoppedClock(now))

    def next_due(self, kinds: Collection[str]) -> float | None:
        """Return when the next subject can be leased."""
        seconds = self.seconds_until_due(kinds)
        if seconds is None:
            return None
        with transaction(self._engine) as connection:
            now = self._clock(connection)
        # a sum of two times may be a bit short of the third
        return math.ceil((now + seconds) * 1000) / 1000


class TimedParking(Parking):
    """Parking, at a time."""

    def __init__(self, engine: Engine, now: float) -> None:
        """Use an open database."""
        super().__init__(engine, clock=StoppedClock(now))


class TimedPauses(Pauses):
    """Pauses, at a time."""

    def __init__(self, engine: Engine, now: float = 0.0) -> None:
        """Use an open database."""
        super().__init__(engine, clock=StoppedClock(now))


class TimedStories(Stories):
    """Stories, at a time."""

    def __init__(self, engine: Engine, now: float = 0.0) -> None:
        """Use an open database."""
        super().__init__(engine, clock=StoppedClock(now))
