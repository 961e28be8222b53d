"""``fedora-openqa check-compose``, and ``check-compose`` by itself."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from check_compose.json_form import render_json
from check_compose.render import render_html, render_text
from check_compose.sending import compose_id_in
from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.output import say
from fedora_openqa.cli.sweep import as_seconds
from fedora_openqa.config import Config
from fedora_openqa.model.deliveries import Delivery
from fedora_openqa.wiring.check_compose import open_printing
from fedora_openqa.wiring.service import open_sending

#: exit statuses
DONE, FAILED = 0, 1


@click.command("check-compose")
@click.argument("compose", required=False)
@click.option("--send", is_flag=True, help="Mail the report, once for a compose.")
@click.option(
    "--since",
    "seconds",
    metavar="TIME",
    callback=as_seconds,
    help="Mail the report on every compose that finished since 90m, 24h, 3d ago and was not"
    " reported on.",
)
@click.option(
    "--previous", metavar="COMPOSE", help="Compare with this one (default: the one before)."
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
@click.option("--dry-run", is_flag=True, help="Send nothing; print what would be.")
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
    """Say what is missing, what newly fails and what has changed in a compose.

    COMPOSE is a compose id, or a URL with one. Without --send or --since the report is only
    printed, whether all tests have ended or not, and no store is needed.

    \b
    Exit status: 0 the report was printed, or all that were due were sent; 1 not,
    for the reason on standard error; 2 wrong usage or configuration.
    """  # noqa: D301 - click wants the character
    if (compose is None) == (seconds is None):
        raise click.UsageError("name a compose, or say --since")
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

    sending = open_sending(config, dry_run=dry_run)
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
    """Say what became of a report."""
    if delivery is None:
        return "would be mailed"
    if delivery.reference:
        refused = f"; refused: {delivery.reason}" if delivery.reason else ""
        return f"mailed as {delivery.reference}{refused}"
    return f"not mailed: {delivery.reason or delivery.last_error or delivery.state}"
