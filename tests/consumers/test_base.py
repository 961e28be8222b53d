"""Messages are acknowledged, held, rejected or parked, for each error of our code."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from fedora_messaging.exceptions import HaltConsumer, Nack
from fedora_messaging.message import Message

from consumers.base import PATIENCE, WRONG_DEPLOYMENT, Body, Consumer
from fedora_openqa.errors import ConfigError, ServiceUnavailableError


@dataclass
class Taker:
    """Raises the given errors, then keeps its arguments."""

    failures: list[Exception] = field(default_factory=list)
    park_failures: list[Exception] = field(default_factory=list)
    taken: list[str | None] = field(default_factory=list)
    parked: list[tuple[str | None, str]] = field(default_factory=list)

    def take(self, _topic: str, _body: Body, *, message_id: str | None) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(message_id)

    def park(self, _topic: str, _body: Body, *, message_id: str | None, reason: str) -> None:
        if self.park_failures:
            raise self.park_failures.pop(0)
        self.parked.append((message_id, reason))


AWAY = ServiceUnavailableError("database: locked")


def consume(taker: Taker, sleep: Callable[[float], None] = lambda _seconds: None) -> str:
    message = Message(topic="org.fedoraproject.prod.x", body={})
    Consumer(taker, sleep=sleep)(message)
    return message.id


def test_a_message_is_acknowledged_once_it_is_stored() -> None:
    taker = Taker()
    assert [consume(taker)] == taker.taken


def test_a_message_is_held_while_it_cannot_be_stored() -> None:
    taker, slept = Taker(failures=[AWAY] * 3), list[float]()
    assert [consume(taker, slept.append)] == taker.taken
    assert slept == [0.5, 1.0, 2.0]


def test_a_message_goes_back_to_the_queue_in_the_end() -> None:
    taker, slept = Taker(failures=[AWAY] * 10_000), list[float]()
    with pytest.raises(Nack):
        consume(taker, slept.append)
    assert PATIENCE <= sum(slept) < 1800
    assert max(slept) == 30.0


def test_a_message_that_breaks_our_code_is_parked() -> None:
    taker = Taker(failures=[KeyError("x")])
    message_id = consume(taker)
    assert taker.parked == [(message_id, "KeyError: 'x'")]


def test_also_parking_is_tried_again() -> None:
    taker = Taker(failures=[KeyError("x"), KeyError("x")], park_failures=[AWAY])
    message_id = consume(taker)
    assert taker.parked == [(message_id, "KeyError: 'x'")]


def test_a_wrong_deployment_stops_the_consumer_and_loses_nothing() -> None:
    with pytest.raises(HaltConsumer) as halt:
        consume(Taker(failures=[ConfigError("no key")]))
    assert (halt.value.exit_code, halt.value.requeue) == (WRONG_DEPLOYMENT, True)


def test_a_worker_can_stop_the_consumer() -> None:
    taker = Taker()
    consumer = Consumer(taker)
    consumer.halt(ConfigError("no key"))
    with pytest.raises(HaltConsumer):
        consumer(Message(topic="x", body={}))
    assert taker.taken == []
