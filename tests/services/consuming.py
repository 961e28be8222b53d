"""A real fedora-messaging process with our consumer, which tests may kill."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import tomllib
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pika

from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox
from tests.services.openqa import RealOpenQA
from tests.services.rabbitmq import RabbitMQ

PRIVATE = Path(__file__).parent.parent.parent / "fedmsg.d/scheduler.private.toml"
EXCHANGE = "amq.topic"


@dataclass
class Consuming:
    """The consumer, its broker, and the sandbox it schedules on."""

    rabbitmq: RabbitMQ
    #: its Bodhi and compose, and its openQA unless there is a real one
    sandbox: Sandbox
    #: where the jobs are
    openqa: RealOpenQA
    #: the store's, as SQLAlchemy writes it
    store_url: str
    directory: Path
    #: set in the environment of the process
    environ: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return (self.directory / "consumer.log").read_text(errors="replace")

    def start(self) -> None:
        """Start the consumer, and return once it listens."""
        heard = self.log.count("Successfully registered AMQP consumer")
        with (self.directory / "consumer.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    str(Path(sys.executable).with_name("fedora-messaging")),
                    "--conf",
                    str(self.directory / "scheduler.toml"),
                    "consume",
                ],
                env=os.environ | self.environ,
                stdout=log,
                stderr=log,
            )
        while self.log.count("Successfully registered AMQP consumer") == heard:
            assert self.process.poll() is None, self.log
            time.sleep(0.02)

    def kill(self) -> None:
        """End the process as a crash does."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> int:
        """End the process as systemd does; returns its exit status."""
        assert self.process
        self.process.terminate()
        status = self.process.wait(90)
        self.process = None
        return status

    def publish(self, topic: str, *bodies: Mapping[str, Any]) -> None:
        """Publish messages to the consumer's broker."""
        publish(self.rabbitmq, topic, *bodies)


def publish(rabbitmq: RabbitMQ, topic: str, *bodies: Mapping[str, Any]) -> None:
    """Publish messages as Fedora's services do; each is confirmed by the broker."""
    connection = pika.BlockingConnection(pika.URLParameters(f"{rabbitmq.url}%2F"))
    try:
        channel = connection.channel()
        channel.confirm_delivery()
        for body in bodies:
            channel.basic_publish(
                EXCHANGE,
                topic,
                json.dumps(body).encode(),
                pika.BasicProperties(
                    content_type="application/json",
                    content_encoding="utf-8",
                    delivery_mode=2,
                    message_id=str(uuid.uuid4()),
                    headers={
                        "fedora_messaging_schema": "base.message",
                        "fedora_messaging_severity": 20,
                        "sent-at": "2026-11-20T12:00:00+00:00",
                    },
                ),
                mandatory=True,
            )
    finally:
        connection.close()


@contextlib.contextmanager
def consuming(
    rabbitmq: RabbitMQ,
    directory: Path,
    *,
    openqa: RealOpenQA | None = None,
    store_url: str = "",
) -> Iterator[Consuming]:
    """Yield a consumer that is not started yet."""
    with Sandbox() as sandbox:
        environ = write_config_files(directory, sandbox)
        openqa = openqa or RealOpenQA(sandbox.url, sandbox.key, sandbox.secret)
        host = openqa.url.removeprefix("http://")
        (directory / "client.conf").write_text(
            f"[{host}]\nkey = {openqa.key}\nsecret = {openqa.secret}\n"
        )
        config = directory / "config.toml"
        config.write_text(
            config.read_text().replace("[openqa]\n", "[openqa]\nlook_again_after = 0.05\n")
        )
        # a queue of the test's own: the broker is shared
        queue = f"scheduler-{uuid.uuid4().hex[:8]}"
        text = PRIVATE.read_text().replace("openqa_scheduler", queue)
        wanted = tomllib.loads(text)["amqp_url"]
        text = text.replace(wanted, f"{rabbitmq.url}%2F")
        # what a killed process was at is taken over soon
        text = text.replace("threads = 1", "threads = 1\nlease = 1.0")
        text = text.replace('hostname = "localhost"', f'hostname = "{openqa.url}"')
        (directory / "scheduler.toml").write_text(text)
        (directory / "consumer.log").touch()
        store_url = store_url or f"sqlite:///{directory}/store.db"
        with (directory / "scheduler.toml").open("a") as config_file:
            config_file.write(f'\n[consumer_config.store]\nurl = "{store_url}"\n')
        running = Consuming(rabbitmq, sandbox, openqa, store_url, directory, environ)
        try:
            yield running
        finally:
            running.kill()
