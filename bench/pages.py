"""Measures the pages on a store with 200,000 jobs of 90 days, without an HTTP server.

On SQLite, and on PostgreSQL where it is installed. One page of each kind is asked for again and
again, and then what is kept for some seconds or minutes is read anew each time. Prints the median
milliseconds beside the limit of 150 ms, the statements and the bytes.
"""

import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from sqlalchemy import Engine

from bench.filling import fill_jobs
from bench.stores import engines
from bench.tables import Row, at_most, show
from fedora_openqa.model.history import StoredJob
from fedora_openqa.model.subjects import Kind
from fedora_openqa.model.work import Wanted
from fedora_openqa.policy.subject_names import parse_name
from fedora_openqa.sandbox.made_history import make_history
from fedora_openqa.sandbox.made_shapes import shape_of
from fedora_openqa.store.subjects import Subjects
from tests.support.pages import Pages

JOBS, DAYS, ROUNDS = 200_000, 90.0, 9

#: wanted, milliseconds
LIMIT = 150.0


def main() -> None:
    jobs = [one.job for one in make_history(shape_of(JOBS, end=time.time(), days=DAYS)).jobs]
    for name, engine in engines():
        fill_jobs(engine, jobs)
        _remember_subjects(engine, jobs)
        rows = [row for url in _urls(jobs) for row in _measured(engine, url)]
        show(f"{name}, {len(jobs):,} jobs, {ROUNDS} rounds", rows)


def _remember_subjects(engine: Engine, jobs: Sequence[StoredJob]) -> None:
    subjects = Subjects(engine)
    for build in dict.fromkeys(one.build for one in jobs):
        name = parse_name(build)
        if name.kind in {Kind.COMPOSE, Kind.UPDATE}:
            subjects.remember(Wanted(name.key, str(name.kind), {}), reason="made up")


def _urls(jobs: Sequence[StoredJob]) -> tuple[str, ...]:
    ended = [one for one in jobs if one.finished]
    update = next(one.build for one in reversed(ended) if one.build.startswith("Update-"))
    compose = next(one.build for one in reversed(ended) if one.build.startswith("Fedora-"))
    [(test, _)] = Counter(one.scenario.test for one in jobs).most_common(1)
    scenario = next(one.scenario for one in ended if one.scenario.test == test)
    return (
        "/",
        "/now",
        "/capacity",
        "/subjects",
        f"/subjects/{parse_name(update).key}",
        f"/composes/{compose}",
        f"/composes/{compose}/compare/previous",
        f"/updates/{update.removeprefix('Update-')}",
        f"/why?q={compose}",
        "/tests",
        f"/tests/{test}",
        f"/tests/{test}?flavor={scenario.flavor}&arch={scenario.arch}",
        "/failures",
        "/flakes",
        "/parked",
        "/statistics",
        "/audit",
    )


def _measured(engine: Engine, url: str) -> Iterator[Row]:
    anew = []
    for _ in range(ROUNDS):
        pages = Pages(engine)
        start = time.perf_counter()
        pages.ask(url)
        anew.append((time.perf_counter() - start) * 1000)
    again = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        with pages.statements() as statements:
            answer = pages.ask(url)
        again.append((time.perf_counter() - start) * 1000)
    cost = f"{len(statements)} statements, {len(answer.data) / 1000:.0f} kB"
    yield at_most(
        f"{url.partition('?')[0][:60]}: {cost}", statistics.median(again), LIMIT, unit=" ms"
    )
    yield Row("  the first visitor, who reads what is kept", f"{statistics.median(anew):.0f} ms")


main()
