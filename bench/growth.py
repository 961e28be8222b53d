"""Measures how the cost of each operation of the store grows with the number of subjects.

Each operation is measured in a store of 1,000, 10,000 and 100,000 subjects, with ten products, ten
deliveries and a message each, on SQLite, and on PostgreSQL where it is installed. Prints the median
milliseconds and their ratio to those at 1,000; then, in the largest store, how long the prune of
its oldest twentieth takes, and the longest time that a message waits to be stored meanwhile.
"""

import contextlib
import itertools
import multiprocessing
import statistics
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

from sqlalchemy import Engine

from bench.filling import DAY, DAYS, fill, job, update, want_due
from bench.plots import write_plot
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.health import Health
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from tests.services.postgresql import running_postgresql
from tests.services.processes import NotInstalledError

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 31

#: part of the subjects that is pruned
PRUNED = 0.05

#: seconds between two messages while the store is pruned
MESSAGES_APART = 0.005

#: operation to the median milliseconds in a store of each size
Figures = Mapping[str, Sequence[float]]


def main() -> None:
    parser = ArgumentParser(prog="python -m bench.growth", description=__doc__.split("\n")[0])
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write the figures as SVG")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="100 times a power of ten"
    )
    options = parser.parse_args()
    found = {name: _measure(create, options.sizes) for name, create in _databases()}
    if options.plot:
        write_plot(options.plot, options.sizes, found)


def _databases() -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield the name of each database, with what returns the URL of a new store."""
    numbers = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        yield "SQLite", lambda: f"sqlite:///{folder}/{next(numbers)}.db"
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgresql())
        except NotInstalledError:
            print("PostgreSQL is not installed: not measured")
            return
        yield "PostgreSQL", server.create


def _measure(create: Callable[[], str], sizes: Sequence[int]) -> Figures:
    """Measure in a store of each size; print a table."""
    columns: list[Mapping[str, float]] = []
    for size in sizes:
        url = create()
        engine = open_engine(url)
        fill(engine, size)
        columns.append({name: _median(run) for name, run in _operations(engine)})
        if size == sizes[0]:
            print(f"\n{engine.dialect.name}, median ms in a store of … subjects (ratio)")
            print(f"{'':26}" + "".join(f"{it:>18,}" for it in sizes))
        if size == sizes[-1]:
            for name in columns[0]:
                times = [column[name] for column in columns]
                cells = "".join(f"{it:10.2f} ({it / times[0]:4.1f})" for it in times)
                print(f"{name:26}{cells}")
            _measure_prune(url, engine)
        engine.dispose()
    return {name: [column[name] for column in columns] for name in columns[0]}


def _operations(engine: Engine) -> Iterator[tuple[str, Callable[[int], object]]]:
    subjects, deliveries, stories = Subjects(engine), Deliveries(engine), Stories(engine)
    limited = Subjects(engine, per_minute={"update": 1_000_000})
    full = Subjects(engine, per_minute={"update": 1})
    made = f"FEDORA-2026-{7:010x}"
    known = [f"update:FEDORA-2026-{number:010x}" for number in range(200)]

    def lease(number: int, *, of: Subjects) -> None:
        taken = of.lease("bench", ["update", "compose"], seconds=60.0)
        assert taken
        of.postpone(taken, error=f"{number}", delay=0.0)

    def settle(number: int) -> None:
        deliveries.want([job(made, 10 + number)], message_id=f"settled-{number}")
        taken = subjects.lease("bench", ["resultsdb"], seconds=60.0)
        assert taken
        assert subjects.close_build(taken, reached=True)

    def status(_number: int) -> None:
        now = Health(engine).vitals().now
        stories.lanes(now=now)
        Pauses(engine).all()
        stories.last_message()

    yield "intake of an update", lambda n: want_due(subjects, "new", [n])
    yield "intake of a job", lambda n: deliveries.want([job(made, 1000 + n)], message_id=f"j-{n}")
    yield "lease", lambda n: lease(n, of=subjects)
    yield "lease with limits", lambda n: lease(n, of=limited)
    yield "next due", lambda _: subjects.seconds_until_due(["update", "compose"])
    yield "next due, limits reached", lambda _: full.seconds_until_due(["update", "compose"])
    yield "settle a build", settle
    yield "sweep: 200 known", lambda _: subjects.known(known)
    yield "status", status
    yield "status: lanes", lambda _: stories.lanes(now=time.time())
    yield "status: last message", lambda _: stories.last_message()
    yield "explain an update", lambda _: stories.find(f"update:{made}", build=f"Update-{made}")
    yield "explain a message", lambda _: stories.find("message-7-0")
    yield "explain a CoreOS build", lambda _: stories.find("coreos:45.1", family=True)
    yield "parked list", lambda _: stories.parked(limit=50, page=1)
    yield "prune, nothing old", lambda _: subjects.prune(keep=2 * DAYS * DAY)


def _median(run: Callable[[int], object]) -> float:
    """Return the median milliseconds of an operation, which gets the number of its round."""
    times = []
    for number in range(ROUNDS):
        start = time.perf_counter()
        run(number)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1000


def _measure_prune(url: str, engine: Engine) -> None:
    """Prune the oldest subjects while another process takes messages in."""
    context = multiprocessing.get_context("spawn")
    begun, ended, waits = context.Event(), context.Event(), context.SimpleQueue()
    intake = context.Process(target=_take_in, args=(url, begun, ended, waits))
    intake.start()
    begun.wait()
    start = time.perf_counter()
    pruned = 0
    while some := Subjects(engine).prune(keep=DAYS * DAY * (1 - PRUNED)):
        pruned += some
    seconds = time.perf_counter() - start
    ended.set()
    found = sorted(waits.get())
    intake.join()
    middle, longest = found[len(found) // 2], found[-1]
    print(
        f"prune of {pruned:,} subjects: {seconds:.1f} s; meanwhile {len(found)} messages were"
        f" stored in {middle * 1000:.1f} ms (median), {longest * 1000:.0f} ms (longest)"
    )


def _take_in(
    url: str, begun: Event, ended: Event, waits: "multiprocessing.SimpleQueue[list[float]]"
) -> None:
    """Store messages until the prune has ended; return the seconds of each."""
    subjects = Subjects(open_engine(url))
    times: list[float] = []
    for number in itertools.count():
        start = time.perf_counter()
        subjects.want(update(f"meanwhile-{number}"), message_id=f"meanwhile-{number}")
        times.append(time.perf_counter() - start)
        begun.set()
        if ended.wait(MESSAGES_APART):
            break
    waits.put(times)


if __name__ == "__main__":
    main()
