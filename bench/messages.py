"""Measures the messages a second of the consumer: those that are not ours, and those it stores.

Compares the consumer with a callback that returns at once.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fedora_messaging.message import Message

from consumers.base import Consumer
from fedora_openqa.data import load_flavor_tables
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.intake import Intake

NOT_OURS = 100_000
OURS = 2_000
BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        engine = open_engine(f"sqlite:///{Path(name)}/store.db")
        intake = Intake(
            inbox=Subjects(engine),
            deliveries=Deliveries(engine),
            table=load_flavor_tables().fedora,
        )
        consumer = Consumer(intake)
        other = Message(topic="org.fedoraproject.prod.buildsys.build.state.change", body={"x": 1})
        # the first message opens the store
        consumer(update(-1))
        before = memory()
        nothing = rate([other] * NOT_OURS, lambda _message: None)
        ignored = rate([other] * NOT_OURS, consumer)
        grown = memory() - before
        stored = rate([update(number) for number in range(OURS)], consumer)
    print(f"a callback that returns at once: {nothing:,.0f} messages a second")
    print(f"the consumer, not ours: {ignored:,.0f} a second; memory grew by {grown:.1f} MiB")
    print(f"the consumer, ours, stored on SQLite: {stored:,.0f} a second")


def update(number: int) -> Message:
    body = {
        "update": {
            "alias": f"FEDORA-2026-{number + 1:010x}",
            "builds": [{"nvr": f"kernel-6.17.{number + 1}-1.fc43"}],
            "release": {"version": "43", "id_prefix": "FEDORA"},
            "critpath": True,
            "critpath_groups": "core",
        }
    }
    return Message(topic=BODHI, body=body)


def rate(messages: list[Message], callback: Callable[[Message], None]) -> float:
    start = time.perf_counter()
    for message in messages:
        callback(message)
    return len(messages) / (time.perf_counter() - start)


def memory() -> float:
    """Return the largest memory of the process so far, MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


main()
