"""Deliveries of one build and their rounds, with a clock that tests set."""

from dataclasses import dataclass

from sqlalchemy import Engine

from fedora_openqa.model.deliveries import Delivery, Sink, WantedDelivery
from fedora_openqa.model.work import Lease, SubjectState
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.delivery_ledger import DeliveryLedger
from tests.store.timed import TimedSubjects

BUILD = "Fedora-Rawhide-20261120.n.0"
KEY = f"resultsdb:{BUILD}"
LEASE = 100.0


@dataclass
class DeliverySetup:
    engine: Engine
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.deliveries = Deliveries(self.engine, clock=lambda _connection: self.now)
        self.subjects = TimedSubjects(self.engine, clock=lambda _connection: self.now)

    def want(self, *items: int, delay: float = 0.0, sink: Sink = Sink.RESULTSDB) -> None:
        self.deliveries.want(
            [WantedDelivery(sink=sink, build=BUILD, item=str(item), delay=delay) for item in items],
            message_id="m",
        )

    def lease(self, owner: str = "a", sink: Sink = Sink.RESULTSDB) -> Lease | None:
        return self.subjects.lease(owner, [sink], seconds=LEASE)

    def take(self) -> tuple[Lease, DeliveryLedger]:
        lease = self.lease()
        assert lease
        return lease, self.deliveries.ledger(lease)

    def settle(self, lease: Lease, *, reached: bool = True) -> bool:
        return self.subjects.close_build(lease, reached=reached) is not None

    def rows(self) -> tuple[Delivery, ...]:
        return self.deliveries.all(KEY)

    def row(self, item: int = 1) -> Delivery:
        (row,) = self.deliveries.all(KEY, items=[str(item)])
        return row

    def subject(self) -> tuple[SubjectState, str | None]:
        found = self.subjects.find(KEY)
        assert found
        return found.state, found.reason
