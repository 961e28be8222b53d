"""``fedora-openqa history``."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.model.history import ScenarioHistory, StoredJob
from fedora_openqa.policy.history import TELLING_RESULTS, history_of, sign
from fedora_openqa.views.history import scenario_view
from fedora_openqa.views.times import duration, when
from fedora_openqa.wiring.history import open_history

#: exit statuses
KNOWN, UNKNOWN = 0, 1

#: what is shown of failed runs, at most
MOST_FAILURES = 3


@click.command()
@click.argument("test")
@click.option("--flavor", help="Only this flavor.")
@click.option("--arch", help="Only this arch.")
@click.option("--machine", help="Only this machine.")
@click.option(
    "--limit",
    type=click.IntRange(1, 500),
    default=20,
    show_default=True,
    help="Runs of each scenario, the newest first.",
)
@format_option
@click.pass_obj
def history(
    config_file: Path | None,
    *,
    test: str,
    flavor: str | None,
    arch: str | None,
    machine: str | None,
    limit: int,
    output: str,
) -> None:
    """Show the last runs of TEST, a test of openQA, in each scenario.

    A strip has the newest run first: P passed, S soft failed, F failed, I incomplete, T timed out,
    - cancelled or ended by another job, . waits or runs. Runs are known from messages and from what
    reporters and sweeps read of openQA; nothing is asked here.

    Exit status: 0 there are runs; 1 there are none; 2 wrong usage or configuration.
    """
    stored = open_history(open_config(config_file, None))
    wanted = {"flavor": flavor, "arch": arch, "machine": machine}
    found = [
        history_of(scenario, stored.runs(scenario, most=limit))
        for scenario in stored.scenarios(test)
        if all(value in (None, getattr(scenario, name)) for name, value in wanted.items())
    ]
    if output == "json":
        say_json([scenario_view(one) for one in found])
    else:
        for one in found:
            say(*describe(one))
        if not found:
            say(f"no runs of {test} are known", err=True)
    sys.exit(KNOWN if found else UNKNOWN)


def describe(one: ScenarioHistory) -> Iterator[str]:
    """Yield the lines of a scenario."""
    yield " ".join(one.scenario)
    usual = ""
    if one.usual is not None and one.long is not None:
        usual, most = (duration(timedelta(seconds=value)) for value in (one.usual, one.long))
        usual = f", usually {usual}, nine of ten within {most}"
    strip = "".join(map(sign, one.runs))
    yield f"  {strip}  {one.passed} of {one.telling} passed{usual}"
    if passed := one.last_passed:
        yield f"  passed last {when(passed.finished)} in {passed.build}, job {passed.id}"
    failed = [run for run in one.runs if run.result in TELLING_RESULTS and not run.is_ok]
    for run in failed[:MOST_FAILURES]:
        yield f"  {run.result} {when(run.finished)} in {run.build}, job {run.id}{_why(run)}"


def _why(run: StoredJob) -> str:
    parts = [", ".join(run.failed_modules), run.reason]
    text = "; ".join(part for part in parts if part)
    return f": {text}" if text else ""
