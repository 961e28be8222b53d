"""``fedora-openqa image``."""

from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import compose_options, named, scheduling_options
from fedora_openqa.cli.show_schedule import schedule_and_show
from fedora_openqa.model.requests import ComposeRequest
from fedora_openqa.model.spelling import arch_named
from fedora_openqa.policy.images import split_image_url


@click.command()
@click.argument("location")
@click.argument("image", required=False)
@compose_options
@click.option(
    "-a",
    "--arch",
    metavar="ARCH",
    callback=named(arch_named),
    help="Only on this arch (default: on all).",
)
@scheduling_options
@click.pass_obj
def image(
    config_file: Path | None,
    *,
    location: str,
    image: str | None,
    force: bool,
    extra: dict[str, str],
    arch: str | None,
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Schedule the tests of one IMAGE of the compose at URL LOCATION.

    IMAGE is the name of its file or its flavor. LOCATION may also be the URL of the image, without
    IMAGE.
    """
    if image is None:
        split = split_image_url(location)
        if split is None:
            raise click.UsageError(f"{location} is not the URL of an image below /compose/")
        location, image = split
    config = open_config(config_file, openqa_hostname)
    request = ComposeRequest(
        location=location,
        images=(image,),
        arches=(arch,) if arch else (),
        extra=extra,
        force=force,
    )
    schedule_and_show(config, request, output=output, dry_run=dry_run)
