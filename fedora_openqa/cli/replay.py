"""``fedora-openqa replay``."""

import sys
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.show_replay import replay_messages, show_plan
from fedora_openqa.gateways.recordings import parse_recordings, read_plan, read_recordings


@click.command()
@click.argument("source", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--plan", is_flag=True, help="Store nothing; print what would be posted.")
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --plan: print how it differs from this plan, printed earlier with --format json.",
)
@click.option("--dry-run", is_flag=True, help="Store nothing; print what would be wanted.")
@format_option
@click.pass_obj
def replay(
    config_file: Path | None,
    *,
    source: Path,
    plan: bool,
    against: Path | None,
    dry_run: bool,
    output: str,
) -> None:
    """Take recorded messages in as if they came from the bus.

    SOURCE is a file, a folder of *.json files, or - for standard input: messages as
    fedora-messaging records them, or an answer of datagrepper.
    """
    if against and not plan:
        raise click.UsageError("--against goes with --plan")
    config = open_config(config_file, None)
    if str(source) == "-":
        text = sys.stdin.buffer.read()
        recordings = tuple(parse_recordings(text, source="standard input"))
    else:
        recordings = read_recordings(source)
    if plan:
        earlier = read_plan(against) if against else None
        show_plan(config, recordings, earlier=earlier, output=output)
    else:
        replay_messages(config, recordings, dry_run=dry_run, output=output)
