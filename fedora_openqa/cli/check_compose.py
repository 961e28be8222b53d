"""``fedora-openqa check-compose``, and ``check-compose`` by itself."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from check_compose.json_form import render_json
from check_compose.render import render_html, render_text
from check_compose.sending import compose_id_in
from fedora_openqa.cli.common import open_config, writes_nothing
from fedora_openqa.cli.options import as_seconds
from fedora_openqa.cli.output import say
from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import Delivery
from fedora_openqa.wiring.check_compose import open_printing
from fedora_openqa.wiring.service import open_sending

#: exit statuses
DONE, FAILED = 0, 1


@click.command("check-compose")
@click.argument("compose", required=False)
@click.option("--send", is_flag=True, help="Mail the report, unless it was mailed before.")
@click.option(
    "--since",
    "seconds",
    metavar="TIME",
    callback=as_seconds,
    help="Mail each report that is due and was not mailed, of composes that finished in this time:"
    " 90m, 24h, 3d.",
)
@click.option(
    "--previous", metavar="COMPOSE", help="Compare with this compose (default: the one before)."
)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "html", "json"]),
    default="text",
    show_default=True,
    help="How to print the report.",
)
@click.option("--openqa-hostname", metavar="HOST", help="openQA server: host, host:port or URL.")
@click.option("--dry-run", is_flag=True, help="Mail nothing; print which reports would be mailed.")
@click.pass_obj
def check_compose(
    config_file: Path | None,
    *,
    compose: str | None,
    send: bool,
    seconds: float | None,
    previous: str | None,
    output: str,
    openqa_hostname: str | None,
    dry_run: bool,
) -> None:
    """Report which images of a compose are missing, which tests newly fail and what has changed.

    COMPOSE is a compose id or a URL that contains one. Without --send and --since the report is
    printed, even if tests still run, and no store is needed.

    Exit status: 0 the report was printed, or all reports that are due were mailed; 1 it was not,
    for the reason on standard error; 2 wrong usage or configuration.
    """
    if (compose is None) == (seconds is None):
        raise click.UsageError("give a compose id, or --since")
    config = open_config(config_file, openqa_hostname)
    if compose and not send:
        _print(config, compose, previous, output)
        return
    if previous:
        raise click.UsageError("--previous is for reports that are printed")
    _send(config, compose, seconds, dry_run=dry_run)


def _print(config: Config, compose: str, previous: str | None, output: str) -> None:

    render = {"text": render_text, "html": render_html, "json": render_json}[output]
    check = open_printing(config)
    _facts, report = check.check(compose_id_in(compose), previous=previous)
    say(*render(report).rstrip("\n").split("\n"))


def _send(config: Config, compose: str | None, seconds: float | None, *, dry_run: bool) -> None:

    sending = open_sending(config, dry_run=writes_nothing(config, dry_run=dry_run))
    if compose:
        composes: Sequence[str] = [compose_id_in(compose)]
        sending.require_jobs(composes[0])
    else:
        composes = sending.finished_since(seconds or 0.0)
    sent = sending.send(composes)
    for compose_id, delivery in sent.items():
        say(f"{compose_id}: {describe(delivery)}")
    if not sent:
        say("No tested compose finished since then without a report")
    sys.exit(FAILED if any(it and not it.reference for it in sent.values()) else DONE)


def describe(delivery: Delivery | None) -> str:
    """Return whether a report was mailed, and if not, why."""
    if delivery is None:
        return "would be mailed"
    if delivery.reference:
        refused = f"; refused: {delivery.reason}" if delivery.reason else ""
        return f"mailed as {delivery.reference}{refused}"
    return f"not mailed: {delivery.reason or delivery.last_error or delivery.state}"
