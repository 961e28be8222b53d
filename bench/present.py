"""Measures what shows the present with many jobs stored: ``now``, ``capacity``, and a forecast.

200,000 jobs of 90 days are stored, and openQA's queue is what waits and runs at the end of them, in
SQLite, and in PostgreSQL where it is installed. Prints the median milliseconds of each from an open
store, and of the whole commands on SQLite.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Engine

from bench.filling import fill_jobs
from bench.forecast import beside, queued
from bench.measuring import COMMAND, run
from bench.tables import Row, at_most, show
from fedora_openqa.config import Config
from fedora_openqa.model.jobs import JobState
from fedora_openqa.model.openqa_load import SnapshotName, Worker, WorkerStatus
from fedora_openqa.sandbox.made_history import SLOTS, make_history
from fedora_openqa.sandbox.made_shapes import MadeHistory, shape_of
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.forecasts import Forecasts
from fedora_openqa.store.snapshots import Snapshots
from fedora_openqa.wiring.present import look_around_of
from fedora_openqa.workflows.forecasting import Forecasting
from tests.services.postgresql import running_postgresql
from tests.services.processes import NotInstalledError

JOBS, ROUNDS = 200_000, 15

#: milliseconds that are wanted at most
MOST = 200.0

#: jobs that wait, of those that ended last
WAITING = 1_000


def main() -> None:
    made = make_history(shape_of(JOBS, end=time.time()))
    print(f"{len(made.jobs)} jobs, {WAITING} of them wait")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        url = f"sqlite:///{folder}/store.db"
        show("SQLite", measure(open_engine(url), made))
        try:
            server = stack.enter_context(running_postgresql())
        except NotInstalledError:
            print("PostgreSQL is not installed: not measured")
        else:
            show("PostgreSQL", measure(open_engine(server.create()), made))
        config = Path(folder) / "config.toml"
        config.write_text(f'[store]\nurl = "{url}"\n')
        environ = {**os.environ, "FEDORA_OPENQA_CONFIG": str(config)}
        for command in ("--version", "now", "capacity"):
            seconds = [run([*COMMAND, command], environ) for _ in range(5)]
            print(f"fedora-openqa {command}: {statistics.median(seconds) * 1000:.0f} ms")


def measure(engine: Engine, made: MadeHistory) -> list[Row]:
    """Return the rows of a database."""
    fill_jobs(engine, [one.job for one in made.jobs])
    parallel = beside(made)
    snapshots = Snapshots(engine)
    jobs = [queued(one, parallel) for one in made.jobs[-WAITING:]]
    workers = [
        Worker(number, f"{host}:{slot}", WorkerStatus.RUNNING, (worker_class,))
        for number, (host, worker_class, slot) in enumerate(
            (host, worker_class, slot)
            for host, worker_class in made.hosts.items()
            for slot in range(SLOTS)
        )
    ]
    begun = {
        job.id: replace(job, state=JobState.RUNNING, worker_id=worker.id, started=time.time())
        for job, worker in zip(jobs, workers, strict=False)
    }
    now = snapshots.begin("bench", seconds=600.0, every=0.0)
    assert now
    snapshots.save(
        {
            SnapshotName.WAITING: [job for job in jobs if job.id not in begun],
            SnapshotName.RUNNING: list(begun.values()),
            SnapshotName.WORKERS: workers,
        }
    )
    forecasting = Forecasting(Forecasts(engine), snapshots)
    begin = time.perf_counter()
    forecasting.update(snapshots.observed(), now)
    seconds = time.perf_counter() - begin
    look = look_around_of(Config(), engine)
    assert look.now().subjects
    return [
        at_most("now", median(look.now) * 1000, MOST, unit=" ms"),
        at_most("capacity", median(look.capacity) * 1000, MOST, unit=" ms"),
        Row("a forecast, which only the watch of openQA makes", f"{seconds * 1000:.0f} ms"),
    ]


def median(call: Callable[[], object]) -> float:
    """Return the median seconds of a call."""
    seconds = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
