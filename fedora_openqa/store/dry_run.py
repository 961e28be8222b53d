"""A store that a dry run may look into: it has no way to write."""

from collections.abc import Collection, Mapping, Sequence

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Delivery, WantedDelivery
from fedora_openqa.model.work import Change, Known, Wanted
from fedora_openqa.policy.wanted import change_of
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine, store_file
from fedora_openqa.store.subjects import Subjects


class DryRunInbox:
    """`fedora_openqa.ports.Inbox`: answers as the real one, and forgets what it is told."""

    def __init__(self, inbox: ports.Inbox | None) -> None:
        """Look into a store; none: there is none yet."""
        self._inbox = inbox

    def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        """Return what the store has."""
        return self._inbox.known(keys) if self._inbox else {}

    def want(self, wanted: Wanted, *, message_id: str | None) -> Change:  # noqa: ARG002
        """Return what would change."""
        return change_of(wanted, self.known([wanted.key]).get(wanted.key))

    def swept(self) -> None:
        """Forget it."""

    def remember(self, wanted: Wanted, *, reason: str) -> None:
        """Forget it."""

    def park_message(self, name: str, content: Mapping[str, str], *, reason: str) -> None:
        """Forget it."""


class DryRunDeliveries:
    """`fedora_openqa.ports.Deliveries`: knows what the real one does, and forgets the rest."""

    def __init__(self, deliveries: ports.Deliveries | None) -> None:
        """Look into a store; none: there is none yet."""
        self._deliveries = deliveries

    def want(self, reports: Sequence[WantedDelivery], *, message_id: str | None = None) -> None:
        """Forget it."""

    def confirm(self, report: WantedDelivery, *, outcome: str, reference: str | None) -> None:
        """Forget it."""

    def all(self, key: str) -> tuple[Delivery, ...]:
        """Give what the store has."""
        return self._deliveries.all(key) if self._deliveries else ()


def look_into(url: str) -> tuple[DryRunInbox, DryRunDeliveries]:
    """Open a store for a dry run, but make none.

    Raises: as `open_engine`.
    """
    if not _exists(url):
        return DryRunInbox(None), DryRunDeliveries(None)
    engine = open_engine(url)
    return DryRunInbox(Subjects(engine)), DryRunDeliveries(Deliveries(engine))


def _exists(url: str) -> bool:
    file = store_file(url)
    try:
        return file is None or file.exists()
    except OSError:
        # `open_engine` says what is wrong with it
        return True
