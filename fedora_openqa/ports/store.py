"""What workflows ask of the store: one Protocol for each part of it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from fedora_openqa.model.deliveries import (
    Absence,
    Delivery,
    DeliveryStep,
    WantedDelivery,
)
from fedora_openqa.model.products import Product, ProductResult
from fedora_openqa.model.stories import LaneStatus, Pause, Story
from fedora_openqa.model.work import Away, Change, Known, Lease, SubjectState, Wanted


class ProductLedger(Protocol):
    """What is remembered of the products of one request, so that each is posted once.

    A product is known by its flavor and arch.
    """

    def begin(self, content: Sequence[str]) -> None:
        """Remember the content that the request posts, before any of it is posted.

        :param content: sorted NVRs; empty: nothing is posted

        Raises:
            LeaseLostError: somebody else works on it now, or another content was begun with:
                the request is made anew then, with this content.
        """

    def finished(self) -> Mapping[tuple[str, str], ProductResult]:
        """Give what became of products earlier; they need nothing more."""

    def intended(self) -> Mapping[tuple[str, str], int]:
        """Give, of products that may have been posted, the newest job id there was before."""

    def intend(self, product: Product, *, newest_job: int) -> Product:
        """Remember that a product is about to be posted; gives it as it is to be posted.

        Raises:
            LeaseLostError: somebody else does that now.
        """

    def record(self, result: ProductResult) -> None:
        """Remember what became of a product."""


class DeliveryLedger(Protocol):
    """What one sink should be told of one build; may raise `ServiceUnavailableError`."""

    def due(self) -> tuple[Delivery, ...]:
        """Give what should be told now, what was asked for first first."""

    def unanswered(self, *, settles_after: float) -> Mapping[str, float]:
        """Return what was sent without an answer and may still arrive, by item.

        :param settles_after: seconds after which it has arrived or never will

        Returns: for each item the seconds until then.
        """

    def intend(self, outcomes: Mapping[str, str]) -> None:
        """Remember what the sink is about to be told, by item.

        Raises:
            LeaseLostError: somebody else tells it now.
        """

    def record(self, steps: Sequence[tuple[Delivery, DeliveryStep]]) -> None:
        """Remember what became of deliveries."""


class Deliveries(Protocol):
    """What sinks should be told; may raise `ServiceUnavailableError`."""

    def want(self, reports: Sequence[WantedDelivery], *, message_id: str | None = None) -> None:
        """Store that sinks should be told, again if they were already."""

    def confirm(self, report: WantedDelivery, *, outcome: str, reference: str | None) -> None:
        """Store that a sink knows of something already, unless anything is stored of that."""

    def all(self, key: str) -> tuple[Delivery, ...]:
        """Give all that is stored below a key."""


class Inbox(Protocol):
    """Where messages and sweeps store which subjects should be scheduled.

    All methods may raise `ServiceUnavailableError`: nothing is stored then.
    """

    def want(self, wanted: Wanted, *, message_id: str | None) -> Change:
        """Store that a subject is wanted; the same message again changes nothing.

        Another content, a re-trigger, or another location of a subject that is parked or failing
        is another request. Anything else only makes a waiting subject due, unless it is being
        worked on.
        """

    def park_message(self, name: str, content: Mapping[str, str], *, reason: str) -> None:
        """Keep a message that cannot be understood for a person to look at; the same one once."""

    def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        """Return what is stored of subjects, by key; those that are not stored are left out."""

    def remember(self, wanted: Wanted, *, reason: str) -> None:
        """Store a subject as scheduled, unless it is stored already."""

    def swept(self) -> None:
        """Store that a sweep ended."""


class Backlog(Protocol):
    """The subjects that are wanted, for workers to take.

    A worker has a subject for itself until its lease is over. All methods may raise
    `ServiceUnavailableError`.
    """

    def lease(self, owner: str, kinds: Collection[str], *, seconds: float) -> Lease | None:
        """Lease the subject of these kinds that is due first, for so long; None: none is due."""

    def renew(self, lease: Lease, *, seconds: float) -> bool:
        """Keep a lease for so many seconds from now; false if it was lost."""

    def finish(self, lease: Lease, state: SubjectState, *, reason: str | None) -> bool:
        """Store what became of a subject; false if the lease was lost, or it is wanted anew."""

    def postpone(self, lease: Lease, *, error: str, delay: float, counts: bool) -> bool:
        """Try a subject again later; false if the lease was lost, or it is wanted anew.

        :param delay: seconds from now
        :param counts: whether the attempt counts
        """

    def settle(self, lease: Lease, *, reached: bool) -> bool:
        """Have a subject's deliveries say what becomes of it; false if the lease was lost.

        :param reached: their sink has answered
        """

    def leave(self, lease: Lease, away: Away) -> bool:
        """Let the whole lane wait, the longer the longer it does; false if the lease was lost."""

    def seconds_until_due(self, kinds: Collection[str]) -> float | None:
        """Return in how many seconds the next subject of these kinds can be leased.

        Negative: it could be since then. None: nothing waits.
        """

    def prune(self, *, keep: float) -> int:
        """Forget finished subjects after so many seconds; returns how many were forgotten."""


class Stories(Protocol):
    """What is remembered of subjects, for people; may raise `ServiceUnavailableError`."""

    def now(self) -> float:
        """Return the time of the store, seconds since 1970."""

    def absences(self) -> tuple[Absence, ...]:
        """Give the lanes that wait because whoever they lead to does not answer."""

    def lanes(self, *, now: float) -> tuple[LaneStatus, ...]:
        """Count what there is of each kind."""

    def last_message(self) -> float | None:
        """Tell when the last message was stored."""

    def last_sweep(self) -> float | None:
        """Tell when the last sweep ended."""

    def find(self, name: str, *, family: bool = False, build: str = "") -> tuple[Story, ...]:
        """Tell all about the subjects of a key or a message.

        :param family: the keys that begin like that, too: those of the arches of a build
        :param build: openQA's BUILD of the subject, whose reports belong to it
        """


class Pauses(Protocol):
    """Lanes that a person has stopped; may raise `ServiceUnavailableError`."""

    def all(self) -> tuple[Pause, ...]:
        """Give all pauses."""

    def pause(self, pause: Pause) -> None:
        """Stop a lane; one that is stopped already gets the new reason."""

    def resume(self, lane: str) -> bool:
        """Let a lane go on, with what waits in it at once; false if it was not stopped."""


class Parking(Protocol):
    """What a person decides about parked subjects; may raise `ServiceUnavailableError`."""

    def release(self, key: str, *, by: str) -> bool:
        """Have a subject tried again at once; false if it is not parked."""

    def drop(self, key: str, *, reason: str) -> bool:
        """Have nothing done about a subject; false if it is not parked."""
