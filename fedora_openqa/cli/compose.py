"""``fedora-openqa compose``."""

from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import (
    arches_named,
    compose_options,
    named,
    scheduling_options,
    split_list,
)
from fedora_openqa.cli.show_schedule import schedule_and_show
from fedora_openqa.config import Config
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.requests import ComposeRequest
from fedora_openqa.wiring.gateways import Gateways


@click.command()
@click.argument("compose", metavar="COMPOSE")
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
@scheduling_options
@click.pass_obj
def compose(
    config_file: Path | None,
    *,
    compose: str,
    force: bool,
    extra: dict[str, str],
    arches: tuple[str, ...] | None,
    flavors: tuple[str, ...],
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Schedule the tests of COMPOSE: the URL of its /compose folder, or a compose id.

    Exit status: 0 jobs were scheduled; 1 none was, for the reason on standard error; 2 wrong usage
    or configuration; 3 some products failed.
    """
    config = open_config(config_file, openqa_hostname)
    request = ComposeRequest(
        location=location_of(compose, config),
        arches=config.scheduling.arches if arches is None else arches,
        flavors=flavors,
        extra=extra,
        force=force,
    )
    schedule_and_show(config, request, output=output, dry_run=dry_run)


def location_of(compose: str, config: Config) -> str:
    """Return the URL of a compose's ``/compose`` folder.

    :param compose: this URL, or the id of a compose that is where Fedora keeps its composes

    Raises:
        SubjectError: the compose has no such place.
    """
    if "/" in compose:
        return compose
    if location := Gateways(config).known_composes.location(compose):
        return location
    raise SubjectError(f"{compose!r} is neither a URL nor the id of a compose of Fedora")
