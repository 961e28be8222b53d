"""A view of the store for dry runs, which cannot write."""

from collections.abc import Collection, Mapping, Sequence

from typing_extensions import override

from fedora_openqa import ports
from fedora_openqa.model.deliveries import Delivery, WantedDelivery
from fedora_openqa.model.work import Change, Known, Wanted
from fedora_openqa.policy.wanted import change_of
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine, store_exists
from fedora_openqa.store.limits import Limits
from fedora_openqa.store.subjects import Subjects


class DryRunInbox(ports.Inbox):
    """Reads a real inbox and writes nothing."""

    def __init__(self, inbox: ports.Inbox | None) -> None:
        """Use a real inbox; None: there is no store yet."""
        self._inbox = inbox

    @override
    def known(self, keys: Collection[str]) -> Mapping[str, Known]:
        return self._inbox.known(keys) if self._inbox else {}

    @override
    def want(self, wanted: Wanted, *, message_id: str | None) -> Change:
        return change_of(wanted, self.known([wanted.key]).get(wanted.key))

    @override
    def swept(self, found: Mapping[str, int]) -> None:
        pass

    @override
    def remember(self, wanted: Wanted, *, reason: str) -> None:
        pass

    @override
    def park_message(self, name: str, content: Mapping[str, str], *, reason: str) -> None:
        pass


class DryRunDeliveries(ports.Deliveries):
    """Reads real deliveries and writes nothing."""

    def __init__(self, deliveries: ports.Deliveries | None) -> None:
        """Use real deliveries; None: there is no store yet."""
        self._deliveries = deliveries

    @override
    def want(self, wanted: Sequence[WantedDelivery], *, message_id: str | None = None) -> None:
        pass

    @override
    def confirm(self, wanted: WantedDelivery, *, told: str, reference: str | None) -> None:
        pass

    @override
    def all(self, key: str, *, items: Collection[str] | None = None) -> tuple[Delivery, ...]:
        return self._deliveries.all(key, items=items) if self._deliveries else ()


def look_into(url: str, *, limits: Limits) -> tuple[DryRunInbox, DryRunDeliveries]:
    """Open a store for a dry run, without creating one.

    Raises: as `open_engine`.
    """
    if not store_exists(url):
        return DryRunInbox(None), DryRunDeliveries(None)
    engine = open_engine(url, limits=limits)
    return DryRunInbox(Subjects(engine)), DryRunDeliveries(Deliveries(engine))
