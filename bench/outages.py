"""Measures how soon all is well again after RabbitMQ, PostgreSQL or openQA was away.

For each of these servers a deployment of its own, all side by side: five consumers that only store
messages and two workers, on a private RabbitMQ, PostgreSQL and openQA; composes, Bodhi and
ResultsDB are the sandbox's. One server is stopped and started three times. While it is away (or,
where that is the broker, once it is back) messages ask for updates and for the result of a job.
"""

import argparse
import contextlib
import itertools
import re
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from bench.tables import Row, at_most, show
from fedora_openqa.model.work import SubjectState
from fedora_openqa.sandbox.running import TEMPLATES
from fedora_openqa.sandbox.updates import load_updates
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from tests.services.openqa import running_openqa
from tests.services.postgresql import running_postgresql
from tests.services.processes import free_port
from tests.services.rabbitmq import running_rabbitmq
from tests.services.reporting_site import Process, ReportingSite, reporting_site

#: each with its file in ``fedmsg.d``
CONSUMERS = (
    "scheduler",
    "resultsdb_reporter",
    "wiki_reporter",
    "compose_checker",
    "autocloud_reporter",
)
WORKERS = ("worker 1", "worker 2")
#: updates of the sandbox's Bodhi with tests
UPDATES = ("FEDORA-2026-3c1e7a90d2", "FEDORA-2026-5d02b7e318", "FEDORA-2026-2ea4091b7c")
BODHI = "bodhi.update.status.testing.koji-build-group.build.complete"
#: seconds until what is wanted has happened
LIMIT = 30.0
#: seconds after the return until a measurement is given up
PATIENCE = 420.0
#: seconds between two looks
STEP = 0.25
#: work that must begin within the limit; how long it takes depends on openQA, which is busy then
ATTEMPTS = {"attempts at all updates": "update", "attempt at the result": "resultsdb"}
SETTING_UP = threading.Lock()
#: log lines of a process that a server is back
SAYS = {
    "rabbitmq": r"connected to the broker$",
    "postgresql": r"the store answers again",
    "openqa": r"openQA answers again",
}


class Server(Protocol):
    """A server that can be taken away."""

    def start(self) -> None:
        """Return once it answers."""

    def stop(self) -> None:
        """Return once it has ended."""


@dataclass
class Watched:
    """One process: its readiness and its log."""

    name: str
    process: Process
    url: str
    #: when it was seen with which status, each change
    seen: list[tuple[float, int]] = field(default_factory=list)

    def look(self) -> None:
        status = _status(f"{self.url}/ready")
        if not self.seen or self.seen[-1][1] != status:
            self.seen.append((time.monotonic(), status))

    def first(self, status: int, *, since: float) -> float | None:
        """Return when it had a status first, from a time on; None: never."""
        now = None
        for at, one in self.seen:
            now = one if at <= since else now
        if now == status:
            return since
        return next((at for at, one in self.seen if at > since and one == status), None)

    @property
    def is_ready(self) -> bool:
        return bool(self.seen) and self.seen[-1][1] == 200  # noqa: PLR2004 - HTTP: OK


def _status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:  # noqa: S310 - ours
            status: int = answer.status
            return status
    except urllib.error.HTTPError as exc:
        return exc.code
    except OSError:
        return 0


@dataclass
class Deployment:
    """A site with all its processes."""

    site: ReportingSite
    servers: Mapping[str, Server]
    subjects: Subjects
    watched: Sequence[Watched]
    #: jobs of openQA that have not ended
    jobs: Iterator[int]
    build: str

    def ask_for_updates(self) -> None:
        """Publish messages that ask for the tests of all updates again."""
        updates = {one.alias: one for one in load_updates().updates}
        for alias in UPDATES:
            body = {
                "agent": "bodhi",
                "re-trigger": True,
                "update": {
                    "alias": alias,
                    "builds": [{"nvr": nvr} for nvr in updates[alias].nvrs],
                    "release": {"version": "43", "id_prefix": "FEDORA"},
                    "critpath": True,
                    "critpath_groups": "core critical-path-base critical-path-gnome",
                },
            }
            self.site.publish(BODHI, body)

    def numbers(self) -> Mapping[str, int]:
        """Return the number of the last request for each subject."""
        return {one.key: one.number for one in self.subjects.all()}

    def scheduled(self, before: Mapping[str, int]) -> int:
        """Return the number of updates that are scheduled for a newer request than before."""
        return sum(
            one.lane == "update"
            and one.state is SubjectState.SCHEDULED
            and one.number > before.get(one.key, 0)
            for one in self.subjects.all()
        )

    def posted(self, lengths: Mapping[str, int]) -> int:
        """Return the number of updates of which a product was posted.

        :param lengths: process to the length of its log before
        """
        logs = "".join(it.process.log[lengths[it.name] :] for it in self.watched)
        return sum(
            re.search(rf"POST isos .*Update-{alias}\b", logs) is not None for alias in UPDATES
        )

    def attempted(self, lane: str, *, lengths: Mapping[str, int], back: datetime) -> float | None:
        """Return the seconds from the return until the last attempts of a lane began.

        :param lengths: as of `posted`
        :param back: when the server was back
        """
        begun: dict[str, datetime] = {}
        for one in self.watched:
            lines = re.finditer(
                rf"^(\S+Z) INFO \[({lane}:[^\]]+)\] \S+ attempt ",
                one.process.log[lengths[one.name] :],
                re.MULTILINE,
            )
            for found in lines:
                at, key = datetime.fromisoformat(found[1]), found[2]
                begun[key] = max(begun.get(key, at), at)
        return max((max(begun.values()) - back).total_seconds(), 0.0) if begun else None


@contextlib.contextmanager
def deployment(folder: Path) -> Iterator[Deployment]:
    with contextlib.ExitStack() as stack:
        rabbitmq = stack.enter_context(running_rabbitmq())
        postgresql = stack.enter_context(running_postgresql())
        openqa = stack.enter_context(running_openqa())
        openqa.load_templates(TEMPLATES)
        store = postgresql.create()
        site = stack.enter_context(
            reporting_site(rabbitmq, openqa, folder, respins=itertools.count())
        )
        site.configure(
            {
                "store": {"url": store},
                "worker": {"threads": 0, "lease": 120.0},
                "wiki": {"enabled": True},
            }
        )
        build = site.make_compose()
        jobs = [job["id"] for job in site.schedule(build, "Server-dvd-iso")]
        watched = []
        for name in CONSUMERS:
            port = free_port()
            own = {"monitoring": {"listen": f":{port}"}}
            reporter = stack.enter_context(site.reporter(name, own, store_url=store))
            reporter.start()
            watched.append(Watched(name, reporter.processes[0], f"http://127.0.0.1:{port}"))
        for name in WORKERS:
            port = free_port()
            command = [sys.executable, "-m", "fedora_openqa", "worker", "--only", "scheduling"]
            command += ["--only", "resultsdb", "--listen", f":{port}"]
            process = stack.enter_context(
                Process(command, site.environ, folder / f"{name.replace(' ', '-')}.log")
            )
            process.start()
            watched.append(Watched(name, process, f"http://127.0.0.1:{port}"))
        yield Deployment(
            site=site,
            servers={"rabbitmq": rabbitmq, "postgresql": postgresql, "openqa": openqa},
            subjects=Subjects(open_engine(store)),
            watched=watched,
            jobs=iter(jobs),
            build=build,
        )


@dataclass(frozen=True)
class Outage:
    """What was measured of one outage, seconds; None: it did not happen in time."""

    #: process to the seconds from the stop until it was not ready
    red: Mapping[str, float | None]
    #: process to the seconds from the return until it was ready again
    green: Mapping[str, float | None]
    #: process to the seconds from the return until its log said so
    said: Mapping[str, float | None]
    #: work to the seconds from the return until it was done
    done: Mapping[str, float | None]
    #: processes that were ready in between
    fickle: Sequence[str]


def measure(at: Deployment, name: str, *, seconds: float) -> Outage:
    """Take a server away for some seconds, and watch all processes until they are back."""
    server = at.servers[name]
    wait(lambda: all(one.is_ready for one in at.watched), 120.0)
    job = next(at.jobs)
    at.site.finish(job)
    before = at.numbers()
    lengths = {one.name: len(one.process.log) for one in at.watched}
    server.stop()
    stopped = time.monotonic()
    if name != "rabbitmq":
        time.sleep(min(seconds / 5, 30.0))
        ask(at, job)
    time.sleep(max(stopped + seconds - time.monotonic(), 0.0))
    server.start()
    back, back_at = time.monotonic(), datetime.now(UTC)
    if name == "rabbitmq":
        ask(at, job)
    affected = [one for one in at.watched if is_affected(one.name, name)]
    happened: dict[str, float] = {}
    wanted: dict[str, Callable[[], bool]] = {
        **{
            f"said {one.name}": lambda one=one: (
                re.search(  # type: ignore[misc] # typeshed: none
                    SAYS[name], one.process.log[lengths[one.name] :], re.MULTILINE
                )
                is not None
            )
            for one in affected
        },
        "first POST of an update": lambda: at.posted(lengths) > 0,
        "first POSTs of all updates": lambda: at.posted(lengths) == len(UPDATES),
        "all updates are scheduled": lambda: at.scheduled(before) == len(UPDATES),
        "the result is in ResultsDB": lambda: job in at.site.stored(),
    }
    while time.monotonic() < back + PATIENCE:
        for what, is_so in wanted.items():
            if what not in happened and is_so():
                happened[what] = time.monotonic() - back
        if len(happened) == len(wanted) and all(one.is_ready for one in affected):
            break
        # what works again and does not say so is not waited for
        works = all(one.is_ready for one in affected) and not (
            {what for what in wanted if not what.startswith("said ")} - happened.keys()
        )
        if works and time.monotonic() > back + 2 * LIMIT:
            break
        time.sleep(STEP)
    reds = {one.name: one.first(503, since=stopped) for one in affected}
    return Outage(
        red={
            name: None if when is None or when > back else when - stopped
            for name, when in reds.items()
        },
        green={
            one.name: None if (ready := one.first(200, since=back)) is None else ready - back
            for one in affected
        },
        said={one.name: happened.get(f"said {one.name}") for one in affected},
        done={
            **{
                what: at.attempted(lane, lengths=lengths, back=back_at)
                for what, lane in ATTEMPTS.items()
            },
            **{what: happened.get(what) for what in wanted if not what.startswith("said ")},
        },
        fickle=[
            one.name
            for one in affected
            if (red := reds[one.name]) is not None
            and (green := one.first(200, since=red)) is not None
            and green < back - 5.0
        ],
    )


def is_affected(process: str, server: str) -> bool:
    """Return whether a process works with a server at all."""
    if server == "openqa":
        return process in WORKERS
    return server == "postgresql" or process in CONSUMERS


def ask(at: Deployment, job: int) -> None:
    """Publish messages on updates and on a job that has ended."""
    at.ask_for_updates()
    at.site.publish("openqa.job.done", {"id": job, "BUILD": at.build, "remaining": 9})


def wait(happened: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("a deployment is not ready in time")
        time.sleep(STEP)


def measured(name: str, *, seconds: float, rounds: int, keep: Path | None) -> list[Row]:
    """Return the rows of one server: of all rounds the longest."""
    with contextlib.ExitStack() as stack:
        if keep:
            (folder := keep / name).mkdir(parents=True)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        # servers that start beside each other are late
        with SETTING_UP:
            at = stack.enter_context(deployment(folder))
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(STEP):
                for one in at.watched:
                    one.look()

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            outages = []
            for number in range(rounds):
                outages.append(measure(at, name, seconds=seconds))
                print(f"{name}, outage {number + 1}: {outages[-1]}", flush=True)
        finally:
            ended.set()
            watching.join()
    return list(rows_of(name, outages))


def rows_of(name: str, outages: Sequence[Outage]) -> Iterator[Row]:
    """Yield, of all processes and outages, the longest."""
    count = len(outages[0].red)
    for what, limit, values in (
        ("not ready after the stop", None, [it.red for it in outages]),
        ("ready again after the return", LIMIT, [it.green for it in outages]),
        ("say so after the return", LIMIT, [it.said for it in outages]),
    ):
        every = [value for it in values for value in it.values()]
        yield row(f"{name}: {count} processes {what}", every, limit)
    always = not any(it.fickle for it in outages)
    yield Row(f"{name}: not ready until the return", "always" if always else "NOT always")
    for what in outages[0].done:
        limit = LIMIT if what in ATTEMPTS else None
        yield row(f"{name}: {what} after the return", [it.done[what] for it in outages], limit)


def row(name: str, values: Sequence[float | None], limit: float | None) -> Row:
    some = [it for it in values if it is not None]
    if len(some) < len(values):
        wanted = f"≤ {limit:g} s" if limit else ""
        return Row(name, f"{len(values) - len(some)} of {len(values)} never", wanted, holds=False)
    if limit is None:
        return Row(name, f"{max(some):.1f} s")
    return at_most(name, max(some), limit, unit=" s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("servers", nargs="*", choices=[[], *SAYS], help="default: all")
    parser.add_argument("--seconds", type=float, default=300.0, help="of each outage")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="a folder that keeps the logs")
    options = parser.parse_args()
    names = options.servers or list(SAYS)
    with ThreadPoolExecutor(len(names)) as pool:
        running = [
            pool.submit(
                measured, name, seconds=options.seconds, rounds=options.rounds, keep=options.keep
            )
            for name in names
        ]
        rows = [row for one in running for row in one.result()]
    show(f"outages of {options.seconds:.0f} s, {options.rounds} of each server, the longest", rows)


if __name__ == "__main__":
    main()
