"""``fedora-openqa gating``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.gating import Gated, Remedy, RequirementState, Standing
from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.gating import Push, subject_of
from fedora_openqa.policy.links import subject_link
from fedora_openqa.views.gating import commands_for, gating_view, required_build
from fedora_openqa.wiring.gating import open_gating

#: exit statuses
SATISFIED, NOT_SATISFIED = 0, 1


def check_subject(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Check that a value is the id or the URL of an update or a compose."""
    try:
        subject_of(value)
    except SubjectError as exc:
        raise click.BadParameter(str(exc)) from exc
    return value


@click.command()
@click.argument("subject", callback=check_subject)
@click.option(
    "--context",
    type=click.Choice(["testing", "stable"]),
    help="The push of an update that gating decides about (default: by its status and request,"
    " as Bodhi does).",
)
@click.option(
    "--openqa-hostname",
    metavar="HOST",
    help="openQA server: host, host:port or URL (default: the configured one, or the"
    " first in client.conf).",
)
@format_option
@click.pass_obj
def gating(
    config_file: Path | None,
    *,
    subject: str,
    context: str | None,
    openqa_hostname: str | None,
    output: str,
) -> None:
    """Show which tests gating requires of SUBJECT, the jobs for them, and what to do.

    SUBJECT is the id or URL of an update or a compose. Greenwave is asked as Bodhi asks it: about
    each build of an update and the update itself. Below each unmet requirement are the commands
    that can satisfy it.

    Exit status: 0 gating is satisfied; 1 it is not, or a service does not answer; 2 wrong usage
    or configuration.
    """
    config = open_config(config_file, openqa_hostname)
    found = open_gating(config).look(subject, Push(context) if context else None)
    if output == "json":
        say_json(gating_view(found))
    else:
        say(*describe(found))
        if link := subject_link(config.web.url, found.question.subject):
            say(f"Page: {link}")
    sys.exit(SATISFIED if found.decision.satisfied else NOT_SATISFIED)


def describe(gated: Gated) -> Iterator[str]:
    """Yield a line for each requirement, unmet ones first, with the commands that help below it."""
    for one in gated.standings:
        yield _line(one)
        for command in commands_for(one, gated):
            yield f"  {command}"
    verdict = "satisfied" if gated.decision.satisfied else "not satisfied"
    yield f"{gated.question.subject}: {verdict}: {gated.decision.summary}"


def _line(one: Standing) -> str:
    requirement = one.requirement
    # a requirement that is not about a test has only a type
    name = " ".join(filter(None, (requirement.testcase, requirement.scenario))) or requirement.type
    if build := required_build(one):
        name = f"{name} of {build}"
    words = [_state(one)]
    if one.job:
        words.append(f"job {one.job.id} {_outcome(one.job)}")
    if one.unreported:
        words.append(f"not reported: {one.unreported}")
    if one.outdated:
        words.append(f"job {one.outdated.id} tested other builds")
    elif one.remedy is Remedy.SCHEDULE:
        words.append("no job")
    if one.remedy is Remedy.NO_SUCH_JOB:
        words.append("openQA has other jobs of that flavor and arch only")
    if one.ref_url:
        words.append(one.ref_url)
    return f"{name}: {', '.join(words)}"


def _state(one: Standing) -> str:
    requirement = one.requirement
    if requirement.state is RequirementState.WAIVED:
        return f"waived by waiver {requirement.waiver_id}"
    if requirement.state is RequirementState.OTHER:
        return requirement.type
    return str(requirement.state)


def _outcome(job: Job) -> str:
    return job.result if job.result != "none" else job.state
