"""``fedora-openqa pause`` and ``resume``."""

import re
import sys
from pathlib import Path

import click

from fedora_openqa.cli.common import DONE, NOTHING, open_config
from fedora_openqa.cli.options import dry_run_option, named
from fedora_openqa.cli.output import say
from fedora_openqa.model.spelling import lane_named
from fedora_openqa.wiring.operator import open_lanes


def check_reason(_ctx: click.Context, _param: click.Parameter, reason: str) -> str:
    """Accept what says something in a line."""
    if not (line := re.sub(r"\s+", " ", reason).strip()):
        raise click.BadParameter("says nothing")
    return line


@click.command()
@click.argument("lane", callback=named(lane_named))
@click.option(
    "--reason", required=True, callback=check_reason, metavar="TEXT", help="Why; this is shown."
)
@dry_run_option
@click.pass_obj
def pause(config_file: Path | None, *, lane: str, reason: str, dry_run: bool) -> None:
    """Have nothing scheduled in LANE by any worker until `resume`.

    LANE is a kind of subject (compose, update, task, tag, copr, coreos) or a release of one:
    update:43. What is under way ends; messages are stored, and wait.
    """
    lanes = open_lanes(open_config(config_file, None))
    if not dry_run:
        lanes.pause(lane, reason=reason)
    say(f"{'Would pause' if dry_run else 'Paused'}: {lane}: {reason}")


@click.command()
@click.argument("lane", callback=named(lane_named))
@dry_run_option
@click.pass_obj
def resume(config_file: Path | None, *, lane: str, dry_run: bool) -> None:
    """Go on in LANE, at once with what waits in it.

    Exit status: 0 it goes on; 1 it was not stopped by `pause`.
    """
    config = open_config(config_file, None)
    lanes = open_lanes(config)
    stopped = lanes.is_paused(lane)
    resumed = stopped if dry_run else lanes.resume(lane)
    done = f"{'Would resume' if dry_run else 'Resumed'}: {lane}"
    say(done if resumed else f"{lane} was not paused", err=not resumed)
    if lane in config.paused:
        say(f"The configuration still pauses {lane}: {config.paused[lane]}", err=True)
    sys.exit(DONE if resumed else NOTHING)
