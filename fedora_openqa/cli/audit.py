"""``fedora-openqa audit``."""

import time
from collections.abc import Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import as_seconds, format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.views.audit import ActView, act_view
from fedora_openqa.wiring.acting import open_audit


@click.command()
@click.option(
    "--since",
    callback=as_seconds,
    default="7d",
    show_default=True,
    metavar="TIME",
    help="Only what was done in this time: 90m, 24h, 30d.",
)
@click.option("--who", metavar="NAME", help="Only what this person or account did.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    metavar="N",
    help="List at most N acts.",
)
@format_option
@click.pass_obj
def audit(
    config_file: Path | None, *, since: float, who: str | None, limit: int, output: str
) -> None:
    """List what people did: who, what, why, and what came of it; the newest first.

    These are restarts, waivers, pauses, and decisions about parked items, by commands and on the
    pages. Each is stored before it is done. If its process ended in between, it is not known
    whether it was done, and the command that shows it is named.
    """
    stored = open_audit(open_config(config_file, None))
    acts = stored.acts(since=time.time() - since, who=who, limit=limit)
    views = [act_view(act) for act in acts]
    if output == "json":
        say_json(views)
    else:
        for view in views:
            say(*describe(view))


def describe(view: ActView) -> Iterator[str]:
    """Yield the lines of an act."""
    why = f": {view.reason}" if view.reason else ""
    yield f"{view.at} {view.who} ({view.role}) {view.what} {view.target}{why}"
    yield f"  {view.ending or 'open'}: {view.outcome}"
    if view.look:
        yield f"  look with: {view.look}"
