"""``fedora-openqa drain``."""

import math
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from fedora_openqa.cli.common import DONE, counted, open_config
from fedora_openqa.cli.options import as_seconds, dry_run_option
from fedora_openqa.cli.output import say
from fedora_openqa.cli.pauses import check_reason
from fedora_openqa.errors import TemporaryError
from fedora_openqa.model.audit import Action
from fedora_openqa.model.drains import Busy
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.spelling import ALL_LANES
from fedora_openqa.views.times import when
from fedora_openqa.wiring.acting import by_command, open_acting
from fedora_openqa.wiring.operator import open_drain, open_lanes

#: exit status if something still runs
BUSY = 1

#: jobs that are listed
MOST_LISTED = 20


@click.command()
@click.option(
    "--reason",
    default="openQA is restarted",
    show_default=True,
    callback=check_reason,
    metavar="TEXT",
    help="Why; `status` and `explain` show it.",
)
@click.option(
    "--timeout",
    callback=as_seconds,
    metavar="TIME",
    help="Wait so long at most: 90m, 24h (default: without end).",
)
@click.option("--no-wait", is_flag=True, help="Look once.")
@dry_run_option
@click.pass_obj
def drain(
    config_file: Path | None, *, reason: str, timeout: float | None, no_wait: bool, dry_run: bool
) -> None:
    """Pause all lanes, and wait until openQA runs no job.

    What our workers have begun is finished, and so is what waits in openQA's own queue. Messages
    are stored meanwhile. The pause stays, also after Ctrl-C, until `resume --all`. A dry run
    pauses nothing and looks once.

    Exit status: 0 nothing runs; 1 something still runs.
    """
    config = open_config(config_file, None)
    if not dry_run:
        with open_acting(config, dry_run=False).recorded(
            by_command(Action.DRAIN, ALL_LANES, reason=reason)
        ) as record:
            open_lanes(config).pause(ALL_LANES, reason=reason)
            record.done("paused")
    say(f"{'Would pause' if dry_run else 'Paused'}: {ALL_LANES}: {reason}")
    waiting = open_drain(config)
    shown: list[str] = []

    def show(found: Busy | TemporaryError) -> None:
        text = (
            f"Not known what runs: {found}" if isinstance(found, TemporaryError) else _counts(found)
        )
        if shown and text == shown[-1]:
            return
        if isinstance(found, Busy) and found.jobs and not shown:
            say(*_listed(found.jobs, waiting.ends_of(found.jobs)))
        say(text)
        shown.append(text)

    seconds = 0.0 if dry_run or no_wait else math.inf if timeout is None else timeout
    sys.exit(DONE if waiting.wait(show, seconds=seconds) else BUSY)


def _counts(busy: Busy) -> str:
    work = f"; our workers are at {counted(busy.leased, 'subject')}" if busy.leased else ""
    return f"{counted(len(busy.jobs), 'job')} in openQA{work}"


def _listed(jobs: tuple[Job, ...], ends: Mapping[int, datetime]) -> Iterator[str]:
    """Yield a line for each job, the one that usually ends last first."""
    last = sorted(jobs, key=lambda job: ends.get(job.id, datetime.max), reverse=True)  # noqa: DTZ901 - openQA's times have no time zone
    for job in last[:MOST_LISTED]:
        end = ends.get(job.id)
        until = f", usually until {when(end.replace(tzinfo=UTC).timestamp())}" if end else ""
        yield f"{job.id} {job.name}: {job.state}{until}"
    if len(last) > MOST_LISTED:
        yield f"and {len(last) - MOST_LISTED} more"
