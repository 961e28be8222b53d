"""``fedora-openqa rerun``."""

import sys
from pathlib import Path

import click

from fedora_openqa.cli.common import NOTHING, open_config
from fedora_openqa.cli.options import named, split_flavors, writing_options
from fedora_openqa.cli.output import say
from fedora_openqa.cli.show_rerun import announcement, preview, show_rerun
from fedora_openqa.model.reruns import RerunRequest
from fedora_openqa.model.spelling import arch_named
from fedora_openqa.wiring.scheduling import open_reruns


@click.command()
@click.argument("subject")
@click.option("--failed", is_flag=True, help="Only jobs that failed or did not get to an end.")
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
@click.option("-f", "--force", is_flag=True, help="Restart also jobs that miss assets.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@writing_options
@click.pass_obj
def rerun(
    config_file: Path | None,
    *,
    subject: str,
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

    SUBJECT is a compose id, an update id, a URL of either, or a BUILD of openQA. Jobs that
    wait or run are left alone. The relatives are the jobs that openQA restarts along: failed
    jobs that the chosen ones wait for, all jobs that wait for these, and parallel jobs. They
    are listed before the restart.
    """
    if not (failed or flavors or tests):
        raise click.UsageError("say which jobs: --failed, --flavor or --test")
    asks = not (yes or dry_run)
    if asks and not sys.stdin.isatty():
        raise click.UsageError("nobody to ask: this is not a terminal, and there is no --yes")
    reruns = open_reruns(open_config(config_file, openqa_hostname), dry_run=dry_run)
    request = RerunRequest(
        subject=subject,
        failed=failed,
        flavors=flavors,
        tests=tests,
        arches=(arch,) if arch else (),
        machines=(machine,) if machine else (),
    )
    selection = reruns.select(request)
    # a person may decide by it, a script that says --yes has decided
    if selection.jobs and (asks or (dry_run and output == "text")):
        say(*preview(selection, reruns.estimate(selection)), err=asks)
    else:
        say(*announcement(selection), err=True)
    if selection.jobs and asks and not click.confirm("Restart them?", err=True):
        say("Nothing restarted", err=True)
        sys.exit(NOTHING)
    restarted = reruns.restart(selection, force=force)
    show_rerun(subject, selection, restarted, output=output, dry_run=dry_run)
