"""Options that commands have in common, under the names people already type."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def split_list(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    """Split ``A,B`` at its commas; an empty string is an empty list, no option at all none."""
    if value is None:
        return None
    return tuple(word.strip() for word in value.split(",") if word.strip())


def writing_options(command: F) -> F:
    """Add what every command that writes to openQA takes."""
    for option in (
        click.option(
            "--format",
            "output",
            type=click.Choice(["text", "json"]),
            default="text",
            show_default=True,
            help="How to print what was done.",
        ),
        click.option(
            "--dry-run", is_flag=True, help="Write nothing anywhere; print what would be posted."
        ),
        click.option(
            "--openqa-hostname",
            metavar="HOST",
            help="openQA server: host, host:port or URL (default: the configured one, or the"
            " first in client.conf).",
        ),
    ):
        command = option(command)
    return command
