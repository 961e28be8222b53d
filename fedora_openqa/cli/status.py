"""``fedora-openqa status``."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.explain import describe_absence
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json, say_table
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.model.health import Level, Process
from fedora_openqa.model.stories import Status
from fedora_openqa.views.status import status_view
from fedora_openqa.views.times import ago, when
from fedora_openqa.wiring.operator import open_explainer

#: columns of the table of lanes
COUNTS = ("due", "waiting", "leased", "scheduled", "reported", "skipped", "parked")


@click.command()
@click.option("--check", is_flag=True, help="Print one line for monitoring: OK or the problems.")
@format_option
@click.pass_obj
def status(config_file: Path | None, *, check: bool, output: str) -> None:
    """Show lanes, pauses, processes, their last messages, and what a person should look at.

    Exit status: 0; with --check 0 OK; 1 WARNING; 2 CRITICAL, or the store does not answer.
    """
    if check:
        check_health(config_file)
    found = open_explainer(open_config(config_file, None)).status()
    if output == "json":
        say_json(status_view(found))
    else:
        say_table(["lane", *COUNTS, "oldest"], rows_of(found))
        say(*describe(found))


def check_health(config_file: Path | None) -> NoReturn:
    """Print one line, and exit as plugins of monitoring systems do."""
    try:
        problems = open_explainer(open_config(config_file, None)).problems()
    except FedoraOpenQAError as exc:
        say(f"{Level.CRITICAL.name}: {exc}")
        sys.exit(Level.CRITICAL)
    level = max((one.level for one in problems), default=Level.OK)
    texts = "; ".join(one.text for one in problems) or "nothing is stuck, parked or away"
    say(f"{level.name}: {texts}")
    sys.exit(level)


def rows_of(status: Status) -> list[list[str]]:
    """Return a row for each lane."""
    return [
        [lane.lane, *(str(getattr(lane, name)) for name in COUNTS), ago(lane.oldest, status.now)]
        for lane in status.lanes
    ]


def describe(status: Status) -> Iterator[str]:
    """Yield the lines about pauses, messages and sweeps."""
    for name, reason in status.configured.items():
        yield f"Paused by the configuration: {name}: {reason}"
    for pause in status.pauses:
        until = "" if pause.until is None else f" until {when(pause.until)}"
        since = ago(pause.since, status.now)
        yield f"Paused by {pause.by} {since}{until}: {pause.lane}: {pause.reason}"
    yield from map(describe_absence, status.absences)
    for process in status.processes:
        yield from _describe_process(process, status.now)
    for problem in status.problems:
        yield f"{'Problem' if problem.level is Level.CRITICAL else 'Warning'}: {problem.text}"
    yield f"Last message: {ago(status.last_message, status.now)}"
    yield f"Last sweep: {ago(status.last_sweep, status.now)}"
    for one in status.sweeps:
        counts = ", ".join(f"{number} {name}" for name, number in one.counts.items())
        yield f"  {one.name} {ago(one.at, status.now)}: {counts}"


def _describe_process(process: Process, now: float) -> Iterator[str]:
    lanes = ", ".join(process.lanes) or "no lane"
    yield (
        f"Process {process.name}, version {process.version}, since {when(process.started)}:"
        f" works on {lanes}"
    )
    for topic, heard in process.topics.items():
        yield f"  {topic}: last message {ago(heard.last, now)}"
