"""``fedora-openqa gating``."""

import sys
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.cli.show_gating import as_json, describe
from fedora_openqa.errors import SubjectError
from fedora_openqa.policy.gating import Push, subject_of
from fedora_openqa.wiring.gating import open_gating

#: exit statuses
SATISFIED, NOT_SATISFIED = 0, 1


def check_subject(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """Accept the id or the URL of an update or a compose."""
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
    help="What an update is pushed to (default: as Bodhi asks, by its status and request).",
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

    SUBJECT is the id or URL of an update or a compose. Greenwave is asked what Bodhi asks: about
    each build of an update and the update itself.

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
