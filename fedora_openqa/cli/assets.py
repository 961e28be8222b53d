"""``fedora-openqa assets``."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import arches_named, format_option, named
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.model.base_images import ImageFinding, ImageState
from fedora_openqa.wiring.check_assets import open_asset_check
from fedora_openqa.workflows.check_assets import CheckedImages

#: exit statuses
FINE, PROBLEMS = 0, 1

#: what jobs suffer from
PROBLEMATIC = (ImageState.MISSING, ImageState.OLD)


@click.group()
def assets() -> None:
    """Check the disk images that jobs start from."""


@assets.command()
@click.option(
    "--hdds",
    metavar="FILE_OR_URL",
    help="createhdds' hdds.json (default: the configured one).",
)
@click.option(
    "--arches",
    metavar="A,B",
    callback=named(arches_named),
    help="Only images of these arches (default: all in hdds.json).",
)
@click.option(
    "--openqa-hostname",
    metavar="HOST",
    help="The server, host, host:port or URL (default: the configured one, or the first in"
    " client.conf).",
)
@format_option
@click.pass_obj
def check(
    config_file: Path | None,
    *,
    hdds: str | None,
    arches: tuple[str, ...] | None,
    openqa_hostname: str | None,
    output: str,
) -> None:
    """Find base images that the coming jobs need and openQA lacks, for cron.

    createhdds' table says which images there are for each release; the openQA server says which
    it has, and when it last saw another size of each. Images of ended releases are listed, and
    are no problem.

    Exit status: 0 no problem; 1 an image is missing or too old, or a server does not answer;
    2 wrong usage, configuration or table.
    """
    config = open_config(config_file, openqa_hostname)
    checked = open_asset_check(config, hdds).check(arches=arches or ())
    if output == "json":
        say_json(_as_json(checked))
    else:
        say(*_describe(checked))
    is_fine = not any(finding.state in PROBLEMATIC for finding in checked.findings)
    sys.exit(FINE if is_fine else PROBLEMS)


def _as_json(checked: CheckedImages) -> dict[str, object]:
    return {
        "needed": [image.file for image in checked.needed],
        "findings": [
            {
                "file": finding.file,
                "state": finding.state.name.lower(),
                "age_days": None if finding.age is None else round(finding.age, 1),
            }
            for finding in checked.findings
        ],
    }


def _describe(checked: CheckedImages) -> Iterator[str]:
    limits = {image.file: image.max_age for image in checked.needed}
    for finding in checked.findings:
        yield f"{finding.file}: {finding.state.value}{_age(finding, limits.get(finding.file, 0))}"
    counts = Counter(finding.state for finding in checked.findings)
    numbers = ", ".join(f"{counts[state]} {state.value}" for state in ImageState)
    yield f"Needed images: {len(checked.needed)}; {numbers}"


def _age(finding: ImageFinding, limit: int) -> str:
    if finding.state is not ImageState.OLD or finding.age is None:
        return ""
    return f", unchanged for {finding.age:.1f} days (limit: {limit})"
