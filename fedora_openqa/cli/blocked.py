"""``fedora-openqa blocked``."""

import sys
import time
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import DONE, NOTHING, PARTLY, open_config, writes_nothing
from fedora_openqa.cli.options import as_seconds, writing_options
from fedora_openqa.cli.output import progress, say, say_json, say_table
from fedora_openqa.cli.report import as_json as report_as_json
from fedora_openqa.cli.report import describe as describe_report
from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import ManualDelivery
from fedora_openqa.model.gating import BlockedUpdates
from fedora_openqa.policy.links import subject_link
from fedora_openqa.wiring.deliver import open_by_hand
from fedora_openqa.wiring.gating import open_gating

HEADINGS = ("UPDATE", "TEST CASE", "SCENARIO", "JOB", "RESULT")


@click.command()
@click.option(
    "--report",
    "to_report",
    is_flag=True,
    help="Send these results to ResultsDB.",
)
@click.option(
    "--since",
    "seconds",
    metavar="TIME",
    default="14d",
    show_default=True,
    callback=as_seconds,
    help="Look at updates submitted in this time: 24h, 14d.",
)
@writing_options("With --report: send nothing; print the results that would be sent.")
@click.pass_obj
def blocked(
    config_file: Path | None,
    *,
    to_report: bool,
    seconds: float,
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Find updates whose gating waits for a result that openQA has and ResultsDB lacks.

    What gating requires of one update is shown by `gating`.

    Exit status: 0 all waiting updates were looked at, and with --report all such results were
    sent; 1 none could be; 2 wrong usage or configuration; 3 some could not be.
    """
    config = open_config(config_file, openqa_hostname)
    dry_run = writes_nothing(config, dry_run=dry_run)
    with progress() as show:
        found = open_gating(config).find_blocked(since=time.time() - seconds, progress=show)
    if output == "text":
        if rows := rows_of(found):
            say_table(HEADINGS, rows)
        if config.web.url:
            say(*(f"Page: {subject_link(config.web.url, it.update.alias)}" for it in found.blocked))
        say(f"Waiting: {found.waiting}, for results that openQA has: {len(found.blocked)}")
    sent = (
        report_jobs(config, found.job_ids, dry_run=dry_run) if to_report and found.job_ids else ()
    )
    if output == "json":
        reports = [row for one in sent for row in report_as_json(one)]
        say_json(as_json(found) | {"reports": reports})
    elif sent:
        say(*describe_report({"resultsdb": sent}, only_show=dry_run))
    say(*complaints(found, sent), err=True)
    sys.exit(exit_status(found, sent))


def report_jobs(
    config: Config, job_ids: Iterable[int], *, dry_run: bool
) -> tuple[ManualDelivery, ...]:
    """Send the results of jobs to ResultsDB, as ``fedora-openqa report`` does."""
    with progress() as show:
        reports = open_by_hand(config, progress=show)
        return reports.deliver_resultsdb(reports.select([*map(str, job_ids)]), dry_run=dry_run)


def complaints(found: BlockedUpdates, sent: Iterable[ManualDelivery]) -> Iterator[str]:
    """Yield a line for each update and each job that failed, with the reason."""
    for failure in found.failed:
        yield f"Failed: {failure.alias}: {failure.reason}"
    if found.left:
        yield f"Not looked at: {len(found.left)} updates"
    for one in sent:
        if one.failure:
            yield f"Failed: job {one.job_id}: {one.failure}"


def exit_status(found: BlockedUpdates, sent: Collection[ManualDelivery]) -> int:
    """Return whether all, some or none of it was done."""
    missed = len(found.failed) + len(found.left)
    failed = sum(bool(one.failure) for one in sent)
    if (missed and missed == found.waiting) or (failed and failed == len(sent)):
        return NOTHING
    return PARTLY if missed or failed else DONE


def as_json(found: BlockedUpdates) -> dict[str, object]:
    """Return what ``--format json`` prints."""
    return {
        "waiting": found.waiting,
        "blocked": [
            {
                "update": one.update.alias,
                "testcase": it.requirement.testcase,
                "scenario": it.requirement.scenario,
                "state": str(it.requirement.state),
                "job": it.job and it.job.id,
                "result": it.job and it.job.result,
            }
            for one in found.blocked
            for it in one.standings
        ],
        "jobs": list(found.job_ids),
        "failed": [{"update": it.alias, "reason": it.reason} for it in found.failed],
        "left": list(found.left),
    }


def rows_of(found: BlockedUpdates) -> list[tuple[str, ...]]:
    """Return a row for each requirement that openQA has a result for."""
    return [
        (
            one.update.alias,
            it.requirement.testcase,
            it.requirement.scenario or "any",
            str(it.job.id),
            it.job.result,
        )
        for one in found.blocked
        for it in one.standings
        if it.job
    ]
