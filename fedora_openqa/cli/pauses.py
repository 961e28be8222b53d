"""``fedora-openqa pause`` and ``resume``."""

import re
import sys
from pathlib import Path

import click

from fedora_openqa.cli.common import DONE, NOTHING, open_config
from fedora_openqa.cli.options import as_seconds, dry_run_option, named
from fedora_openqa.cli.output import say
from fedora_openqa.model.audit import Action
from fedora_openqa.model.spelling import ALL_LANES, lane_named
from fedora_openqa.wiring.acting import by_command, open_acting
from fedora_openqa.wiring.operator import open_lanes


def check_reason(_ctx: click.Context, _param: click.Parameter, reason: str) -> str:
    """Return a reason as one line; refuse an empty one."""
    if not (line := re.sub(r"\s+", " ", reason).strip()):
        raise click.BadParameter("is empty")
    return line


@click.command()
@click.argument("lane", callback=named(lane_named))
@click.option(
    "--reason",
    required=True,
    callback=check_reason,
    metavar="TEXT",
    help="Why; `status` and `explain` show it.",
)
@click.option(
    "--for",
    "seconds",
    callback=as_seconds,
    metavar="TIME",
    help="End the pause by itself after this time: 90m, 24h, 3d.",
)
@dry_run_option
@click.pass_obj
def pause(
    config_file: Path | None, *, lane: str, reason: str, seconds: float | None, dry_run: bool
) -> None:
    """Stop LANE for all workers until `resume`, or for some time.

    LANE is a kind of subject (compose, update, task, tag, copr, coreos), one release of a kind
    (update:43, compose:rawhide), a sink (resultsdb, wiki, mail), or all. Nothing is scheduled or
    sent in a paused lane. Work that has begun is finished; messages are stored and wait.
    """
    config = open_config(config_file, None)
    lanes = open_lanes(config)
    if not dry_run:
        with open_acting(config, dry_run=False).recorded(
            by_command(Action.PAUSE, lane, reason=reason, preview={"seconds": seconds})
        ) as record:
            lanes.pause(lane, reason=reason, seconds=seconds)
            record.done("paused")
    say(f"{'Would pause' if dry_run else 'Paused'}: {lane}: {reason}")


@click.command()
@click.argument("lane", required=False, callback=named(lane_named))
@click.option("--all", "everything", is_flag=True, help="End the pause of all lanes.")
@dry_run_option
@click.pass_obj
def resume(config_file: Path | None, *, lane: str | None, everything: bool, dry_run: bool) -> None:
    """Let LANE go on; what waits in it is due at once.

    LANE is a kind of subject, one release of a kind, or a sink, as in `pause`. `--all`, or the
    LANE all, ends what `drain` or `pause all` began; lanes that were paused by their name stay so.

    Exit status: 0 it goes on; 1 it was not stopped by `pause` or `drain`.
    """
    if (lane is None) is not everything:
        raise click.UsageError("name a lane, or use --all")
    lane = lane or ALL_LANES
    config = open_config(config_file, None)
    lanes = open_lanes(config)
    stopped = lanes.is_paused(lane)
    resumed = stopped
    if not dry_run:
        with open_acting(config, dry_run=False).recorded(by_command(Action.RESUME, lane)) as record:
            resumed = lanes.resume(lane)
            record.done("resumed") if resumed else record.nothing("it was not paused")
    done = f"{'Would resume' if dry_run else 'Resumed'}: {lane}"
    say(done if resumed else f"{lane} was not paused", err=not resumed)
    if lane in config.paused:
        say(f"The configuration still pauses {lane}: {config.paused[lane]}", err=True)
    for pause in lanes.pauses.all() if lane == ALL_LANES else ():
        if pause.lane != ALL_LANES:
            say(f"Still paused: {pause.lane}: {pause.reason}", err=True)
    sys.exit(DONE if resumed else NOTHING)
