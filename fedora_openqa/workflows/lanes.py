"""Pauses and resumes lanes because an operator says so."""

from dataclasses import dataclass

from fedora_openqa import ports
from fedora_openqa.model.stories import Pause


@dataclass(frozen=True, slots=True)
class Lanes:
    """Stops lanes and lets them go on; all methods may raise `ServiceUnavailableError`."""

    pauses: ports.Pauses
    stories: ports.Stories
    #: account name of the operator
    by: str

    def pause(self, lane: str, *, reason: str, seconds: float | None = None) -> None:
        """Stop a lane for all workers; a paused lane gets the new reason and end.

        :param seconds: the pause ends by itself after so many; None: it ends with `resume`
        """
        now = self.stories.now()
        until = None if seconds is None else now + seconds
        self.pauses.pause(Pause(lane, by=self.by, reason=reason, since=now, until=until))

    def is_paused(self, lane: str) -> bool:
        """Return whether an operator has paused a lane."""
        return any(pause.lane == lane for pause in self.pauses.all())

    def resume(self, lane: str) -> bool:
        """Let a lane go on, and return whether it was paused."""
        return self.pauses.resume(lane)
