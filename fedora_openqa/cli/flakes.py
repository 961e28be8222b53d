"""``fedora-openqa flakes``."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.policy.flakes import ALONE
from fedora_openqa.views.flakes import EvidenceView, FlakeView, flake_view
from fedora_openqa.views.times import duration
from fedora_openqa.wiring.flakes import open_flakes
from fedora_openqa.wiring.gateways import Gateways

#: exit statuses
FOUND, NONE = 0, 1

#: what is shown of the evidence, at most; JSON has all of it
MOST_EVIDENCE = 3


@click.command()
@click.option("--release", default="", metavar="VERSION", help="Only runs of this release.")
@click.option("--arch", default="", help="Only this arch.")
@click.option(
    "--limit",
    type=click.IntRange(1, 1000),
    default=20,
    show_default=True,
    help="Scenarios, the worst first.",
)
@format_option
@click.pass_obj
def flakes(config_file: Path | None, *, release: str, arch: str, limit: int, output: str) -> None:
    """List tests that fail now and then whatever is tested, in the last 30 days.

    A failure counts 1 if another run of the same build passed, and a half if it stands alone
    between runs that passed and no other test failed at the same place; a quarter, if there is
    one more, in a row or of another test. Three failures in a row count nothing, nor what is due
    to workers or the network. The score is the share of the runs that is certain at 95 %, and
    the 30 days before count half in it; from 2 % on a test is listed. Nothing is asked here, and
    no verdict changes.

    Exit status: 0 there are some; 1 there are none; 2 wrong usage or configuration.
    """
    config = open_config(config_file, None)
    url = Gateways(config).public_url
    found = open_flakes(config).worst(release=release, arch=arch)[:limit]
    views = [flake_view(one, openqa_url=url) for one in found]
    if output == "json":
        say_json(views)
    else:
        for view in views:
            say(*describe(view))
        if not views:
            say("no test is known to fail now and then", err=True)
    sys.exit(FOUND if views else NONE)


def describe(view: FlakeView) -> Iterator[str]:
    """Yield the lines of a scenario."""
    yield f"{view.test} {view.flavor} {view.arch} {view.machine}"
    before = "" if view.before is None else f", {view.before:.1%} before"
    lost = duration(timedelta(minutes=view.lost_minutes))
    yield (
        f"  at least {view.score:.1%} ({view.counted:g} of {view.considered} runs{before});"
        f" {lost} lost"
    )
    yield from map(_line, view.evidence[:MOST_EVIDENCE])
    if more := len(view.evidence) - MOST_EVIDENCE:
        yield from [f"  … and {more} more"] if more > 0 else []


def _line(one: EvidenceView) -> str:
    alone = "alone" if one.weight >= ALONE else "almost alone"
    why = f"job {one.passed} passed" if one.passed else alone
    return f"  {one.finished} in {one.build}: {one.place}, {why}, {one.url}"
