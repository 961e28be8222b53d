"""The tables, compared with a real openQA that has the sandbox's templates."""

from pathlib import Path

import pika
import pytest

from consumers.files import read_consumer_file
from fedora_openqa.config import Config
from fedora_openqa.errors import NotAllowedError, ServiceUnavailableError
from tests.services.rabbitmq import RabbitMQ
from tests.services.real_site import Site

PRIVATE = Path(__file__).parent.parent.parent / "fedmsg.d/scheduler.private.toml"


@pytest.mark.service
def test_our_tables_and_a_real_openqa_agree(site: Site) -> None:
    site.configure("http://127.0.0.1:9")
    status, checked = site.run("config", "check", "--openqa")
    assert status == 0
    assert checked["problems"] == []
    assert "never_scheduled" in {notice["kind"] for notice in checked["notices"]}


@pytest.mark.service
def test_a_real_broker_is_asked_for_login_and_queues(
    private_rabbitmq: RabbitMQ, tmp_path: Path
) -> None:
    path = tmp_path / "scheduler.toml"

    def ask(url: str) -> str:
        text = PRIVATE.read_text().replace("amqp://guest:guest@127.0.0.1:5672/", url)
        path.write_text(f"passive_declares = true\n{text}")
        return read_consumer_file(path, Config()).ask_broker()

    with pytest.raises(NotAllowedError, match="no queue 'openqa_scheduler'"):
        ask(private_rabbitmq.url)
    with pika.BlockingConnection(pika.URLParameters(private_rabbitmq.url)) as connection:
        connection.channel().queue_declare("openqa_scheduler", durable=True)
    assert ask(private_rabbitmq.url) == "logged in, 0 messages in openqa_scheduler"
    with pytest.raises(NotAllowedError, match="ACCESS_REFUSED"):
        ask(private_rabbitmq.url.replace("guest:guest", "guest:wrong"))
    private_rabbitmq.stop()
    with pytest.raises(ServiceUnavailableError, match="Connection refused"):
        ask(private_rabbitmq.url)


@pytest.mark.service
def test_a_real_openqa_is_asked_for_the_key(site: Site) -> None:
    site.configure("http://127.0.0.1:9")
    keys = site.directory / "client.conf"
    good = keys.read_text()
    try:
        for text, answer in (
            (good, "the API key is accepted"),
            (good.replace("secret = ", "secret = A"), "wrong secret"),
        ):
            keys.write_text(text)
            _status, checked = site.run("config", "check", "--connect")
            (openqa,) = (one for one in checked["connections"] if one["service"] == "openQA")
            assert answer in openqa["text"]
    finally:
        keys.write_text(good)
