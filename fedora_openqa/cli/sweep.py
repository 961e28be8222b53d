"""``fedora-openqa sweep``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import DONE, PARTLY, open_config
from fedora_openqa.cli.options import as_seconds, writing_options
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.config import seconds_in
from fedora_openqa.model.sweeps import Swept
from fedora_openqa.wiring.sweep import open_sweep


@click.command()
@click.option(
    "--since",
    "seconds",
    metavar="TIME",
    callback=as_seconds,
    help="How far to look back: 90m, 24h, 3d (default: sweep.since of the configuration).",
)
@writing_options("Store nothing; print what would be stored as wanted.")
@click.pass_obj
def sweep(
    config_file: Path | None,
    *,
    seconds: float | None,
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Find subjects without jobs, and finished jobs whose results a sink does not have.

    It asks the status files of composes, Bodhi, the lists of CoreOS builds and the history of
    the bus. What it finds is stored as wanted; a worker schedules the subjects and sends the
    results.

    Exit status: 0 all sources were asked; 1 none could be asked, or another process sweeps;
    2 wrong usage or configuration; 3 a source could not be asked, or subjects or builds are left
    to the next sweep.
    """
    config = open_config(config_file, openqa_hostname)
    found = open_sweep(config, dry_run=dry_run)
    swept = found.sweep(seconds or seconds_in(config.sweep.since))
    if output == "json":
        say_json(as_json(swept))
    else:
        say(*describe(swept, dry_run=dry_run))
    failed = (*swept.failed, *swept.reports.failed)
    for failure in failed:
        say(f"Failed: {failure.name}: {failure.reason}", err=True)
    if swept.left:
        say(f"Left to the next sweep: {len(swept.left)}", err=True)
    for sink, builds in swept.reports.left.items():
        say(f"Left to the next sweep: {len(builds)} builds of {sink}", err=True)
    if not failed and not swept.left and not swept.reports.left:
        sys.exit(DONE)
    sys.exit(1 if len(swept.failed) >= len(found.sources) and not swept.found else PARTLY)


def as_json(swept: Swept) -> dict[str, object]:
    """Return what ``--format json`` prints."""
    return {
        "found": swept.found,
        "known": swept.known,
        "ignored": len(swept.ignored),
        "has_jobs": list(swept.has_jobs),
        "wanted": list(swept.wanted),
        "left": list(swept.left),
        "reports": [
            {"sink": str(one.sink), "build": one.build, "item": one.item}
            for one in swept.reports.wanted
        ],
        "confirmed": swept.reports.confirmed,
        "reports_left": {str(sink): list(it) for sink, it in swept.reports.left.items()},
        "failed": [
            {"name": one.name, "reason": one.reason}
            for one in (*swept.failed, *swept.reports.failed)
        ],
    }


def describe(swept: Swept, *, dry_run: bool) -> Iterator[str]:
    """Yield a line for each subject and each delivery that is stored now, and the counts."""
    for key in swept.wanted:
        yield f"{'Would want' if dry_run else 'Wanted'}: {key}"
    for key in swept.has_jobs:
        yield f"Has jobs: {key}"
    yield (
        f"Found {swept.found}: {swept.known} known, {len(swept.has_jobs)} with jobs,"
        f" {len(swept.wanted)} wanted; ignored {len(swept.ignored)}"
    )
    for report in swept.reports.wanted:
        verb = "Would send" if dry_run else "To be sent"
        yield f"{verb}: {report.sink}: job {report.item} of {report.build}"
