"""``fedora-openqa compose``."""

from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import (
    arches_named,
    compose_options,
    named,
    split_list,
    writing_options,
)
from fedora_openqa.cli.show_schedule import schedule_and_show
from fedora_openqa.model.requests import ComposeRequest


@click.command()
@click.argument("location")
@compose_options
@click.option(
    "-a",
    "--arches",
    callback=named(arches_named),
    metavar="A,B",
    help="Only these arches; an empty string for all (default: the configured ones).",
)
@click.option(
    "--flavors", callback=split_list, metavar="F,G", default="", help="Only these flavors."
)
@writing_options
@click.pass_obj
def compose(
    config_file: Path | None,
    *,
    location: str,
    force: bool,
    extra: dict[str, str],
    arches: tuple[str, ...] | None,
    flavors: tuple[str, ...],
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Schedule the tests of the compose whose /compose folder is at URL LOCATION."""
    config = open_config(config_file, openqa_hostname)
    request = ComposeRequest(
        location=location,
        arches=config.scheduling.arches if arches is None else arches,
        flavors=flavors,
        extra=extra,
        force=force,
    )
    schedule_and_show(config, request, output=output, dry_run=dry_run)
