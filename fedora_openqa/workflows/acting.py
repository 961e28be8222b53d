"""Does what a person asks for: stores it, does it, stores what came of it.

Knows ports, never gateways.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fedora_openqa import ports
from fedora_openqa.errors import AmbiguousWriteError, FedoraOpenQAError
from fedora_openqa.model.audit import Act, Ending, Intent
from fedora_openqa.model.reruns import Rerun, Selection

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Record:
    """An act that is being done; whoever does it says what came of it."""

    act: Act
    ending: Ending = Ending.DONE
    outcome: str = ""

    def done(self, outcome: str) -> None:
        """Say that it was done."""
        self.ending, self.outcome = Ending.DONE, outcome

    def nothing(self, outcome: str) -> None:
        """Say why nothing was done."""
        self.ending, self.outcome = Ending.NOTHING, outcome


def rerun_preview(selection: Selection) -> Mapping[str, Any]:
    """Return what is stored of a restart before it is done."""
    return {
        "jobs": [job.id for job in selection.jobs],
        "along": [job.id for job in selection.along],
        "left_out": len(selection.held) + selection.pending,
    }


def conclude(record: Record, rerun: Rerun) -> None:
    """Say what came of a restart."""
    refused = f"; refused: {rerun.refused[0].reason}" if rerun.refused else ""
    if not rerun.copies:
        record.nothing(f"nothing was restarted{refused}")
        return
    copies = ", ".join(f"{old} as {new}" for old, new in rerun.copies.items())
    record.done(f"restarted: {copies}{refused}")


@dataclass(frozen=True, slots=True)
class Acting:
    """Stores acts around what does them."""

    audit: ports.Audit
    #: the cost of all acts of a person in 24 hours, at most; None: any
    most: int | None = None

    @contextmanager
    def recorded(self, intent: Intent) -> Iterator[Record]:
        """Store an intent, let the block do it, and store the outcome.

        The block's error is stored as the outcome and raised. If the process ends in the block,
        or the store is away after it, it stays unknown whether the act was done.

        Raises:
            AlreadyAskedError, TooManyActsError, ServiceUnavailableError: nothing was done.
        """
        record = Record(self.audit.begin(intent, most=self.most))
        try:
            yield record
        except AmbiguousWriteError as exc:
            self._settle(record.act, Ending.UNCLEAR, str(exc))
            raise
        except FedoraOpenQAError as exc:
            self._settle(record.act, Ending.NOTHING, str(exc))
            raise
        self._settle(record.act, record.ending, record.outcome)

    def attempt(self, intent: Intent, perform: Callable[[Record], None]) -> int:
        """Store an act, do it, store the outcome, also of a failure; return the act's id.

        Raises: as `recorded`.
        """
        record: Record | None = None
        try:
            with self.recorded(intent) as record:
                perform(record)
        except FedoraOpenQAError as exc:
            if record is None:
                raise
            log.warning("%s %s: %s", intent.what, intent.target, exc)
        return record.act.id

    def _settle(self, act: Act, ending: Ending, outcome: str) -> None:
        try:
            self.audit.settle(act.id, ending, outcome)
        except FedoraOpenQAError as exc:
            log.warning("the outcome of act %d is not stored: %s", act.id, exc)
