"""Measures what work waits for: an idle worker, a slow compose, a slow answer of ResultsDB.

Every request has 50 ms added. Workers are processes of their own, on SQLite and PostgreSQL.
"""

import contextlib
import dataclasses
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from openqa_client.client import OpenQA_Client
from sqlalchemy import Engine, create_engine, event, make_url, text

from bench.measuring import COMMAND, DELAY, run
from bench.tables import Row, at_most, show
from fedora_openqa.config import Config, load_config
from fedora_openqa.model.deliveries import Sink, WantedDelivery
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import Kind, Rule
from fedora_openqa.sandbox.openqa.options import OpenQAOptions
from fedora_openqa.sandbox.running import TEMPLATES, Sandbox, SandboxOptions
from fedora_openqa.sandbox.updates import load_updates
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.wiring.service import open_service
from fedora_openqa.wiring.store import open_store
from fedora_openqa.workflows.service import Service
from tests.services.postgresql import PostgreSQL, running_postgresql

BODHI = "org.fedoraproject.prod.bodhi.update.status.testing.koji-build-group.build.complete"
PUNGI = "org.fedoraproject.prod.pungi.compose.status.change"
#: an update of the sandbox's Bodhi
UPDATE = "FEDORA-2026-5d02b7e318"
WORKER = (*COMMAND, "worker", "--only")
#: messages to an idle worker
MESSAGES = 10
#: seconds that an idle worker is watched
IDLE = 120.0
RESULTS, WINDOW, ROUNDS = 5000, 16, 2
#: seconds until a measurement is given up
PATIENCE = 180.0
ISOS = "/api/v1/isos$"


@dataclasses.dataclass(frozen=True)
class Place:
    """A sandbox, a store and the files of a configuration."""

    sandbox: Sandbox
    folder: Path
    environ: Mapping[str, str]

    @property
    def config(self) -> Config:
        return load_config(self.folder / "config.toml")

    @contextlib.contextmanager
    def worker(self, lane: str) -> Iterator[None]:
        """Run a worker, which is idle if the store is empty."""
        with (self.folder / "worker.log").open("wb") as log:
            worker = subprocess.Popen([*WORKER, lane], env=self.environ, stderr=log)
        try:
            until(lambda: b"works on" in (self.folder / "worker.log").read_bytes())
            time.sleep(2.0)
            yield
        finally:
            worker.terminate()
            worker.wait()

    def consumer(self) -> Service:
        """Return a process that only takes messages in."""
        config = self.config
        return open_service(replace(config, worker=replace(config.worker, threads=0)), "bench")


@contextlib.contextmanager
def place(url: str | None, *, more: str = "", templates: Path = TEMPLATES) -> Iterator[Place]:
    """Prepare a sandbox with a store.

    :param url: of the store; None: a SQLite file
    :param more: lines of the configuration
    """
    options = SandboxOptions(openqa=OpenQAOptions(templates=templates))
    with tempfile.TemporaryDirectory() as name, Sandbox(options) as sandbox:
        folder = Path(name)
        environ = os.environ | write_config_files(folder, sandbox)
        file = folder / "config.toml"
        store = url or f"sqlite:///{folder}/store.db"
        file.write_text(f'{file.read_text()}\n[store]\nurl = "{store}"\n{more}')
        yield Place(sandbox, folder, environ)


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("a measurement takes too long")
        time.sleep(0.005)


def update_message(*, again: bool = False) -> dict[str, Any]:
    (update,) = (one for one in load_updates().updates if one.alias == UPDATE)
    return {
        "agent": "bodhi",
        "re-trigger": again,
        "update": {
            "alias": UPDATE,
            "builds": [{"nvr": nvr} for nvr in update.nvrs],
            "release": {"version": "43", "id_prefix": "FEDORA"},
            "critpath": True,
            "critpath_groups": "critical-path-gnome",
        },
    }


def idle_to_post(url: str | None) -> list[float]:
    """Return the seconds from messages to the answers to their first POSTs."""
    with place(url) as at, at.worker("scheduling"):
        at.sandbox.faults.delay = DELAY
        consumer, subjects = at.consumer(), Subjects(open_store(at.config))
        seconds = []
        for number in range(MESSAGES):
            before = len(at.sandbox.requests.all(method="POST", path=ISOS))
            start = time.perf_counter()
            message = update_message(again=number > 0)
            consumer.intake.take(BODHI, message, message_id=f"message-{number}")
            until(lambda: len(at.sandbox.requests.all(method="POST", path=ISOS)) > before)  # noqa: B023
            seconds.append(time.perf_counter() - start)
            until(lambda: subjects.all()[0].state is SubjectState.SCHEDULED)
            time.sleep(random.uniform(1.0, 3.0))  # noqa: S311 - no secret
        return seconds


def update_behind_compose(url: str | None) -> float:
    """Return the seconds from an update's message to its first POST, while a compose is posted."""
    with place(url) as at, at.worker("scheduling"):
        at.sandbox.faults.delay = DELAY
        at.sandbox.faults.add(Rule(Kind.DELAY, path=ISOS, seconds=2.0))
        engine = open_store(at.config)
        consumer = at.consumer()
        location = at.sandbox.compose_location
        body = {"status": "FINISHED", "location": location, "compose_id": location.split("/")[-2]}

        def intends(key: str) -> bool:
            query = text(
                "SELECT 1 FROM product JOIN subject ON subject.id = subject_id WHERE key = :key"
            )
            with engine.connect() as connection:
                return connection.execute(query, {"key": key}).first() is not None

        consumer.intake.take(PUNGI, body, message_id="compose")
        until(lambda: intends(f"compose:{body['compose_id']}"))
        start = time.perf_counter()
        consumer.intake.take(BODHI, update_message(), message_id="update")
        until(lambda: intends(f"update:{UPDATE}"))
        return time.perf_counter() - start


class Statements:
    """Counts the statements to SQLite files and PostgreSQL databases, without COMMIT."""

    def __init__(self, server: PostgreSQL) -> None:
        self._log = Path(server.folder) / "postgres.log"
        self._traced: list[tuple[str, str]] = []
        event.listen(Engine, "connect", self._trace)
        # each line of the server's log names the database
        for command in ("log_statement = 'all'", "log_line_prefix = '%d|'"):
            server_url = server.create()
            with contextlib.closing(_autocommit(server_url)) as connection:
                connection.execute(text(f"ALTER SYSTEM SET {command}"))
                connection.execute(text("SELECT pg_reload_conf()"))

    def _trace(self, connection: Any, _record: object) -> None:  # noqa: ANN401 - a driver's
        if hasattr(connection, "set_trace_callback"):
            name = connection.execute("PRAGMA database_list").fetchone()[2]
            connection.set_trace_callback(lambda statement: self._traced.append((name, statement)))

    def count(self, url: str) -> int:
        database = str(make_url(url).database)
        lines = [statement for name, statement in self._traced if name == database]
        lines += [
            statement
            for line in self._log.read_text(errors="replace").splitlines()
            if (statement := _logged(line, database))
        ]
        return sum(not line.startswith(("COMMIT", "ROLLBACK")) for line in lines)


def _logged(line: str, database: str) -> str | None:
    """Return the statement of a line of PostgreSQL's log. None: of another database, or none."""
    name, _, rest = line.partition("|LOG:  ")
    kind, _, statement = rest.partition(": ")
    return statement if name == database and kind.startswith(("statement", "execute")) else None


def _autocommit(url: str) -> Any:  # noqa: ANN401 - a connection
    return create_engine(url, isolation_level="AUTOCOMMIT").connect()


def idle_statements(
    server: PostgreSQL, *, limited: bool = False, heartbeat: bool = False
) -> dict[str, float]:
    """Return the statements of an idle process in a minute, by kind of store."""
    statements = Statements(server)
    more = "[limits]\nupdate = 1\n" if limited else ""
    seconds = 50.0 if limited else IDLE
    with contextlib.ExitStack() as stack:
        services, urls = [], {}
        for name, url in (("SQLite", None), ("PostgreSQL", server.create())):
            at = stack.enter_context(place(url, more=more))
            os.environ |= at.environ
            service = open_service(at.config, "worker", sinks=[Sink.RESULTSDB, Sink.MAIL])
            if limited:
                _reach_limit(service, Subjects(open_store(at.config)))
            if not heartbeat:
                service = dataclasses.replace(service, heartbeat=None)
            services.append(service)
            urls[name] = at.config.store.url
        for service in services:
            service.start(_fail)
        time.sleep(5.0)
        before = {name: statements.count(url) for name, url in urls.items()}
        time.sleep(seconds)
        counted = {name: statements.count(url) - before[name] for name, url in urls.items()}
        for service in services:
            service.end()
    return {name: number * 60 / seconds for name, number in counted.items()}


def _reach_limit(service: Service, subjects: Subjects) -> None:
    """Store two updates, of which one is leased in a minute."""
    for number in range(2):
        message = update_message()
        message["update"]["alias"] = f"FEDORA-2026-{number:010d}"
        service.intake.take(BODHI, message, message_id=f"message-{number}")
    lease = subjects.lease("bench", ["update"], seconds=600.0)
    assert lease
    subjects.finish(lease, SubjectState.SCHEDULED, reason=None)


def _fail(failure: BaseException) -> None:
    raise failure


def results_and_floor() -> list[tuple[float, float]]:
    """Return the seconds for many results, with the worker and with bare requests."""
    measured = []
    with tempfile.TemporaryDirectory() as name:
        templates = Path(name) / "templates.json"
        templates.write_text(json.dumps(many_jobs()))
        for _ in range(ROUNDS):
            with place(None, templates=templates) as at:
                bodies = schedule_many(at)
                at.sandbox.faults.delay = DELAY
                ours = deliver(at)
                before = len(at.sandbox.results.all())
                command = (sys.executable, "-m", "bench.bare_results", str(bodies))
                floor = run((*command, at.sandbox.resultsdb_url, str(WINDOW)), at.environ)
                assert len(at.sandbox.results.all()) == before + RESULTS
                measured.append((ours, floor))
    return measured


def many_jobs() -> Any:  # noqa: ANN401 - JSON
    """Return templates that make `RESULTS` jobs of one update."""
    tables = json.loads(TEMPLATES.read_text())
    rows = tables["JobTemplates"]
    (first, *_) = (row for row in rows if row["product"]["flavor"] == "updates-server")
    rows[:] = [row for row in rows if row["product"]["flavor"] != "updates-server"]
    for number in range(RESULTS):
        suite = f"bench_{number}"
        tables["TestSuites"].append({"name": suite, "settings": []})
        rows.append({**first, "test_suite": {"name": suite}})
    return tables


def schedule_many(at: Place) -> Path:
    """Schedule jobs, want their deliveries, and return the file with their results."""
    openqa = OpenQA_Client(server=at.sandbox.url)
    openqa.session.headers["X-API-Key"] = at.sandbox.key
    openqa.apisecret = at.sandbox.secret
    build = f"Update-{UPDATE}"
    settings = {"DISTRI": "fedora", "VERSION": "43", "FLAVOR": "updates-server", "ARCH": "x86_64"}
    params = settings | {"BUILD": build, "ADVISORY": UPDATE}
    ids = openqa.openqa_request("POST", "isos", params=params)["ids"]
    deliveries = Deliveries(open_store(at.config))
    deliveries.want(
        [WantedDelivery(sink=Sink.RESULTSDB, build=build, item=str(job_id)) for job_id in ids]
    )
    command = (*COMMAND, "report", build, "--resultsdb", "--dry-run", "--format", "json")
    rows = json.loads(subprocess.check_output(command, env=at.environ))
    file = at.folder / "bodies.json"
    file.write_text(json.dumps([row["result"] for row in rows]))
    return file


def deliver(at: Place) -> float:
    """Return the seconds from the start of a worker until all results are stored."""
    start = time.perf_counter()
    with (at.folder / "worker.log").open("wb") as log:
        worker = subprocess.Popen([*WORKER, "resultsdb"], env=at.environ, stderr=log)
    try:
        until(lambda: len(at.sandbox.results.all()) >= RESULTS)
        return time.perf_counter() - start
    finally:
        worker.terminate()
        worker.wait()


def main() -> None:
    rows: list[Row] = []
    with running_postgresql() as server:
        for name, url, limit in (("SQLite", None, 1.5), ("PostgreSQL", server.create(), 0.5)):
            seconds = idle_to_post(url)
            for what, one in (("median", statistics.median(seconds)), ("longest", max(seconds))):
                row = f"idle worker, message to first POST, {name}, {what} of {MESSAGES}"
                rows.append(at_most(row, one, limit, unit=" s"))
        for name, url, limit in (("SQLite", None, 1.5), ("PostgreSQL", server.create(), 1.0)):
            waited = update_behind_compose(url)
            row = f"update behind a compose with 2 s POSTs, {name}"
            rows.append(at_most(row, waited, limit, unit=" s"))
        row = "idle process without heartbeat, statements a minute"
        for name, number in idle_statements(server).items():
            rows.append(at_most(f"{row}, {name}", number, 70.0))
        for name, number in idle_statements(server, limited=True).items():
            rows.append(at_most(f"{row}, limit reached, {name}", number, 70.0))
        for name, number in idle_statements(server, heartbeat=True).items():
            rows.append(at_most(f"the same with heartbeat, {name}", number, 70.0))
    for ours, floor in results_and_floor():
        row = f"{RESULTS} results: {ours:.1f} s, bare requests: {floor:.1f} s"
        rows.append(at_most(row, ours / floor, 1.5, unit="x"))
    show(f"waiting, {DELAY * 1000:.0f} ms added to each request", rows)


if __name__ == "__main__":
    main()
