"""``fedora-openqa capacity``."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.now import describe_age
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json, say_table
from fedora_openqa.model.now import Capacity, ClassCapacity
from fedora_openqa.views.capacity import capacity_view
from fedora_openqa.views.times import ago, duration
from fedora_openqa.wiring.present import open_look_around

#: the share of the jobs that openQA counts which its list has, as both are read one after the other
SHARE_LISTED = 0.9

#: columns of the table of worker classes
COUNTS = ("online", "busy", "broken", "dead", "running", "waiting", "blocked")


@click.command()
@format_option
@click.pass_obj
def capacity(config_file: Path | None, *, output: str) -> None:
    """Show openQA's workers by class, and the jobs that wait for them.

    A row has the workers that have all of its classes, and the jobs that need exactly these:
    waiting for a worker, or blocked by another job. A job waits since it was first seen to wait for
    a worker alone. Usual wait: the median of the jobs that began within a day. Drained: when the
    last job begins that waits now, if all tests take their usual time, and if they take long.

    openQA is not asked: a process with workers reads it once a minute (openqa.watch).

    Exit status: 0; 2 wrong usage or configuration.
    """
    found = open_look_around(open_config(config_file, None)).capacity()
    if output == "json":
        say_json(capacity_view(found))
        return
    say(*describe_age(found.seen, found.now, is_stale=found.is_stale, errors=found.errors))
    if found.classes:
        say_table(["class", *COUNTS, "oldest", "usual wait", "drained"], rows_of(found))
    say(*describe(found))


def rows_of(found: Capacity) -> list[list[str]]:
    """Return a row for each class."""
    return [
        [
            one.name,
            *(str(getattr(one, name)) for name in COUNTS),
            ago(one.oldest, found.now),
            "unknown" if one.usual_wait is None else duration(timedelta(seconds=one.usual_wait)),
            _drained(one, found.now),
        ]
        for one in found.classes
    ]


def _drained(one: ClassCapacity, now: float) -> str:
    if not one.waiting + one.blocked:
        return "none waits"
    if one.drain is None:
        return "unknown"
    if one.drain.soonest is None or one.drain.latest is None:
        return f"never: {'; '.join(one.drain.never)}"
    soonest, latest = (
        duration(timedelta(seconds=max(at - now, 0.0)))
        for at in (one.drain.soonest, one.drain.latest)
    )
    return f"in {soonest}" if soonest == latest else f"in {soonest} to {latest}"


def describe(found: Capacity) -> Iterator[str]:
    """Yield the lines about workers without jobs, and about openQA's own counts."""
    for worker in found.lost:
        error = f": {worker.error}" if worker.error else ""
        yield f"{worker.status} worker {worker.name} ({','.join(worker.classes)}){error}"
    if counts := found.counts:
        yield (
            f"openQA counts {counts.running} jobs that run, {counts.scheduled} that wait for a"
            f" worker, {counts.blocked} for another job"
        )
        if found.listed < SHARE_LISTED * (counts.scheduled + counts.blocked):
            yield f"Warning: its list was cut: only {found.listed} waiting jobs were read"
