"""Reporters as they are deployed: processes of their own, told by a real openQA of its jobs.

openQA's own messages travel through a real RabbitMQ; composes, ResultsDB and the mail server
are the sandbox's. Each consumer has its configuration from ``fedmsg.d``, but for what says
where servers are.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeAlias

import pika
from openqa_client.client import OpenQA_Client

from fedora_openqa.model.deliveries import Delivery, DeliveryState, Sink
from fedora_openqa.sandbox.composes import (
    Compose,
    load_image_kinds,
    write_compose,
    write_releases,
)
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from tests.services.openqa import OPENQA_INI, RealOpenQA
from tests.services.rabbitmq import RabbitMQ
from tests.support.reports import SETTLES

FEDMSG = Path(__file__).parent.parent.parent / "fedmsg.d"
TOPIC_PREFIX = "org.fedoraproject.prod"

#: what a consumer says in its log once it does
LISTENS = "Successfully registered AMQP consumer"

#: a compose that openQA has no jobs of: what was published before a message on it is taken in
#: once that is
SENTINEL = "Fedora-99-20261120.n.0"
SENTINEL_JOB = 999_999

#: openQA's result, to what ResultsDB is told
OUTCOMES = {
    "passed": "PASSED",
    "softfailed": "INFO",
    "failed": "FAILED",
    "parallel_failed": "FAILED",
    "skipped": "FAILED",
    "incomplete": "CRASHED",
}

#: makes waiting short
HURRY: Mapping[str, Mapping[str, object]] = {
    "worker": {"lease": 2.0},
    "resultsdb": {"gather": 0.2, "settles_after": SETTLES, "hold": 0.1, "posts_at_once": 4},
}

#: tables of a configuration file
Tables: TypeAlias = Mapping[str, Mapping[str, object]]


def publishing_to(rabbitmq: RabbitMQ) -> str:
    """Give the openqa.ini of a server that publishes what happens to its jobs."""
    return OPENQA_INI.replace("[global]\n", "[global]\nplugins = AMQP\n") + (
        f"[amqp]\nurl = {rabbitmq.url}\nexchange = amq.topic\ntopic_prefix = {TOPIC_PREFIX}\n"
    )


def wait_for(
    done: Callable[[], object], what: Callable[[], object], seconds: float = 180.0
) -> None:
    """Wait until something is so, or fail and say how it is instead."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, what()
        time.sleep(0.05)


@dataclass
class Process:
    """One of our processes, which tests may kill; it ends with the block."""

    command: Sequence[str]
    environ: Mapping[str, str]
    log_file: Path
    running: subprocess.Popen[bytes] | None = None
    #: what it wrote before it was last started, in characters
    written: int = 0

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def is_alive(self) -> bool:
        return self.running is not None and self.running.poll() is None

    def start(self) -> None:
        """Start it; it may take a while until it works."""
        self.written = len(self.log)
        with self.log_file.open("ab") as log:
            self.running = subprocess.Popen(
                self.command, env={**os.environ, **self.environ}, stdout=log, stderr=log
            )

    def wait_until_it_listens(self) -> None:
        """Return once it is a consumer that waits for messages."""
        wait_for(lambda: not self.is_alive or LISTENS in self.log[self.written :], lambda: self.log)
        assert self.is_alive, self.log

    def kill(self) -> None:
        """End it as a crash does."""
        if self.running:
            self.running.send_signal(signal.SIGKILL)
            self.running.wait()
            self.running = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


@dataclass(frozen=True)
class Reporter:
    """A consumer, in one or more processes, and its store."""

    processes: tuple[Process, ...]
    deliveries: Deliveries

    def start(self) -> None:
        """Start all processes, and return once they listen."""
        for process in self.processes:
            process.start()
        for process in self.processes:
            process.wait_until_it_listens()

    def kill(self) -> None:
        for process in self.processes:
            process.kill()

    def rows(self, sink: Sink, build: str) -> tuple[Delivery, ...]:
        """Give what the store has about a sink and a build."""
        return self.deliveries.all(f"{sink}:{build}")


@dataclass(frozen=True)
class ReportingSite:
    """A real openQA that publishes, and what reporters need beside it."""

    rabbitmq: RabbitMQ
    openqa: RealOpenQA
    client: OpenQA_Client
    #: its composes, ResultsDB and mail server
    sandbox: Sandbox
    directory: Path
    environ: Mapping[str, str]
    #: tell composes apart: openQA is shared by all tests of the run
    respins: Iterator[int]
    #: what composes are below
    root: Path

    def configure(self, tables: Tables) -> None:
        """Add to the configuration that all processes read."""
        path = self.directory / "config.toml"
        config = tomllib.loads(path.read_text())
        for name, table in tables.items():
            config.setdefault(name, {}).update(table)
        path.write_text(as_toml(config))

    def make_compose(self) -> str:
        """Write a small compose, and give its id."""
        images = tuple(
            kind
            for kind in load_image_kinds()
            if (kind.subvariant, kind.type) in {("Server", "dvd"), ("Workstation", "live")}
        )
        compose = Compose(date="20261120", respin=next(self.respins), images=images)
        write_compose(self.root, compose)
        return compose.compose_id

    def schedule(self, build: str, *flavors: str) -> list[dict[str, Any]]:
        """Schedule a compose, and give its jobs."""
        location = f"{self.sandbox.url}/compose/rawhide/{build}/compose"
        self.run("compose", location, "--flavors", ",".join(flavors))
        return self.jobs(build)

    def jobs(self, build: str) -> list[dict[str, Any]]:
        """Give all jobs of a build, those that were restarted too."""
        found = self.client.openqa_request("GET", "jobs", params={"build": build})
        jobs: list[dict[str, Any]] = found["jobs"]
        return jobs

    def finish(self, job_id: int, result: str = "passed") -> None:
        """End a job as a worker does."""
        path = f"jobs/{job_id}/set_done"
        self.client.openqa_request("POST", path, params={"result": result})

    def restart(self, job_id: int) -> dict[int, int]:
        """Restart a job, and give which new job takes the place of which."""
        path = f"jobs/{job_id}/restart"
        answer = self.client.openqa_request("POST", path, params={"force": 1})
        return {int(old): new for one in answer["result"] for old, new in one.items()}

    def run(self, *arguments: str) -> Any:  # noqa: ANN401 - JSON
        """Run our command, and give what it prints."""
        ended = self.command(*arguments, "--format", "json")
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run our command, however it ends."""
        return subprocess.run(
            [sys.executable, "-m", "fedora_openqa", *arguments],
            env={**os.environ, **self.environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def reported(self, build: str) -> frozenset[int]:
        """Give the jobs that are for ResultsDB, as our command says."""
        rows = self.run("report", build, "--resultsdb", "--dry-run")
        return frozenset(row["job"] for row in rows if "result" in row)

    def stored(self) -> dict[int, list[str]]:
        """Give the outcomes that ResultsDB has, by job, the oldest first."""
        found: dict[int, list[str]] = {}
        for result in self.sandbox.results.all():
            job_id = int((result.ref_url or "").rpartition("/")[2])
            found.setdefault(job_id, []).append(result.outcome)
        return found

    def outcomes(self, build: str) -> dict[int, str]:
        """Give what ResultsDB should be told of the jobs of a build, all of which have ended."""
        return {job["id"]: OUTCOMES[job["result"]] for job in self.jobs(build)}

    def publish(self, topic: str, body: Mapping[str, object]) -> None:
        """Publish a message as openQA does."""
        parameters = pika.URLParameters(f"{self.rabbitmq.url}%2F")
        with contextlib.closing(pika.BlockingConnection(parameters)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            content_type = pika.BasicProperties(content_type="application/json")
            channel.basic_publish(
                "amq.topic", f"{TOPIC_PREFIX}.{topic}", json.dumps(body).encode(), content_type
            )

    def publish_done(self, build: str, job_id: int) -> None:
        """Publish that the last job of a build has ended, whether or not that is so."""
        body = {"id": job_id, "BUILD": build, "remaining": 0, "result": "passed"}
        self.publish("openqa.job.done", body)

    def settle(self, reporter: Reporter, sink: Sink, build: str) -> tuple[Delivery, ...]:
        """Wait until a reporter has nothing more to tell of a build, and give what it has told."""
        asked = max((row.number for row in reporter.rows(sink, SENTINEL)), default=0)
        self.publish_done(SENTINEL, SENTINEL_JOB)
        wait_for(
            lambda: (
                any(row.number > asked for row in reporter.rows(sink, SENTINEL))
                and not any(
                    row.state is DeliveryState.PENDING for row in reporter.rows(sink, build)
                )
            ),
            lambda: reporter.rows(sink, build),
        )
        return reporter.rows(sink, build)

    @contextlib.contextmanager
    def reporter(
        self,
        name: str,
        tables: Tables | None = None,
        *,
        store_url: str = "",
        processes: int = 1,
    ) -> Iterator[Reporter]:
        """Give a consumer that is not started yet, but has its queue.

        :param name: its file in ``fedmsg.d``
        :param tables: of its own configuration
        """
        store_url = store_url or f"sqlite:///{self.directory}/{name}.db"
        queue = f"{name}-{uuid.uuid4().hex[:8]}"
        own = {**(tables or {}), "store": {"url": store_url}}
        config = self.directory / f"{name}.toml"
        config.write_text(consumer_file(name, self.rabbitmq.url, queue=queue, tables=own))
        self._declare(tomllib.loads(config.read_text()), queue)
        program = str(Path(sys.executable).with_name("fedora-messaging"))
        command = [program, "--conf", str(config), "consume"]
        reporter = Reporter(
            tuple(
                Process(command, self.environ, self.directory / f"{name}-{number}.log")
                for number in range(processes)
            ),
            Deliveries(open_engine(store_url)),
        )
        try:
            yield reporter
        finally:
            reporter.kill()

    def _declare(self, config: Mapping[str, Any], queue: str) -> None:
        parameters = pika.URLParameters(f"{self.rabbitmq.url}%2F")
        with contextlib.closing(pika.BlockingConnection(parameters)) as connection:
            channel = connection.channel()
            channel.queue_declare(queue, durable=True)
            for key in config["bindings"][0]["routing_keys"]:
                channel.queue_bind(queue, "amq.topic", key)


def consumer_file(name: str, broker: str, *, queue: str, tables: Tables) -> str:
    """Write the configuration of a consumer for another broker, queue and site."""
    text = (FEDMSG / f"{name}.toml").read_text()
    deployed = tomllib.loads(text)
    (deployed_queue,) = deployed["queues"]
    text = text.replace(deployed["amqp_url"], f"{broker}%2F").replace(deployed_queue, queue)
    for table in ("tls", r"consumer_config\.\w+"):
        text = re.sub(rf"^\[{table}\]\n(.+\n)*", "", text, flags=re.MULTILINE)
    return text + as_toml({f"consumer_config.{table}": some for table, some in tables.items()})


def as_toml(tables: Tables) -> str:
    """Write tables of plain values, which TOML and JSON write alike."""
    lines = []
    for name, table in tables.items():
        lines += ["", f"[{name}]", *(f"{key} = {json.dumps(it)}" for key, it in table.items())]
    return "\n".join([*lines, ""])


@contextlib.contextmanager
def reporting_site(
    rabbitmq: RabbitMQ, openqa: RealOpenQA, directory: Path, *, respins: Iterator[int]
) -> Iterator[ReportingSite]:
    """Yield a site of a test's own, but for its openQA and its RabbitMQ."""
    root = directory / "composes"
    root.mkdir()
    write_releases(root, stable=[42, 43], branched=[44])
    with Sandbox(SandboxOptions(composes=root)) as sandbox:
        environ = {**write_config_files(directory, sandbox), "HOME": str(directory)}
        host = openqa.url.removeprefix("http://")
        (directory / "client.conf").write_text(
            f"[{host}]\nkey = {openqa.key}\nsecret = {openqa.secret}\n"
        )
        client = OpenQA_Client(server=openqa.url, retries=0)
        client.session.headers["X-API-Key"] = openqa.key
        client.apisecret = openqa.secret
        site = ReportingSite(
            rabbitmq, openqa, client, sandbox, directory, environ, respins=respins, root=root
        )
        site.configure({"openqa": {"hostname": openqa.url}, **HURRY})
        yield site
