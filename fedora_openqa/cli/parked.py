"""``fedora-openqa parked``."""

from pathlib import Path

import click
import msgspec

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import dry_run_option, format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.model.audit import Action
from fedora_openqa.views.parked import parked_view
from fedora_openqa.views.times import when
from fedora_openqa.wiring.acting import by_command, open_acting
from fedora_openqa.wiring.operator import open_releaser
from fedora_openqa.workflows.release import Releaser

#: items of a page
LIMIT = 50


@click.group()
def parked() -> None:
    """List, inspect, release or drop parked items.

    Parked are subjects, deliveries and messages that were set aside, with a reason, until a person
    decides. KEY is what `parked list` prints: update:FEDORA-2026-1bd5f4a0c2, message:ID,
    resultsdb:BUILD.
    """


@parked.command("list")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=LIMIT,
    show_default=True,
    metavar="N",
    help="List at most N items: one page.",
)
@click.option(
    "--page",
    type=click.IntRange(1, 1_000_000),
    default=1,
    metavar="N",
    help="List the Nth page: 2 has the items after the first page.",
)
@format_option
@click.pass_obj
def list_(config_file: Path | None, *, limit: int, page: int, output: str) -> None:
    """List parked items with their reasons, the newest first.

    If there are more than one page has, standard error says how many, and how to list the next.
    """
    found = _open(config_file).page(page, limit=limit)
    if output == "json":
        say_json([parked_view(subject) for subject in found.subjects])
    else:
        for subject in found.subjects:
            say(f"{when(subject.updated)} {subject.key}: {subject.reason}")
    first = limit * (page - 1) + 1
    last = first + len(found.subjects) - 1
    if last < found.total:
        say(f"{first} to {last} of {found.total} parked items; next: --page {page + 1}", err=True)


@parked.command()
@click.argument("key")
@format_option
@click.pass_obj
def show(config_file: Path | None, *, key: str, output: str) -> None:
    """Show the parked item KEY; a message with its body."""
    subject = _open(config_file).parked(key)
    shown = msgspec.structs.asdict(parked_view(subject))
    if output == "json":
        say_json(shown | {"content": dict(subject.request)})
        return
    for name, value in (shown | dict(subject.request)).items():
        if value is not None:
            say(f"{name}: {value}")


@parked.command()
@click.argument("key")
@dry_run_option
@click.pass_obj
def release(config_file: Path | None, *, key: str, dry_run: bool) -> None:
    """Try the parked item KEY again.

    It is due at once; a message is taken in as if it had just come.

    Exit status: 0 it is released; 1 it cannot be; 2 wrong usage or configuration.
    """
    config = open_config(config_file, None)
    releaser = open_releaser(config, dry_run=dry_run)
    subject = releaser.parked(key)
    with open_acting(config, dry_run=dry_run).recorded(
        by_command(Action.RELEASE, subject.key, preview={"parked": subject.reason})
    ) as record:
        effect = releaser.release(key)
        record.done(f"released: {effect}")
    say(f"{key}: {'would be ' if dry_run else ''}released: {effect}")


@parked.command()
@click.argument("key")
@dry_run_option
@click.pass_obj
def drop(config_file: Path | None, *, key: str, dry_run: bool) -> None:
    """Skip the parked item KEY: it is not tried again.

    Exit status: 0 it is dropped; 1 it is not parked; 2 wrong usage or configuration.
    """
    config = open_config(config_file, None)
    releaser = open_releaser(config, dry_run=dry_run)
    subject = releaser.parked(key)
    with open_acting(config, dry_run=dry_run).recorded(
        by_command(Action.DROP, subject.key, preview={"parked": subject.reason})
    ) as record:
        releaser.drop(key)
        record.done("dropped")
    say(f"{key}: {'would be ' if dry_run else ''}dropped")


def _open(config_file: Path | None) -> Releaser:
    return open_releaser(open_config(config_file, None), dry_run=True)
