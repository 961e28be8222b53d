"""Measures what it costs the intake of a message that its job is remembered, with 200,000 of them.

Messages about ended jobs go through a private, real RabbitMQ to the consumer that reports to
ResultsDB, and to the same consumer without the memory: it stores wanted deliveries alone. Both take
turns with the same messages, on a store with the same jobs, on SQLite and on PostgreSQL (which
runs without fsync). The workers are off.
"""

import statistics
import time
from argparse import ArgumentParser
from collections import defaultdict

from sqlalchemy import Engine, delete

from bench.filling import fill_jobs
from bench.messages import KINDS, MESSAGES, Measured, measure
from bench.stores import engines
from bench.tables import Row, at_most, show
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import shape_of
from fedora_openqa.store.engine import transaction
from fedora_openqa.store.schema import job, subject
from tests.services.processes import NotInstalledError
from tests.services.rabbitmq import RabbitMQ, running_rabbitmq

JOBS, ROUNDS = 200_000, 3

#: wanted: the time beside that without the memory
LIMIT = 1.3

#: callbacks of `bench.callbacks`
MODES = {"remembered": "reporter", "not remembered": "forgetful"}

[KIND] = (kind for kind in KINDS if kind.name == "job")


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.intake", description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    jobs = [one.job for one in make_history(shape_of(options.jobs, end=time.time())).jobs]
    try:
        with running_rabbitmq() as rabbitmq:
            for name, engine in engines():
                fill_jobs(engine, jobs)
                title = (
                    f"{name}, {len(jobs):,} jobs, {MESSAGES:,} messages, {options.rounds} rounds"
                )
                show(title, compare(engine, min(one.id for one in jobs), rabbitmq, options.rounds))
    except NotInstalledError as missing:
        print(f"messages through a broker: not measured, {missing} is missing (make services)")


def compare(engine: Engine, first: int, rabbitmq: RabbitMQ, rounds: int) -> list[Row]:
    url = engine.url.render_as_string(hide_password=False)
    found: dict[str, list[Measured]] = defaultdict(list)
    for _ in range(rounds):
        for mode, callback in MODES.items():
            found[mode].append(measure(KIND, callback, url, rabbitmq))
            with transaction(engine) as connection:
                connection.execute(delete(job).where(job.c.id < first))
                connection.execute(delete(subject))
    rows = []
    for mode, some in found.items():
        milliseconds, cpu = (
            statistics.median(them)
            for them in zip(*((one.time, one.cpu) for one in some), strict=True)
        )
        rows.append(Row(mode, f"{milliseconds:.2f} ms, {cpu:.2f} ms CPU each"))
    ours, other = (found[mode] for mode in MODES)
    for what in ("time", "cpu"):
        ratios = [getattr(a, what) / getattr(b, what) for a, b in zip(ours, other, strict=True)]
        rows.append(at_most(f"ratio, {what}", statistics.median(ratios), LIMIT))
    return rows


main()
