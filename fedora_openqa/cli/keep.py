"""``fedora-openqa keep``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config, writes_nothing
from fedora_openqa.cli.options import writing_options
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.model.audit import Action
from fedora_openqa.model.evidence import KeepRule, KeptJob, Tended, Which
from fedora_openqa.policy.subject_names import parse_build
from fedora_openqa.views.evidence import KeptBuildView, kept_build_view, tended_view
from fedora_openqa.views.times import when
from fedora_openqa.wiring.acting import by_command, open_acting
from fedora_openqa.wiring.evidence import open_evidence

#: exit statuses
DONE, NOTHING = 0, 1


@click.command()
@click.argument("subject", metavar="[SUBJECT]", required=False)
@click.option(
    "--jobs",
    type=click.Choice(["failed", "all"]),
    default="failed",
    show_default=True,
    help="Which ended jobs are kept.",
)
@click.option(
    "--days",
    type=click.FloatRange(min=0, min_open=True, max=36_500),
    default=120.0,
    show_default=True,
    help="Days from now.",
)
@click.option("--reason", help="What rests on these jobs; required to keep them.")
@click.option("--release", is_flag=True, help="Let openQA delete their results again.")
@click.option("--list", "lists", is_flag=True, help="Only list the builds with kept jobs.")
@writing_options("Print the jobs, and comment on none.")
@click.pass_obj
def keep(
    config_file: Path | None,
    *,
    subject: str | None,
    jobs: str,
    days: float,
    reason: str | None,
    release: bool,
    lists: bool,
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Let openQA keep the results of jobs that something rests on: a waiver, a decision, a bug.

    SUBJECT is the id or URL of a compose or an update, the id of a CoreOS build, or a BUILD of
    openQA. Its jobs are those that the store knows. Each gets a comment that begins with
    label:linked: openQA's clean-up then treats it as important. --release edits that comment.
    Sweeps do both by themselves with [evidence] enabled, for the builds that its rules name, and
    release what a person has kept once its time is over. Files of openQA's assets are not kept.

    Exit status: 0 done; 1 openQA took not all, or there are no such jobs; 2 wrong usage or
    configuration.
    """
    if lists == bool(subject):
        raise click.UsageError("give a SUBJECT or --list")
    if subject and not release and not reason:
        raise click.UsageError("--reason says what rests on these jobs")
    config = open_config(config_file, openqa_hostname)
    dry_run = writes_nothing(config, dry_run=dry_run) or lists
    evidence = open_evidence(config, dry_run=dry_run)
    if lists:
        views = [kept_build_view(one) for one in evidence.kept.builds()]
        say_json(views) if output == "json" else say(*map(describe, views))
        sys.exit(DONE)
    build = parse_build(subject or "")
    intent = by_command(
        Action.UNKEEP if release else Action.KEEP,
        build,
        reason=reason or "",
        preview={"days": days},
    )
    chosen: tuple[KeptJob, ...] = ()
    if not release:
        rule = KeepRule(Which(jobs), days)
        chosen = evidence.plan(build, rule, by=intent.who, reason=intent.reason)
        if not chosen:
            which = "ended" if rule.jobs is Which.ALL else "failed"
            say(f"the store knows no {which} jobs of {build}", err=True)
            sys.exit(NOTHING)
    with open_acting(config, dry_run=dry_run).recorded(intent) as record:
        tended = evidence.release(build) if release else evidence.keep(chosen)
        if tended.kept or tended.released:
            record.done(summary(tended))
        else:
            record.nothing(summary(tended))
    if output == "json":
        say_json(tended_view(build, tended, dry_run=dry_run))
    else:
        say(*report(build, tended, chosen, dry_run=dry_run))
    if chosen and not dry_run and not config.evidence.enabled:
        say("[evidence] enabled is false: no sweep releases them, `keep --release` does", err=True)
    sys.exit(NOTHING if tended.failed or not (tended.kept or tended.released) else DONE)


def describe(view: KeptBuildView) -> str:
    """Return the line of a build with kept jobs."""
    open_ = f" ({view.open} to do)" if view.open else ""
    why = f"{view.by or 'by rule'}: {view.reason}"
    return f"{view.build}: {view.jobs} jobs{open_} until {view.until}, {why}"


def report(
    build: str, tended: Tended, chosen: tuple[KeptJob, ...], *, dry_run: bool
) -> Iterator[str]:
    """Yield the lines about what was done."""
    would = "would be " if dry_run else ""
    if tended.kept:
        ids = ", ".join(map(str, tended.kept))
        until = when(max(job.until for job in chosen))
        yield f"{build}: {would}kept until {until}: jobs {ids}"
    if tended.released:
        yield f"{build}: {would}released: jobs {', '.join(map(str, tended.released))}"
    if tended.gone:
        yield f"{build}: openQA no longer has jobs {', '.join(map(str, tended.gone))}"
    for job_id, reason in tended.failed:
        yield f"job {job_id}: {reason}"
    if tended == Tended():
        yield f"{build}: nothing to do"


def summary(tended: Tended) -> str:
    """Return what came of it, for the audit."""
    numbers = {
        "kept": tended.kept,
        "released": tended.released,
        "gone": tended.gone,
        "failed": tended.failed,
    }
    return ", ".join(f"{len(jobs)} {name}" for name, jobs in numbers.items() if jobs) or "no jobs"
