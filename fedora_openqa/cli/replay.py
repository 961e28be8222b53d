"""``fedora-openqa replay``."""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from fedora_openqa.cli.common import counted, open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import progress, say, say_json
from fedora_openqa.config import Config
from fedora_openqa.gateways.recordings import parse_recordings, read_plan, read_recordings
from fedora_openqa.model.recordings import PlanChange, PlannedProduct, PlannedSubject, Recording
from fedora_openqa.policy.plan_diff import compare_plans
from fedora_openqa.wiring.replay import open_intake, open_planner


@click.command()
@click.argument("source", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--plan", is_flag=True, help="Store and post nothing; print the products that would be posted."
)
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    help="With --plan: print the differences from this plan, which --format json printed earlier.",
)
@click.option(
    "--dry-run", is_flag=True, help="Store nothing; print which messages would make new work."
)
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
    fedora-messaging records them, or an answer of Datagrepper.
    """
    if against and not plan:
        raise click.UsageError("--against needs --plan")
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


def replay_messages(
    config: Config, recordings: Sequence[Recording], *, dry_run: bool, output: str
) -> NoReturn:
    """Take messages in; exit with 0 if any of them made new work, else with 1.

    Raises:
        ServiceUnavailableError: the database is away; messages printed as new are stored.
    """
    intake = open_intake(config, dry_run=dry_run)
    new = 0
    for recording in recordings:
        taken = intake.take(recording.topic, recording.body, message_id=recording.id)
        new += taken
        if output == "text":
            word = ("would be new" if dry_run else "new") if taken else "nothing new"
            say(f"{recording.id}: {recording.topic}: {word}")
    if output == "json":
        say_json({"messages": len(recordings), "new": new})
    else:
        say(f"{counted(len(recordings), 'message')}, {new} with new work")
    sys.exit(0 if new else 1)


def show_plan(
    config: Config,
    recordings: Sequence[Recording],
    *,
    earlier: Sequence[PlannedProduct] | None,
    output: str,
) -> None:
    """Print the products that messages lead to, or how they differ from an earlier plan."""
    planner = open_planner(config)
    planned = []
    with progress() as show:
        for number, recording in enumerate(recordings, start=1):
            show(number, len(recordings))
            planned.append(planner.plan(recording))
    products = [product for subject in planned for product in subject.products]
    if earlier is not None:
        _show_changes(compare_plans(earlier, products), output=output)
    elif output == "json":
        say_json([_row(product) for product in products])
    else:
        _show_subjects(planned)
        say(f"{counted(len(recordings), 'message')}: {counted(len(products), 'product')}")


def _show_subjects(planned: Sequence[PlannedSubject]) -> None:
    for subject in planned:
        name = subject.subject or f"{subject.message_id} ({subject.topic})"
        if subject.reason:
            say(f"{name}: {subject.reason}")
        else:
            flavors = ", ".join(f"{p.flavor} {p.arch}" for p in subject.products)
            say(f"{name}: {counted(len(subject.products), 'product')}: {flavors}")


def _show_changes(changes: Sequence[PlanChange], *, output: str) -> None:
    if output == "json":
        rows = [
            {
                "subject": change.subject,
                "flavor": change.flavor,
                "arch": change.arch,
                "sign": change.sign,
                "settings": list(change.settings),
            }
            for change in changes
        ]
        say_json(rows)
        return
    for change in changes:
        differing = f": {', '.join(change.settings)}" if change.settings else ""
        say(f"{change.sign} {change.subject} {change.flavor} {change.arch}{differing}")
    signs = Counter(change.sign for change in changes)
    say(f"+{signs['+']} products, -{signs['-']}, {signs['~']} with other settings")


def _row(product: PlannedProduct) -> dict[str, object]:
    return {
        "subject": product.subject,
        "flavor": product.flavor,
        "arch": product.arch,
        "settings": dict(product.settings),
    }
