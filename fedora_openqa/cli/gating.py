"""``fedora-openqa gating``."""

import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.gating import KOJI_BUILD, Gated, Remedy, RequirementState, Standing
from fedora_openqa.model.jobs import Job
from fedora_openqa.policy.gating import COMPOSE, Push, subject_of
from fedora_openqa.policy.gating_coverage import SCENARIO
from fedora_openqa.wiring.gating import open_gating

#: exit statuses
SATISFIED, NOT_SATISFIED = 0, 1

#: placeholders in commands, which a person replaces
COMMENT, LOCATION = "WHY", "URL"


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
    view = open_gating(open_config(config_file, openqa_hostname))
    found = view.look(subject, Push(context) if context else None)
    if output == "json":
        say_json(as_json(found))
    else:
        say(*describe(found))
    sys.exit(SATISFIED if found.decision.satisfied else NOT_SATISFIED)


def as_json(gated: Gated) -> dict[str, object]:
    """Return what ``--format json`` prints."""
    question = gated.question
    return {
        "subject": question.subject,
        "subject_type": question.subject_type,
        "product_version": question.product_version,
        "contexts": list(question.contexts),
        "satisfied": gated.decision.satisfied,
        "summary": gated.decision.summary,
        "policies": list(gated.decision.policies),
        "requirements": [
            {
                "testcase": one.requirement.testcase,
                "subject_type": one.requirement.subject_type or question.subject_type,
                "subject": one.requirement.subject or question.subject,
                "scenario": one.requirement.scenario,
                "state": str(one.requirement.state),
                "type": one.requirement.type,
                "result": one.requirement.result_id,
                "waiver": one.requirement.waiver_id,
                "url": one.ref_url,
                "job": _job_as_json(one.job),
                "outdated_job": _job_as_json(one.outdated),
                "unreported": one.unreported,
                "remedy": str(one.remedy),
                "commands": list(commands_for(one, gated)),
            }
            for one in gated.standings
        ],
    }


def describe(gated: Gated) -> Iterator[str]:
    """Yield a line for each requirement, unmet ones first, with the commands that help below it."""
    for one in gated.standings:
        yield _line(one)
        for command in commands_for(one, gated):
            yield f"  {command}"
    verdict = "satisfied" if gated.decision.satisfied else "not satisfied"
    yield f"{gated.question.subject}: {verdict}: {gated.decision.summary}"


def commands_for(one: Standing, gated: Gated) -> Iterator[str]:
    """Yield the commands that can satisfy a requirement, the best first."""
    for arguments in _commands(one, gated):
        yield shlex.join(["fedora-openqa", *arguments])


def _commands(one: Standing, gated: Gated) -> Iterator[Iterable[str]]:
    match one.remedy:
        case Remedy.NOTHING | Remedy.WAIT:
            return
        case Remedy.SCHEDULE:
            yield _schedule(one, gated)
            return
        case Remedy.NO_SUCH_JOB:
            yield ("config", "check", "--openqa", "--greenwave")
        case Remedy.REPORT if one.job:
            yield ("report", str(one.job.id), "--resultsdb")
            if one.job.is_ok:
                return
    if one.job:
        yield _rerun(one.job, gated)
    if one.requirement.testcase:
        yield _waive(one, gated)


def _schedule(one: Standing, gated: Gated) -> Iterator[str]:
    scenario = SCENARIO.fullmatch(one.requirement.scenario or "")
    if gated.question.subject_type == COMPOSE:
        yield from ("compose", gated.location or LOCATION)
        if scenario:
            yield from ("--flavors", scenario["flavor"], "--arches", scenario["arch"])
    else:
        yield from ("update", gated.question.subject)
        if scenario:
            yield from ("--flavor", scenario["flavor"], "--arch", scenario["arch"])


def _rerun(job: Job, gated: Gated) -> Iterator[str]:
    yield from ("rerun", gated.question.subject, "--flavor", job.flavor, "--test", job.test)
    yield from ("--arch", job.arch, "--machine", job.machine)


def _waive(one: Standing, gated: Gated) -> Iterator[str]:
    build = _build(one)
    yield from ("waive", build or gated.question.subject, one.requirement.testcase)
    if one.requirement.scenario:
        yield from ("--scenario", one.requirement.scenario)
    yield from ("--comment", COMMENT)


def _build(one: Standing) -> str:
    """Return the build that is required to pass; empty: the update or compose is."""
    requirement = one.requirement
    return requirement.subject if requirement.subject_type == KOJI_BUILD else ""


def _line(one: Standing) -> str:
    requirement = one.requirement
    # a requirement that is not about a test has only a type
    name = " ".join(filter(None, (requirement.testcase, requirement.scenario))) or requirement.type
    if build := _build(one):
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


def _job_as_json(job: Job | None) -> dict[str, object] | None:
    return {"id": job.id, "state": job.state, "result": job.result} if job else None
