"""Measures what is asked of the jobs of a store with 200,000 of them, of 90 days.

On SQLite, and on PostgreSQL where it is installed: the runs of the test with most scenarios, the
failures with one cause, and the flaky tests. Prints the median and the least milliseconds of a
number of rounds, beside the limit of 200 ms, and the time that the process itself computed.
"""

import statistics
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Engine

from bench.filling import fill_jobs
from bench.stores import engines
from bench.tables import Row, at_most, show
from fedora_openqa.data.failure_reasons import load_reason_rules
from fedora_openqa.model.history import StoredJob
from fedora_openqa.policy.history import history_of
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import shape_of
from fedora_openqa.store.failures import Failures
from fedora_openqa.store.jobs import JobHistory
from fedora_openqa.wiring.flakes import courses_in
from fedora_openqa.workflows.failures import FailureDesk
from fedora_openqa.workflows.flakes import Flakes

JOBS, DAYS, ROUNDS = 200_000, 90.0, 21

#: wanted, milliseconds
LIMIT = 200.0


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.history", description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=JOBS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    made = make_history(shape_of(options.jobs, end=time.time(), days=DAYS))
    jobs = [one.job for one in made.jobs]
    for name, engine in engines():
        fill_jobs(engine, jobs)
        rows = [
            row
            for operation, run in operations(engine, jobs)
            for row in measured(operation, run, options.rounds)
        ]
        show(f"{name}, {len(jobs):,} jobs, {options.rounds} rounds", rows)


def operations(
    engine: Engine, jobs: Sequence[StoredJob]
) -> Iterator[tuple[str, Callable[[], object]]]:
    history = JobHistory(engine)
    scenarios = Counter(scenario.test for scenario in {job.scenario for job in jobs})
    [(test, _)] = scenarios.most_common(1)
    flakes = Flakes(courses_in(engine), load_reason_rules())
    yield (
        f"history {test}",
        lambda: [history_of(one, history.runs(one, most=20)) for one in history.scenarios(test)],
    )
    yield "failures", FailureDesk(Failures(engine), load_reason_rules(), by="bench").look
    yield "flakes", flakes.worst
    yield "flakes --release Rawhide", lambda: flakes.worst(release="Rawhide")


def measured(name: str, run: Callable[[], object], rounds: int) -> Iterator[Row]:
    times, computed = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), time.process_time()
        run()
        times.append((time.perf_counter() - start) * 1000)
        computed.append((time.process_time() - used) * 1000)
    yield at_most(f"{name}, median", statistics.median(times), LIMIT, unit=" ms")
    yield Row(f"{name}, least", f"{min(times):.2f} ms")
    yield Row(f"{name}, computing of this process", f"{statistics.median(computed):.2f} ms")


main()
