"""The real RabbitMQ can be started, taken away and brought back, and leaves nothing behind."""

from pathlib import Path

import pika
import pytest

from tests.services.rabbitmq import RabbitMQ, running_rabbitmq

FOLDERS = Path("/tmp")  # noqa: S108 - where the servers keep their short-named folders


def connect(rabbitmq: RabbitMQ) -> pika.BlockingConnection:
    return pika.BlockingConnection(pika.URLParameters(rabbitmq.url))


@pytest.mark.service
def test_what_is_durable_is_there_after_a_restart(private_rabbitmq: RabbitMQ) -> None:
    with connect(private_rabbitmq) as connection:
        channel = connection.channel()
        channel.queue_declare("tests", durable=True)
        channel.basic_publish("", "tests", b"hint", pika.BasicProperties(delivery_mode=2))
    private_rabbitmq.stop()
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        connect(private_rabbitmq)
    private_rabbitmq.start()
    with connect(private_rabbitmq) as connection:
        _method, _properties, body = connection.channel().basic_get("tests")
    assert body == b"hint"


@pytest.mark.service
def test_a_private_node_leaves_no_folder_and_no_port(private_rabbitmq: RabbitMQ) -> None:
    del private_rabbitmq  # only to skip where the packages are missing
    before = set(FOLDERS.glob("rabbitmq-*"))
    with running_rabbitmq() as rabbitmq:
        connect(rabbitmq).close()
    with pytest.raises(pika.exceptions.AMQPConnectionError):
        connect(rabbitmq)
    assert set(FOLDERS.glob("rabbitmq-*")) <= before
