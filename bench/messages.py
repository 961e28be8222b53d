"""Measures the messages a second of our consumers, through a private, real RabbitMQ.

Beside each of them two callbacks of the same consumer: one that returns at once, and one that
commits one row with the message through the database's driver. All three receive the same
messages, take turns, and start with an empty database. The workers are off: only the way of a
message into the store is measured. PostgreSQL runs without fsync; SQLite as our store does.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika

from bench.callbacks import WARM_UP, Settings
from bench.tables import Row, at_most, show
from tests.services.consuming import EXCHANGE, publish
from tests.services.postgresql import PostgreSQL, running_postgresql
from tests.services.processes import NotInstalledError
from tests.services.rabbitmq import RabbitMQ, running_rabbitmq

ROUNDS = 3
MESSAGES = 2_000
#: seconds until a measurement is given up
PATIENCE = 300
ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "tests/data/messages"
#: jobs of a build whose messages follow each other
JOBS_OF_BUILD = 60
#: wanted: our time beside that of the callback that commits a row
LIMIT = 1.6
#: the same for a message that is not ours, beside the callback that returns at once
LIMIT_FOREIGN = 1.1

CONFIG = """\
amqp_url = "{broker}%2F"
callback = "bench.callbacks:Timed"

[queues.{queue}]
durable = true
auto_delete = false
exclusive = false
arguments = {{}}

[[bindings]]
queue = "{queue}"
exchange = "amq.topic"
routing_keys = ["{queue}"]

[qos]
prefetch_size = 0
prefetch_count = 25

[consumer_config.store]
url = "{store}"

[consumer_config.worker]
threads = 0

[consumer_config.resultsdb]
enabled = true

[log_config]
version = 1
disable_existing_loggers = false

[log_config.root]
level = "WARNING"
"""


@dataclass(frozen=True)
class Kind:
    """Messages of one kind."""

    name: str
    #: file with an example
    sample: str
    #: our callback that takes them
    ours: str

    def body(self, number: int) -> Mapping[str, Any]:
        """Return the body of a message; each number is about another update or job."""
        body: dict[str, Any] = json.loads((SAMPLES / self.sample).read_text())["body"]
        match self.name:
            case "update":
                body["update"]["alias"] = f"FEDORA-2026-{number:010x}"
                body["update"]["builds"] = [{"nvr": f"kernel-6.17.{number}-1.fc43"}]
            case "job":
                body |= {"id": number + 1, "BUILD": f"Update-{number // JOBS_OF_BUILD:010x}"}
        return body

    @property
    def topic(self) -> str:
        return str(json.loads((SAMPLES / self.sample).read_text())["topic"])


KINDS = (
    Kind("foreign", "bodhi.update.comment.json", "scheduler"),
    Kind("update", "bodhi.update.ready.v3.create.json", "scheduler"),
    Kind("job", "openqa.job.done.update.json", "reporter"),
)


@dataclass(frozen=True)
class Measured:
    """The cost of one message, milliseconds."""

    time: float
    cpu: float


def main() -> None:
    try:
        with running_rabbitmq() as rabbitmq, running_postgresql() as postgresql:
            for kind in KINDS:
                for store in ("SQLite",) if kind.name == "foreign" else ("SQLite", "PostgreSQL"):
                    compare(kind, store, rabbitmq, postgresql)
    except NotInstalledError as missing:
        print(f"messages through a broker: not measured, {missing} is missing (make services)")


def compare(kind: Kind, store: str, rabbitmq: RabbitMQ, postgresql: PostgreSQL) -> None:
    names = {"bare": "bare", "one row": "row", "ours": kind.ours}
    if kind.name == "foreign":
        del names["one row"]
    rounds: list[dict[str, Measured]] = []
    for _ in range(ROUNDS):
        done = {}
        for name, callback in names.items():
            with database(store, postgresql) as url:
                done[name] = measure(kind, callback, url, rabbitmq)
        rounds.append(done)
    rows = []
    for name in names:
        milliseconds = median([one[name].time for one in rounds])
        cpu = median([one[name].cpu for one in rounds])
        rows.append(Row(name, f"{1000 / milliseconds:,.0f}/s, {cpu:.2f} ms CPU each"))
    other, limit = ("bare", LIMIT_FOREIGN) if kind.name == "foreign" else ("one row", LIMIT)
    for what, ratios in (
        ("time", [one["ours"].time / one[other].time for one in rounds]),
        ("CPU", [one["ours"].cpu / one[other].cpu for one in rounds]),
    ):
        rows.append(at_most(f"ours / {other}, {what}", median(ratios), limit))
    show(f"{MESSAGES:,} messages: {kind.name}, {store}; medians of {ROUNDS} rounds", rows)


def median(values: list[float]) -> float:
    return statistics.median(values)


@contextlib.contextmanager
def database(store: str, postgresql: PostgreSQL) -> Iterator[str]:
    """Yield the URL of an empty database."""
    if store == "PostgreSQL":
        yield postgresql.create()
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/store.db"


def measure(kind: Kind, callback: str, store_url: str, rabbitmq: RabbitMQ) -> Measured:
    queue = f"bench-{uuid.uuid4().hex}"
    fill(kind, queue, rabbitmq)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "consumer.toml"
        config.write_text(CONFIG.format(broker=rabbitmq.url, queue=queue, store=store_url))
        result = folder / "result.json"
        settings = Settings(callback, MESSAGES, store_url, str(result))
        environ = {
            **os.environ,
            **settings.environ(),
            "PYTHONPATH": str(ROOT),
            # nothing of the user's
            "FEDORA_OPENQA_CONFIG": os.devnull,
        }
        program = Path(sys.executable).with_name("fedora-messaging")
        command = [str(program), "--conf", str(config), "consume"]
        log = folder / "log"
        with log.open("wb") as output:
            subprocess.run(
                command, env=environ, stdout=output, stderr=output, check=False, timeout=PATIENCE
            )
        if not result.exists():
            raise SystemExit(log.read_text())
        seconds, cpu = json.loads(result.read_text())
        return Measured(seconds / MESSAGES * 1000, cpu / MESSAGES * 1000)


def fill(kind: Kind, queue: str, rabbitmq: RabbitMQ) -> None:
    """Fill a queue."""
    with pika.BlockingConnection(pika.URLParameters(f"{rabbitmq.url}%2F")) as connection:
        channel = connection.channel()
        channel.queue_declare(queue, durable=True)
        channel.queue_bind(queue, EXCHANGE, kind.topic)
        publish(rabbitmq, kind.topic, *map(kind.body, range(WARM_UP + MESSAGES)))
        channel.queue_unbind(queue, EXCHANGE, kind.topic)


if __name__ == "__main__":
    main()
