"""Callbacks for a consumer of fedora-messaging whose messages are counted and timed."""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psycopg
from fedora_messaging.message import Message
from twisted.internet import reactor

from consumers.resultsdb_reporter import ResultsDBReporter
from consumers.scheduler import Scheduler
from fedora_openqa import ports
from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import WantedDelivery
from fedora_openqa.model.history import StoredJob
from fedora_openqa.workflows.intake import Intake
from fedora_openqa.workflows.service import Service

#: messages before the measurement begins: connections and caches are warm then
WARM_UP = 200


@dataclass(frozen=True)
class Settings:
    """What is measured, and how; written by the benchmark, read by the consumer's process."""

    #: bare, row, scheduler, reporter, forgetful
    callback: str
    #: messages that are measured
    messages: int
    #: URL of the store or of the database of the row, as in ``[store] url``
    store_url: str
    #: file for the result
    result: str

    def environ(self) -> dict[str, str]:
        return {"BENCH_SETTINGS": json.dumps(asdict(self))}


def bare(_message: Message) -> None:
    """Return at once."""


class Row:
    """Commits one row for each message through the database's driver."""

    def __init__(self, store_url: str) -> None:
        self._connection: sqlite3.Connection | psycopg.Connection[tuple[object, ...]]
        if store_url.startswith("sqlite:///"):
            file = store_url.removeprefix("sqlite:///")
            self._connection = sqlite3.connect(file, check_same_thread=False)
            # as durable as our store
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._insert = "INSERT INTO received VALUES (?, ?)"
        else:
            self._connection = psycopg.connect(store_url.replace("+psycopg", "", 1))
            self._insert = "INSERT INTO received VALUES (%s, %s)"
        self._connection.execute("CREATE TABLE received (id VARCHAR(200) PRIMARY KEY, body TEXT)")
        self._connection.commit()

    def __call__(self, message: Message) -> None:
        self._connection.execute(self._insert, (message.id, json.dumps(message.body)))
        self._connection.commit()


class _Forgetful:
    """`fedora_openqa.ports.Deliveries` that does not remember jobs."""

    def __init__(self, deliveries: ports.Deliveries) -> None:
        self._deliveries = deliveries
        self.confirm = deliveries.confirm
        self.skip = deliveries.skip
        self.all = deliveries.all

    def want(
        self,
        wanted: Sequence[WantedDelivery],
        *,
        message_id: str | None = None,
        known: Sequence[StoredJob] = (),  # noqa: ARG002
        copies: Sequence[tuple[int, int]] = (),  # noqa: ARG002
    ) -> None:
        self._deliveries.want(wanted, message_id=message_id)


class ForgetfulReporter(ResultsDBReporter):
    """The same consumer without the memory of jobs."""

    def _open(self, config: Config) -> Service:
        service = super()._open(config)
        assert isinstance(service.intake, Intake)
        forgetful = _Forgetful(service.intake.deliveries)
        return replace(service, intake=replace(service.intake, deliveries=forgetful))


class Timed:
    """The callback of a consumer's process, which ends after the last message."""

    def __init__(self) -> None:
        self._settings = Settings(**json.loads(os.environ["BENCH_SETTINGS"]))
        self._callback = _callback(self._settings)
        self._seen = 0
        self._start = (0.0, 0.0)

    def __call__(self, message: Message) -> None:
        if self._seen == WARM_UP:
            self._start = (time.perf_counter(), time.process_time())
        self._callback(message)
        self._seen += 1
        if self._seen == WARM_UP + self._settings.messages:
            seconds = time.perf_counter() - self._start[0]
            cpu = time.process_time() - self._start[1]
            Path(self._settings.result).write_text(json.dumps([seconds, cpu]))
            reactor.callFromThread(reactor.stop)  # type: ignore[misc]


def _callback(settings: Settings) -> Callable[[Message], None]:
    match settings.callback:
        case "bare":
            return bare
        case "row":
            return Row(settings.store_url)
        case "scheduler":
            return Scheduler()
        case "forgetful":
            return ForgetfulReporter()
        case _:
            return ResultsDBReporter()
