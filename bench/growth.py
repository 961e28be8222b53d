"""Measures how the cost of each operation of the store grows with the number of subjects.

Each operation is measured in a store of 1,000, 10,000 and 100,000 subjects, with ten products, ten
deliveries and a message each, on SQLite, and on PostgreSQL where it is installed. Prints the median
milliseconds and their ratio to those at 1,000; then, in the largest store, how long the prune of
its oldest twentieth takes, and the longest time that a message waits to be stored meanwhile.
"""

import contextlib
import itertools
import multiprocessing
import os
import statistics
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

from sqlalchemy import Engine

from bench.filling import DAY, DAYS, fill, job, want_due
from bench.plots import write_plot
from bench.tables import at_most, show
from fedora_openqa.store.deliveries import Deliveries
from fedora_openqa.store.engine import open_engine
from fedora_openqa.store.health import Health
from fedora_openqa.store.pauses import Pauses
from fedora_openqa.store.stories import Stories
from fedora_openqa.store.subjects import Subjects
from fedora_openqa.workflows.worker import PRUNE_PAUSE
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
    found = {name: _measure(name, create, options.sizes) for name, create in _databases()}
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


def _measure(name: str, create: Callable[[], str], sizes: Sequence[int]) -> Figures:
    """Measure in a store of each size; print a table."""
    urls = [create() for _ in sizes]
    engines = [open_engine(url) for url in urls]
    for engine, size in zip(engines, sizes, strict=True):
        fill(engine, size)
    print(f"\n{name}, median ms in a store of … subjects, and the ratio to the smallest")
    print(" " * 26 + "".join(f"{size:>18,}" for size in sizes))
    found: dict[str, Sequence[float]] = {}
    for (operation, run), *others in zip(*map(_operations, engines), strict=True):
        found[operation] = times = _medians([run, *(other for _, other in others)])
        cells = "".join(f"{it:10.2f} ({it / times[0]:4.1f})" for it in times)
        print(f"{operation:26}{cells}", flush=True)
    longest = _measure_prune(urls[-1], engines[-1])
    largest = max(times[-1] / times[0] for times in found.values())
    show(
        f"{name}:",
        [
            at_most(f"largest ratio at {sizes[-1]:,} subjects", largest, 3.0),
            at_most("longest intake beside a prune", longest, 0.2, unit=" s"),
        ],
    )
    for engine in engines:
        engine.dispose()
    return found


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
    yield "metrics", lambda _: (Health(engine).vitals(), Health(engine).tallies())
    yield "explain an update", lambda _: stories.find(f"update:{made}", build=f"Update-{made}")
    yield "explain a message", lambda _: stories.find("message-7-0")
    yield "explain a CoreOS build", lambda _: stories.find("coreos:45.1", family=True)
    yield "parked list", lambda _: stories.parked(limit=10, page=1)
    yield "prune, nothing old", lambda _: subjects.prune(keep=2 * DAYS * DAY)


def _medians(runs: Sequence[Callable[[int], object]]) -> Sequence[float]:
    """Return the median milliseconds of an operation in each store.

    The stores take turns, so that the load of the machine is the same for all.
    """
    times: list[list[float]] = [[] for _ in runs]
    for number in range(ROUNDS):
        for run, taken in zip(runs, times, strict=True):
            start = time.perf_counter()
            run(number)
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken) * 1000 for taken in times]


def _measure_prune(url: str, engine: Engine) -> float:
    """Prune the oldest subjects while another process takes messages in.

    Returns: the seconds of the message that took longest.
    """
    subjects = Subjects(engine)
    parts: list[float] = []
    pruned = 0
    with _taking_in(url) as waits:
        start = time.perf_counter()
        while True:
            begun = time.perf_counter()
            some = subjects.prune(keep=DAYS * DAY * (1 - PRUNED))
            parts.append(time.perf_counter() - begun)
            if not some:
                break
            pruned += some
            time.sleep(PRUNE_PAUSE)
        seconds = time.perf_counter() - start
    with _taking_in(url) as alone:
        time.sleep(seconds)
    print(f"prune of {pruned:,} subjects: {seconds:.1f} s, longest part {max(parts) * 1000:.0f} ms")
    for name, times in (("meanwhile", waits), ("afterwards", alone)):
        middle, longest = statistics.median(times) * 1000, max(times) * 1000
        print(f"  intake {name}: median {middle:.1f} ms, longest {longest:.0f} ms of {len(times)}")
    return max(waits)


@contextlib.contextmanager
def _taking_in(url: str) -> Iterator[list[float]]:
    """Let another process take messages in; the list has the seconds of each after the block."""
    context = multiprocessing.get_context("spawn")
    begun, ended, waits = context.Event(), context.Event(), context.SimpleQueue()
    intake = context.Process(target=_take_in, args=(url, begun, ended, waits))
    intake.start()
    begun.wait()
    times: list[float] = []
    try:
        yield times
    finally:
        ended.set()
        times += waits.get()
        intake.join()


def _take_in(
    url: str, begun: Event, ended: Event, waits: "multiprocessing.SimpleQueue[list[float]]"
) -> None:
    """Store messages until the end."""
    subjects = Subjects(open_engine(url))
    times: list[float] = []
    name = f"meanwhile-{os.getpid()}"
    for number in itertools.count():
        start = time.perf_counter()
        want_due(subjects, name, [number])
        times.append(time.perf_counter() - start)
        begun.set()
        if ended.wait(MESSAGES_APART):
            break
    # the first one also opens connections and builds the statements
    waits.put(times[1:])


if __name__ == "__main__":
    main()
