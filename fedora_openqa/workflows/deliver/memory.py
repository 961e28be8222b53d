"""The deliveries of one command, kept in memory instead of the store."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from fedora_openqa.model.deliveries import (
    Delivered,
    Delivery,
    DeliveryState,
    DeliveryStep,
    Later,
    Parked,
    Skipped,
    WantedDelivery,
)
from fedora_openqa.model.history import StoredJob
from fedora_openqa.policy.retries import still_unsettled


@dataclass(slots=True)
class MemoryLedger:
    """`fedora_openqa.ports.DeliveryLedger` of one command."""

    clock: Callable[[], float]
    rows: dict[str, Delivery]

    def due(self) -> tuple[Delivery, ...]:
        """Return the pending deliveries that are due."""
        now = self.clock()
        return tuple(row for row in self.pending() if row.due <= now)

    def pending(self) -> tuple[Delivery, ...]:
        """Return the pending deliveries."""
        return tuple(row for row in self.rows.values() if row.state is DeliveryState.PENDING)

    def unanswered(self, *, settles_after: float) -> Mapping[str, float]:
        """Return the items that were sent without an answer and may still arrive."""
        sent = ((row.item, row.sent) for row in self.rows.values() if row.sending)
        return still_unsettled(sent, settles_after, now=self.clock())

    def intend(self, told: Mapping[str, str]) -> None:
        """Remember what is about to be sent, by item."""
        for item, sending in told.items():
            self.rows[item] = replace(self.rows[item], sending=sending, sent=self.clock())

    def record(self, steps: Sequence[tuple[Delivery, DeliveryStep]]) -> None:
        """Remember the steps of deliveries."""
        for seen, step in steps:
            self.rows[seen.item] = self._after(self.rows[seen.item], step)

    def _after(self, row: Delivery, step: DeliveryStep) -> Delivery:
        match step:
            case Delivered(told, reference, reason, summary, findings):
                return replace(
                    row,
                    state=DeliveryState.DELIVERED,
                    told=told,
                    summary=summary,
                    findings=findings,
                    reference=reference,
                    reason=reason,
                )
            case Skipped(reason):
                return replace(row, state=DeliveryState.SKIPPED, reason=reason)
            case Parked(reason):
                return replace(row, state=DeliveryState.PARKED, reason=reason)
            case Later(delay, error, counts, unsure):
                return replace(
                    row,
                    due=self.clock() + delay,
                    attempts=row.attempts + counts,
                    last_error=error,
                    sending=row.sending if unsure else None,
                )


class NoDeliveries:
    """`fedora_openqa.ports.Deliveries` that stores nothing: related jobs are not delivered."""

    def want(
        self,
        wanted: Sequence[WantedDelivery],
        *,
        message_id: str | None = None,
        known: Sequence[StoredJob] = (),
        copies: Sequence[tuple[int, int]] = (),
    ) -> None:
        """Store nothing."""

    def confirm(self, wanted: WantedDelivery, *, told: str, reference: str | None) -> None:
        """Store nothing."""

    def skip(self, wanted: WantedDelivery, *, reason: str) -> None:
        """Store nothing."""

    def all(
        self,
        key: str,  # noqa: ARG002
        *,
        items: Collection[str] | None = None,  # noqa: ARG002
    ) -> tuple[Delivery, ...]:
        """Return none."""
        return ()
