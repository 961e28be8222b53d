"""``fedora-openqa rerun``."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn

import click

from fedora_openqa.cli.common import (
    DONE,
    NOTHING,
    PARTLY,
    counted,
    open_config,
    ranges,
    writes_nothing,
)
from fedora_openqa.cli.options import named, split_flavors, writing_options
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.model.audit import Action
from fedora_openqa.model.jobs import Job
from fedora_openqa.model.reruns import Estimate, Rerun, RerunRequest, Selection
from fedora_openqa.model.spelling import arch_named
from fedora_openqa.policy.reruns import requests_for
from fedora_openqa.views.times import duration
from fedora_openqa.wiring.acting import by_command, open_acting
from fedora_openqa.wiring.failures import open_failures
from fedora_openqa.wiring.scheduling import open_reruns
from fedora_openqa.workflows.acting import conclude, rerun_preview

#: jobs that are restarted for one cause, at most
MOST = 100


@click.command()
@click.argument("subject", required=False)
@click.option(
    "--cluster",
    type=int,
    metavar="ID",
    help="Only jobs of these failures with one cause, in all their builds; see `failures`.",
)
@click.option(
    "--most",
    type=click.IntRange(1),
    default=MOST,
    show_default=True,
    metavar="N",
    help="With --cluster: restart nothing if it would be more than N jobs.",
)
@click.option("--failed", is_flag=True, help="Only jobs that failed or are incomplete.")
@click.option(
    "--flavor",
    "flavors",
    multiple=True,
    callback=split_flavors,
    metavar="F",
    help="Only this flavor, with or without updates-; may be given several times.",
)
@click.option(
    "--test",
    "tests",
    multiple=True,
    callback=split_flavors,
    metavar="T",
    help="Only this test; may be given several times.",
)
@click.option("-a", "--arch", metavar="ARCH", callback=named(arch_named), help="Only this arch.")
@click.option("--machine", metavar="M", help="Only this machine.")
@click.option("-f", "--force", is_flag=True, help="Restart also jobs whose assets are missing.")
@click.option("-y", "--yes", is_flag=True, help="Restart without asking.")
@writing_options("Restart nothing; print the jobs that would be restarted.")
@click.pass_obj
def rerun(
    config_file: Path | None,
    *,
    subject: str | None,
    cluster: int | None,
    most: int,
    failed: bool,
    flavors: tuple[str, ...],
    tests: tuple[str, ...],
    arch: str | None,
    machine: str | None,
    force: bool,
    yes: bool,
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Restart jobs that SUBJECT already has, with their relatives.

    At least one of --failed, --flavor and --test is required; without a terminal also --yes.

    SUBJECT is the id or URL of a compose or an update, the id of a CoreOS build, or a BUILD of
    openQA. Jobs that wait or run are not restarted. Relatives are the jobs that openQA restarts
    along: failed parents, all children of these, and parallel jobs. They are listed before the
    restart.

    With --cluster instead of SUBJECT, the jobs that failed with one cause are restarted, each
    once. Left alone are those whose scenario has a newer job, as after a restart.
    """
    _check_usage(subject, cluster, is_chosen=bool(failed or flavors or tests))
    config = open_config(config_file, openqa_hostname)
    dry_run = writes_nothing(config, dry_run=dry_run)
    asks = not (yes or dry_run)
    if asks and not sys.stdin.isatty():
        raise click.UsageError("cannot ask: standard input is no terminal; use --yes")
    reruns = open_reruns(config, dry_run=dry_run)
    request = RerunRequest(
        subject=subject or "",
        failed=failed,
        flavors=flavors,
        tests=tests,
        arches=(arch,) if arch else (),
        machines=(machine,) if machine else (),
    )
    requests = [request]
    if cluster is not None:
        requests = requests_for(open_failures(config).find(cluster), request)
    selections = [reruns.select(one) for one in requests]
    number = sum(len(one.jobs) + len(one.along) for one in selections)
    if cluster is not None and number > most:
        raise click.UsageError(f"it would be {counted(number, 'job')}; --most {number} allows it")
    for selection in selections:
        # a script with --yes needs no preview
        if selection.jobs and (asks or (dry_run and output == "text")):
            say(*preview(selection, reruns.estimate(selection)), err=asks)
        else:
            say(*announcement(selection), err=True)
    if number and asks and not click.confirm("Restart them?", err=True):
        say("Nothing restarted", err=True)
        sys.exit(NOTHING)
    ended = []
    for selection in selections:
        restarted = Rerun({}, refused=selection.held)
        if selection.jobs:
            with open_acting(config, dry_run=dry_run).recorded(
                by_command(Action.RERUN, selection.build, preview=rerun_preview(selection))
            ) as record:
                restarted = reruns.restart(selection, force=force)
                conclude(record, restarted)
        ended.append((selection, restarted))
    show_reruns(subject, ended, output=output, dry_run=dry_run)


def _check_usage(subject: str | None, cluster: int | None, *, is_chosen: bool) -> None:
    if (subject is None) is (cluster is None):
        raise click.UsageError("name a SUBJECT, or failures with --cluster")
    if subject and not is_chosen:
        raise click.UsageError("choose jobs with --failed, --flavor or --test")


def preview(selection: Selection, estimate: Estimate) -> list[str]:
    """Return a line for each product with its jobs, and the time that they usually take."""
    return [
        *_by_product(selection.jobs),
        *announcement(selection),
        f"{selection.build}: {summary(selection, estimate)}",
    ]


def announcement(selection: Selection) -> list[str]:
    """Return a line for each product with the relatives that openQA restarts along."""
    return [f"Restarted along: {line}" for line in _by_product(selection.along)]


def summary(selection: Selection, estimate: Estimate) -> str:
    """Return the number of jobs and the time that they usually take."""
    words = [counted(len(selection.jobs), "job")]
    if selection.along:
        words[0] += f" and {len(selection.along)} restarted along"
    total = len(selection.jobs) + len(selection.along)
    if estimate.unknown < total:
        words.append(f"usually {duration(estimate.total)} in all")
        words.append(f"the longest {duration(estimate.longest)}")
    if estimate.unknown:
        words.append(f"{estimate.unknown} without history")
    return ", ".join(words)


def show_reruns(
    subject: str | None,
    ended: Sequence[tuple[Selection, Rerun]],
    *,
    output: str,
    dry_run: bool,
) -> NoReturn:
    """Print the restarted jobs and exit.

    :param subject: as it was typed; None: jobs of several builds were asked for
    """
    if output == "json":
        shown = [as_json(subject or one.build, one, rerun) for one, rerun in ended]
        say_json(shown[0] if subject else shown)
    elif copies := {old: new for _, rerun in ended for old, new in rerun.copies.items()}:
        if dry_run:
            say(f"Would restart {counted(len(copies), 'job')}")
        else:
            for old, new in copies.items():
                say(f"{old} -> {new}")
            new_ids = {new for new in copies.values() if new is not None}
            say(f"Restarted jobs: {ranges(new_ids)}")
    for selection, rerun in ended:
        of = "" if subject else f"{selection.build}: "
        say(*(f"{of}{line}" for line in complaints(selection, rerun)), err=True)
    if not any(rerun.copies for _, rerun in ended):
        sys.exit(NOTHING)
    sys.exit(PARTLY if any(rerun.refused for _, rerun in ended) else DONE)


def as_json(subject: str, selection: Selection, rerun: Rerun) -> dict[str, object]:
    """Return what ``--format json`` prints."""
    return {
        "subject": subject,
        "build": selection.build,
        "restarted": {str(old): new for old, new in rerun.copies.items()},
        "refused": [{"job": it.job.id, "reason": it.reason} for it in rerun.refused],
    }


def complaints(selection: Selection, rerun: Rerun) -> list[str]:
    """Return a line for each reason not to restart jobs."""
    lines = []
    if not rerun.copies:
        lines.append("Nothing restarted" + (f": {selection.reason}" if selection.reason else ""))
    if selection.pending and not selection.reason:
        lines.append(f"Left alone: {counted(selection.pending, 'job')} that wait or run")
    if selection.renewed:
        scenarios = counted(len(selection.renewed), "job")
        lines.append(f"Left alone: {scenarios} whose scenario has a newer one")
    by_reason: dict[str, list[str]] = {}
    for it in rerun.refused:
        by_reason.setdefault(it.reason, []).append(f"{it.job.id} {_short(it.job)}")
    lines += [f"Refused: {', '.join(names)}: {reason}" for reason, names in by_reason.items()]
    if rerun.enforceable:
        lines.append("(--force restarts these nevertheless)")
    return lines + [f"Warning: {warning}" for warning in rerun.warnings]


def _by_product(jobs: Iterable[Job]) -> list[str]:
    by_product: dict[str, list[str]] = {}
    for job in jobs:
        named = f"{job.id} {_short(job)} ({_outcome(job)})"
        by_product.setdefault(f"{job.flavor} {job.arch}", []).append(named)
    return [f"{product}: {', '.join(names)}" for product, names in sorted(by_product.items())]


def _short(job: Job) -> str:
    return f"{job.test}@{job.machine}"


def _outcome(job: Job) -> str:
    return job.result if job.result != "none" else job.state
