"""``fedora-openqa waive``."""

import json
import sys
from pathlib import Path

import click
import msgspec

from fedora_openqa.cli.common import open_config, writes_nothing
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.errors import SubjectError
from fedora_openqa.model.audit import Action
from fedora_openqa.model.gating import Waived, WaiverRequest
from fedora_openqa.policy.gating import waivable_subject_of
from fedora_openqa.policy.waivers import reason_not_to_store
from fedora_openqa.wiring.acting import by_command, open_acting
from fedora_openqa.wiring.gating import open_waiving

#: exit status
NOT_WAIVED = 1


def check_subject(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Check that a value is the id or URL of an update or a compose, or the NVR of a build."""
    try:
        waivable_subject_of(value)
    except SubjectError as exc:
        raise click.BadParameter(str(exc)) from exc
    return value


def check_text(_ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Check that WaiverDB can store a text unchanged."""
    reason = None if value is None else reason_not_to_store(str(param.name), value)
    if reason:
        raise click.BadParameter(reason)
    return value


@click.command()
@click.argument("subject", callback=check_subject)
@click.argument("test", callback=check_text)
@click.option(
    "--comment",
    required=True,
    metavar="TEXT",
    callback=check_text,
    help="Why the result does not matter this time.",
)
@click.option(
    "--scenario",
    metavar="S",
    callback=check_text,
    help="Only in this scenario, as fedora.updates-server.x86_64.64bit (default: in all).",
)
@click.option(
    "--product-version",
    metavar="V",
    callback=check_text,
    help="As fedora-43 (default: that of the update's release, or fedora-rawhide for a compose).",
)
@click.option(
    "-y", "--yes", is_flag=True, help="Waive without asking, even if the test is unknown."
)
@click.option("--dry-run", is_flag=True, help="Send nothing; print the waiver that would be sent.")
@format_option
@click.pass_obj
def waive(
    config_file: Path | None,
    *,
    subject: str,
    test: str,
    comment: str,
    scenario: str | None,
    product_version: str | None,
    yes: bool,
    dry_run: bool,
    output: str,
) -> None:
    """Waive TEST for SUBJECT in WaiverDB.

    SUBJECT is the id or URL of an update or a compose, or a build (name-version-release). TEST is
    openQA's name of a test, or a whole test case: podman, update.podman. If gating requires TEST
    of a build of the update, it is waived for the build. If gating does not require TEST, and
    neither ResultsDB nor a policy has it, you are asked first.

    Exit status: 0 it is waived; 1 it is not, or a service does not answer; 2 wrong usage or
    configuration.
    """
    config = open_config(config_file, None)
    dry_run = writes_nothing(config, dry_run=dry_run)
    waiving = open_waiving(config, dry_run=dry_run)
    request = WaiverRequest(
        subject=subject,
        test=test,
        comment=comment,
        scenario=scenario,
        product_version=product_version,
    )
    if yes:
        waiver = waiving.plan_unasked(request)
    else:
        waiver, doubt = waiving.plan(request)
        if doubt:
            confirm(doubt)
    with open_acting(config, dry_run=dry_run).recorded(
        by_command(
            Action.WAIVE,
            subject,
            reason=comment,
            preview={"testcase": waiver.testcase, "scenario": scenario},
        )
    ) as record:
        waived = waiving.waive(waiver)
        record.done(f"waived {waiver.testcase}: waiver {waived.id}")
    show(waived, output=output, dry_run=dry_run)


def confirm(doubt: str) -> None:
    """Ask whether to waive nevertheless; exit if the answer is no or cannot be asked for."""
    say(f"Warning: {doubt}", err=True)
    if not sys.stdin.isatty():
        say("Not waived: standard input is no terminal to ask at; use --yes", err=True)
        sys.exit(NOT_WAIVED)
    if not click.confirm("Waive it nevertheless?", err=True):
        say("Not waived", err=True)
        sys.exit(NOT_WAIVED)


def show(waived: Waived, *, output: str, dry_run: bool) -> None:
    """Print the waiver; in a dry run, also the body that would be sent."""
    waiver = waived.waiver
    if output == "json":
        fields = msgspec.to_builtins(waiver)
        sent = {"body": dict(waived.body)} if dry_run else {}
        say_json({"waiver": waived.id or None, **fields, **sent})
        return
    where = f" in {waiver.scenario}" if waiver.scenario else ""
    what = f"{waiver.testcase}{where} of {waiver.subject} ({waiver.product_version})"
    if dry_run:
        say(f"Would waive {what}: {json.dumps(waived.body)}")
    else:
        say(f"Waived {what}: waiver {waived.id}")
