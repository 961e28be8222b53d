"""Messages are acknowledged, held, rejected or parked, for each error of our code."""

from collections.abc import Callable

import pytest
from fedora_messaging.exceptions import HaltConsumer, Nack
from fedora_messaging.message import Message

from consumers.base import PATIENCE, Consumer
from fedora_openqa.errors import WRONG_DEPLOYMENT, ConfigError, ServiceUnavailableError
from tests.support.fakes import Taker

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
    assert max(slept) == 15.0


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
