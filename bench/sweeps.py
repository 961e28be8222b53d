"""Counts the requests of sweeps, and those of a sink while messages arrive in a stream.

The sandbox has a day of Fedora: 190 updates of some 60 jobs that have ended, and 30 composes. Time
passes between two sweeps by the clock of the store only.
"""

import contextlib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from aiohttp import web
from openqa_client.client import OpenQA_Client
from sqlalchemy import Connection, Engine

from bench.measuring import DELAY
from bench.tables import Row, at_most, show
from fedora_openqa.config import Config
from fedora_openqa.config.load import parse_config
from fedora_openqa.model.composes import ReleaseNumbers
from fedora_openqa.model.deliveries import Delivered, Sink
from fedora_openqa.policy.compose_families import series_of
from fedora_openqa.sandbox.composes import write_releases
from fedora_openqa.sandbox.config_files import write_config_files
from fedora_openqa.sandbox.faults import LoggedRequest
from fedora_openqa.sandbox.finishing import Script
from fedora_openqa.sandbox.running import Sandbox, SandboxOptions
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.store.sweeps import Sweeps
from fedora_openqa.wiring.service import open_service
from fedora_openqa.wiring.sweep import connect_sweep
from fedora_openqa.workflows.sweep import Sweep

Processes: TypeAlias = Mapping[str, tuple[bool, tuple[Sink, ...]]]

UPDATES, COMPOSES = 190, 30
NUMBERS = ReleaseNumbers(stable=(42, 43), branched=(44,))
ALIAS = "FEDORA-2026-1bd5f4a0c2"
BUILD = f"Update-{ALIAS}"
DONE = "org.fedoraproject.prod.openqa.job.done"
#: messages in the stream, and seconds between two
MESSAGES, SPACING = 100, 0.1
#: of x86_64: 23 + 24 + 11 jobs
FLAVORS = ("updates-server", "updates-workstation", "updates-kde")
DAY, EVERY = 86_400.0, 1800.0
#: sweeps until all are known, at most
MOST_SWEEPS = 12
#: requests of a steady sweep of all processes
WANTED = 44
#: processes, each with whether it schedules, and its sinks
ONE: Processes = {"a": (True, (Sink.RESULTSDB, Sink.MAIL))}
FOUR: Processes = {
    "scheduler": (True, ()),
    "resultsdb reporter": (False, (Sink.RESULTSDB,)),
    "compose checker": (False, (Sink.MAIL,)),
    "worker": (True, (Sink.RESULTSDB, Sink.MAIL)),
}
SERVICES: Mapping[str, str | tuple[str, ...]] = {
    "openQA": "/api/v1/",
    "STATUS and releases": ("/compose/", "/release.json"),
    "CoreOS": "/coreos/",
    "Bodhi": "/day/",
    "Datagrepper": "/datagrepper/",
    "ResultsDB": "/resultsdb/",
}


@dataclass
class Day:
    """A day of Fedora in a sandbox, and a store whose clock stands still."""

    sandbox: Sandbox
    config: Config
    engine: Engine
    now: float = field(default_factory=time.time)

    def clock(self, _connection: Connection) -> float:
        return self.now

    def sweep_until_steady(self, processes: Processes) -> list[Counter[str]]:
        """Return the requests of each sweep of all processes, by service."""
        deliveries = Deliveries(self.engine, clock=self.clock)
        subjects = Subjects(self.engine, clock=self.clock)
        sweeps = [
            replace(
                connect_sweep(
                    self.config,
                    subjects,
                    deliveries,
                    Sweeps(self.engine, clock=self.clock),
                    schedules=schedules,
                    sinks=sinks,
                ),
                owner=name,
            )
            for name, (schedules, sinks) in processes.items()
        ]
        counts: list[Counter[str]] = []
        while not counts or counts[-1:] != counts[-2:-1]:
            if len(counts) == MOST_SWEEPS:
                raise SystemExit(f"not steady after {MOST_SWEEPS} sweeps: {counts}")
            counts.append(self._sweep(sweeps))
            self._deliver(subjects, deliveries)
            self.now += EVERY
        return counts

    def _sweep(self, sweeps: Sequence[Sweep]) -> Counter[str]:
        self.sandbox.requests.clear()
        for sweep in sweeps:
            sweep.sweep_in_turn(DAY, every=EVERY)
        return Counter(map(service_of, self.sandbox.requests.all()))

    def _deliver(self, subjects: Subjects, deliveries: Deliveries) -> None:
        """Store that sinks have all that is due, without any request."""
        while lease := subjects.lease("bench", [Sink.RESULTSDB, Sink.MAIL], seconds=60.0):
            ledger = deliveries.ledger(lease)
            told = "verdict" if lease.lane == Sink.MAIL else "PASSED"
            ledger.record([(one, Delivered(told)) for one in ledger.due()])
            subjects.close_build(lease, reached=True)


@contextlib.contextmanager
def day_of_fedora() -> Iterator[Day]:
    """Run a sandbox in which the tests of a day have ended."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        builds = write_composes(folder / "tree")
        rows = [update_row(number) for number in range(UPDATES)]
        options = SandboxOptions(composes=folder / "tree", extra=(partial(add_bodhi, rows),))
        with Sandbox(options) as sandbox:
            for row in rows:
                alias = row["alias"]
                test(sandbox, f"Update-{alias}", FLAVORS, VERSION="43", ADVISORY=alias)
            for build in builds:
                test(sandbox, build, ("Server-dvd-iso",), VERSION="Rawhide")
            config = write_config(folder, sandbox)
            engine = open_engine(f"sqlite:///{folder}/store.db")
            yield Day(sandbox, config, engine)
            engine.dispose()


def write_composes(tree: Path) -> list[str]:
    """Write finished composes of the last days; return their ids."""
    tree.mkdir()
    write_releases(tree, stable=NUMBERS.stable, branched=NUMBERS.branched)
    today = datetime.now(tz=UTC).date()
    ids = []
    for before in range(3):
        for family in series_of(NUMBERS):
            name = family.name(f"{today - timedelta(days=before):%Y%m%d}", 0)
            folder = tree / "compose" / family.folder / name.id
            folder.mkdir(parents=True)
            (folder / "STATUS").write_text("FINISHED\n")
            ids.append(name.id)
    return ids


def update_row(number: int) -> dict[str, Any]:
    """Return an update as Bodhi's lists have it."""
    return {
        "alias": f"FEDORA-2026-{number:010x}",
        "builds": [{"nvr": f"kernel-{number}-1.fc43"}],
        "release": {"version": "43", "id_prefix": "FEDORA"},
        "critpath": True,
        "critpath_groups": "core",
    }


def add_bodhi(rows: Sequence[Mapping[str, Any]], app: web.Application) -> None:
    """Serve lists of updates that are in testing."""

    async def updates(request: web.Request) -> web.Response:
        found = rows if request.query["status"] == "testing" else []
        size, page = int(request.query["rows_per_page"]), int(request.query["page"])
        pages = -(-len(found) // size)
        return web.json_response(
            {"updates": list(found[(page - 1) * size : page * size]), "pages": pages}
        )

    app.router.add_get("/day/updates/", updates)


def test(sandbox: Sandbox, build: str, flavors: Sequence[str], **settings: str) -> None:
    """Schedule the tests of a build and let them pass."""
    client = client_of(sandbox)
    for flavor in flavors:
        product = {"DISTRI": "fedora", "ARCH": "x86_64", "FLAVOR": flavor, "BUILD": build}
        client.openqa_request("POST", "isos", data=product | settings)
    sandbox.finish(build, Script())


def client_of(sandbox: Sandbox) -> OpenQA_Client:
    client = OpenQA_Client(server=sandbox.url)
    client.session.headers["X-API-Key"] = sandbox.key
    client.apisecret = sandbox.secret
    return client


def write_config(folder: Path, sandbox: Sandbox, *changes: tuple[str, str]) -> Config:
    """Return the configuration for a sandbox with the lists of this module."""
    write_config_files(folder, sandbox)
    text = (folder / "config.toml").read_text()
    for old, new in ((f'url = "{sandbox.url}/bodhi"', f'url = "{sandbox.url}/day"'), *changes):
        text = text.replace(old, new)
    return parse_config(text.encode(), source="config.toml")


def service_of(request: LoggedRequest) -> str:
    return next(name for name, paths in SERVICES.items() if request.path.startswith(paths))


def show_sweeps(name: str, counts: Sequence[Counter[str]]) -> None:
    steady = counts[-1]
    rows = [
        Row(f"{service}: first, second, … sweep", ", ".join(str(one[service]) for one in counts))
        for service in SERVICES
    ]
    rows += [
        Row("all", ", ".join(str(one.total()) for one in counts)),
        at_most("a steady sweep of all processes", steady.total(), WANTED),
        at_most("a day of steady sweeps", steady.total() * DAY / EVERY, WANTED * DAY / EVERY),
    ]
    show(f"{UPDATES} updates, {COMPOSES} composes, {name}: requests of sweeps", rows)


def gather(seconds: float, wanted: int) -> Row:
    """Count the lists of jobs that are read while messages about jobs arrive in a stream."""
    with tempfile.TemporaryDirectory() as name, Sandbox() as sandbox:
        folder = Path(name)
        for flavor in FLAVORS[:2]:
            test(sandbox, BUILD, (flavor,), VERSION="43", ADVISORY=ALIAS)
        jobs = client_of(sandbox).openqa_request("GET", "jobs", params={"build": BUILD})["jobs"]
        items = [str(job["id"]) for job in jobs]
        config = write_config(
            folder,
            sandbox,
            ("gather = 1.0", f"gather = {seconds}"),
            ("[fedora]", f'[store]\nurl = "sqlite:///{folder}/store.db"\n\n[fedora]'),
        )
        open_engine(config.store.url).dispose()
        service = open_service(config, "bench", schedules=False, sinks=[Sink.RESULTSDB])
        sandbox.faults.delay = DELAY
        sandbox.requests.clear()
        service.start(lambda exc: print(f"failed: {exc}"))
        for number in range(MESSAGES):
            time.sleep(SPACING)
            one = items[number % len(items)]
            body = {"id": int(one), "BUILD": BUILD, "remaining": 1, "result": "passed"}
            service.intake.take(DONE, body, message_id=f"m{number}")
        time.sleep(2 * seconds + 2.0)
        service.end()
        lists = [one for one in sandbox.requests.all() if one.path == "/api/v1/jobs"]
        stored = len(sandbox.results.all())
    if stored != len(items):
        raise SystemExit(f"{stored} results are stored instead of {len(items)}")
    return at_most(f"gather = {seconds} s", len(lists), wanted)


def main() -> None:
    for name, processes in (("1 process", ONE), ("4 processes", FOUR)):
        with day_of_fedora() as day:
            show_sweeps(name, day.sweep_until_steady(processes))
    rows = [gather(seconds, wanted) for seconds, wanted in ((0.5, 22), (1.0, 12), (2.0, 7))]
    show("100 messages about jobs, 0.1 s apart: lists of jobs that openQA is asked for", rows)


if __name__ == "__main__":
    main()
