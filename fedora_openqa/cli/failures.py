"""``fedora-openqa failures``."""

from collections.abc import Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import counted, open_config
from fedora_openqa.cli.options import dry_run_option, format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.errors import PermanentError
from fedora_openqa.model.audit import Action
from fedora_openqa.model.failures import Decision, FailureKind, FailureState
from fedora_openqa.policy.causes import state_of
from fedora_openqa.policy.failure_names import reason_not_to_name
from fedora_openqa.policy.failure_rules import (
    problem_of,
    reason_not_to_keep,
    rule_named,
    said_of,
)
from fedora_openqa.texts import one_line
from fedora_openqa.views.failures import (
    ClusterView,
    HintView,
    MemberView,
    cluster_story_view,
    cluster_view,
    rule_views,
)
from fedora_openqa.wiring.acting import by_command, open_acting
from fedora_openqa.wiring.failures import open_failures

#: names of tests that are shown of a cluster
MOST_TESTS = 8

kinds = click.Choice([kind.value for kind in FailureKind])


@click.group(invoke_without_command=True)
@click.option("--release", metavar="R", help="Only of this release: 43, Rawhide.")
@click.option("--kind", type=kinds, help="Only of this kind.")
@click.option(
    "--state",
    type=click.Choice([*(state.value for state in FailureState), "all"]),
    default=FailureState.OPEN.value,
    show_default=True,
    help="Only in this state.",
)
@format_option
@click.pass_context
def failures(
    ctx: click.Context, *, release: str | None, kind: str | None, state: str, output: str
) -> None:
    """List failed jobs that seem to have one cause.

    Alone, the command lists what failed in the last 14 days. Failures are one cluster if they fail
    in the same modules, or with the same reason, and their scenarios did not until the same build;
    or if workers, network or openQA failed at the same time. It has at least two builds or three
    tests. Its ID is that of its oldest job; the id of any of its jobs finds it, too.

    A cluster is open while jobs fail with it, over 36 hours after the last, closed if a person says
    so. Nothing of it changes a result or waives anything.
    """
    if ctx.invoked_subcommand:
        return
    seen = open_failures(open_config(ctx.obj, None)).look()
    shown = [
        view
        for view in (cluster_view(cluster, of) for cluster, of in seen.clusters)
        if state in ("all", view.state)
        and release in (None, view.release)
        and kind in (None, view.kind)
    ]
    shown.sort(key=lambda view: view.last_seen or "", reverse=True)
    if output == "json":
        say_json(shown)
        return
    for view in shown:
        say(*describe(view))
    if not shown:
        say("no such failures", err=True)


@failures.command()
@click.argument("id", type=int)
@format_option
@click.pass_obj
def show(config_file: Path | None, *, id: int, output: str) -> None:  # noqa: A002 - the argument's name
    """Show the failures ID with all their jobs.

    Exit status: 0 they are shown; 1 no such failures are known.
    """
    desk = open_failures(open_config(config_file, None))
    cluster, now = desk.find(id), desk.failures.now()
    story = cluster_story_view(
        cluster, state_of(cluster, now=now), hints=desk.hints(cluster), now=now
    )
    if output == "json":
        say_json(story)
        return
    say(*describe(story.cluster))
    for member in story.members:
        say(f"  {_member(member)}")


@failures.command()
@click.argument("id", type=int)
@click.argument("title")
@dry_run_option
@click.pass_obj
def name(config_file: Path | None, *, id: int, title: str, dry_run: bool) -> None:  # noqa: A002
    """Give the failures ID a TITLE; an empty one takes it away."""
    line = one_line(" ".join(title.split()))
    if problem := reason_not_to_name(line, ""):
        raise click.UsageError(problem)
    _decide(config_file, id, Decision(f"title: {line}", title=line), dry_run=dry_run)


@failures.command()
@click.argument("id", type=int)
@click.argument("url")
@dry_run_option
@click.pass_obj
def bug(config_file: Path | None, *, id: int, url: str, dry_run: bool) -> None:  # noqa: A002
    """Link the failures ID with the bug at URL; an empty one takes the link away."""
    if problem := reason_not_to_name("", url):
        raise click.UsageError(problem)
    _decide(config_file, id, Decision(f"bug: {url}", bug=url), dry_run=dry_run)


@failures.command()
@click.argument("id", type=int)
@click.argument("kind", type=kinds)
@dry_run_option
@click.pass_obj
def kind(config_file: Path | None, *, id: int, kind: str, dry_run: bool) -> None:  # noqa: A002
    """Say where the cause of the failures ID is.

    KIND: product, what is tested; test, the code of the test; infra, workers, network or openQA.
    """
    decision = Decision(f"kind: {kind}", kind=FailureKind(kind))
    _decide(config_file, id, decision, dry_run=dry_run)


@failures.command()
@click.argument("id", type=int)
@dry_run_option
@click.pass_obj
def close(config_file: Path | None, *, id: int, dry_run: bool) -> None:  # noqa: A002
    """Close the failures ID: they are dealt with.

    They are open again when another job fails with them.
    """
    _decide(config_file, id, Decision("closed", close=True), dry_run=dry_run)


@failures.command()
@click.argument("id", type=int)
@click.option("--job", "jobs", type=int, multiple=True, help="Only this job; several times.")
@click.option("--test", help="Only jobs of this test.")
@click.option("--flavor", help="Only jobs of this flavor.")
@click.option("--arch", help="Only jobs of this arch.")
@click.option("--machine", help="Only jobs of this machine.")
@dry_run_option
@click.pass_obj
def split(
    config_file: Path | None,
    *,
    id: int,  # noqa: A002
    jobs: tuple[int, ...],
    test: str | None,
    flavor: str | None,
    arch: str | None,
    machine: str | None,
    dry_run: bool,
) -> None:
    """Split some jobs off the failures ID: they have another cause.

    They get an id of their own; what fails later in the same scenarios and the same way belongs to
    them. The oldest job cannot be split off: split off the others.
    """
    wanted = {"test": test, "flavor": flavor, "arch": arch, "machine": machine}
    if not (jobs or any(wanted.values())):
        raise click.UsageError("choose jobs with --job, --test, --flavor, --arch or --machine")
    desk = open_failures(open_config(config_file, None))
    cluster = desk.find(id)
    chosen = [
        run.job.id
        for run in cluster.runs
        if (not jobs or run.job.id in jobs)
        and all(value in (None, getattr(run.job.scenario, name)) for name, value in wanted.items())
    ]
    if not chosen:
        raise click.UsageError(f"none of its {counted(len(cluster.runs), 'job')} is chosen")
    if cluster.id in chosen:
        raise click.UsageError(f"job {cluster.id} is the oldest: split off the others")
    said = f"split off: {counted(len(chosen), 'job')}, as {chosen[0]}"
    _decide(config_file, id, Decision(said, apart=tuple(chosen)), dry_run=dry_run)


@failures.command()
@click.argument("text")
@click.option("--title", default="", help="What these failures are called.")
@click.option("--bug", metavar="URL", default="", help="The bug behind them.")
@click.option("--test", default="", help="Only jobs of this test.")
@click.option("--arch", default="", help="Only jobs on this arch.")
@dry_run_option
@click.pass_obj
def rule(
    config_file: Path | None,
    *,
    text: str,
    title: str,
    bug: str,
    test: str,
    arch: str,
    dry_run: bool,
) -> None:
    """Name all failures with TEXT in a failed module or in openQA's reason, in any case.

    The jobs of the last 30 days that have it are counted first. A text is refused if no failed job
    has it, or if more than 10 % of the jobs that have it passed. A rule names a cluster if half of
    its jobs have the text; what a person said of that cluster counts more, and of several rules the
    oldest. No result changes.
    """
    made = rule_named(text, title=title, bug=bug, test=test, arch=arch)
    if problem := problem_of(made):
        raise click.UsageError(problem)
    config = open_config(config_file, None)
    desk = open_failures(config)
    found = desk.preview(made)
    say(f"{said_of(made, found)}.")
    if problem := reason_not_to_keep(found):
        raise PermanentError(problem)
    intent = by_command(Action.RULE, made.text, preview={"failed": found.failed})
    with open_acting(config, dry_run=dry_run).recorded(intent) as record:
        said = "stored" if dry_run else f"stored as rule {desk.add_rule(made)}"
        record.done(said)
    say(f"Would be {said}" if dry_run else said.capitalize())


@failures.command()
@format_option
@click.pass_obj
def rules(config_file: Path | None, *, output: str) -> None:
    """List the rules that name failures, and how many clusters of the last 14 days each names."""
    views = rule_views(open_failures(open_config(config_file, None)).look())
    if output == "json":
        say_json(views)
        return
    for view in views:
        only = "".join(f", only {it}" for it in (view.test, view.arch) if it)
        named = ", ".join(it for it in (view.title, view.bug) if it)
        say(f"{view.id} {view.text}{only}: {named}")
        say(f"  names {counted(view.clusters, 'cluster')}; made {view.at} by {view.by}")
    if not views:
        say("no rules", err=True)


@failures.command()
@click.argument("id", type=int)
@dry_run_option
@click.pass_obj
def unrule(config_file: Path | None, *, id: int, dry_run: bool) -> None:  # noqa: A002
    """Remove the rule ID: what it names loses its title and bug."""
    config = open_config(config_file, None)
    desk = open_failures(config)
    text = desk.rule(id).text
    with open_acting(config, dry_run=dry_run).recorded(
        by_command(Action.UNRULE, str(id))
    ) as record:
        if not dry_run:
            desk.failures.remove_rule(id)
        record.done(f"removed: {text}")
    say(f"{'Would remove' if dry_run else 'Removed'} rule {id}: {text}")


def _decide(config_file: Path | None, job_id: int, decision: Decision, *, dry_run: bool) -> None:
    """Store a decision about the failures with a job, and print it."""
    config = open_config(config_file, None)
    desk = open_failures(config)
    cluster = desk.find(job_id)
    intent = by_command(Action.NAME, str(cluster.id), preview={"decision": decision.said})
    with open_acting(config, dry_run=dry_run).recorded(intent) as record:
        if not dry_run:
            desk.decide(cluster, decision)
        record.done(decision.said)
    say(f"{'Would decide: ' if dry_run else ''}{cluster.id}: {decision.said}")


def describe(view: ClusterView) -> Iterator[str]:
    """Yield the lines of a cluster."""
    release = f"{view.release} " if view.release else ""
    yield f"{view.id} {view.title} ({release}{view.kind}, {view.state})"
    if view.title != view.signatures[0] or len(view.signatures) > 1:
        yield f"  fails: {'; '.join(view.signatures)}"
    tests = ", ".join(view.tests[:MOST_TESTS])
    more = len(view.tests) - MOST_TESTS
    yield f"  {counted(len(view.tests), 'test')}: {tests}{f' and {more} more' if more > 0 else ''}"
    yield (
        f"  {counted(view.jobs, 'job')} of {counted(len(view.builds), 'build')}"
        f" on {', '.join(view.arches)}; first {view.first_seen}, last {view.last_seen}"
    )
    if view.hints:
        yield f"  {'; '.join(map(_fact, view.hints))}"
    if view.bug:
        yield f"  bug: {view.bug}"
    if view.closed:
        yield f"  closed {view.closed} by {view.by}"


def _fact(hint: HintView) -> str:
    others = f" ({hint.others_passed} of {hint.others} others passed)" if hint.others else ""
    return f"{hint.what} {hint.value}: {hint.count} of {hint.of}{others}"


def _member(member: MemberView) -> str:
    run = member.run
    where = f"{member.test} {member.flavor} {member.arch} {member.machine}"
    why = "; ".join(part for part in (", ".join(run.failed_modules), run.reason) if part)
    before = f", passed before in {member.passed_in}" if member.passed_in else ""
    return f"{run.id} {run.result} {run.finished} in {run.build}: {where}: {why}{before}"
