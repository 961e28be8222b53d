"""The rounds in which the deliveries of a build are sent: on SQLite and PostgreSQL."""

import pytest
from sqlalchemy import Engine

from fedora_openqa.model.deliveries import Delivered, Delivery, DeliveryState, Later
from fedora_openqa.model.work import Lease
from fedora_openqa.store.delivery_ledger import DeliveryLedger
from tests.store.delivering import DeliverySetup

#: seconds of a step of the clock
STEP = 0.05
#: steps between two messages, and of a round
MESSAGE_STEPS, ROUND_STEPS = 2, 5


@pytest.fixture
def setup(engine: Engine) -> DeliverySetup:
    return DeliverySetup(engine)


@pytest.mark.parametrize(("gather", "most"), [(0.5, 18), (1.0, 10), (2.0, 6), (60.0, 1)])
def test_messages_in_a_stream_share_their_rounds(
    setup: DeliverySetup, gather: float, most: int
) -> None:
    rounds = 0
    running: tuple[int, Lease, DeliveryLedger, tuple[Delivery, ...]] | None = None
    for step in range(round((10.0 + 2 * gather) / STEP)):
        if step % MESSAGE_STEPS == 0 and step < 100 * MESSAGE_STEPS:
            setup.want(step // MESSAGE_STEPS, delay=gather)
        if running and step == running[0] + ROUND_STEPS:
            _begun, lease, ledger, due = running
            ledger.record([(row, Delivered("PASSED")) for row in due])
            assert setup.settle(lease)
            running = None
        if not running and (found := setup.lease()):
            ledger = setup.deliveries.ledger(found)
            running = (step, found, ledger, ledger.due())
            rounds += 1
        setup.now += STEP
    delivered = [row for row in setup.rows() if row.state is DeliveryState.DELIVERED]
    assert len(delivered) == 100
    assert rounds <= most


def test_a_message_during_a_round_joins_what_is_due_next(setup: DeliverySetup) -> None:
    setup.want(1, 2)
    lease, ledger = setup.take()
    one, two = ledger.due()
    ledger.record([(one, Later(20.0, "no")), (two, Delivered("PASSED"))])
    setup.want(3, delay=60.0)
    assert setup.settle(lease)
    setup.now += 20.0
    _lease, ledger = setup.take()
    assert [row.item for row in ledger.due()] == ["1", "3"]


def test_a_message_joins_a_round_that_no_worker_has_begun_yet(setup: DeliverySetup) -> None:
    setup.want(1, delay=60.0)
    setup.now += 90.0
    setup.want(2, delay=60.0)
    _lease, ledger = setup.take()
    assert [row.item for row in ledger.due()] == ["1", "2"]


def test_what_is_asked_for_again_during_its_round_is_not_held_with_it(
    setup: DeliverySetup,
) -> None:
    setup.want(1)
    lease, ledger = setup.take()
    (row,) = ledger.due()
    setup.want(1, delay=1.0)
    ledger.record([(row, Later(300.0, "openQA may try it again", counts=False))])
    assert setup.settle(lease)
    setup.now += 1.0
    _lease, ledger = setup.take()
    assert [(row.item, row.number) for row in ledger.due()] == [("1", 2)]
