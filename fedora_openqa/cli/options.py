"""Options that commands have in common, under the names people already type."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from fedora_openqa.model.spelling import arch_named
from fedora_openqa.texts import SETTING_SIZE, one_line

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def split_list(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    """Split ``A,B`` at its commas; an empty string is an empty list, no option at all none."""
    if value is None:
        return None
    return tuple(word.strip() for word in value.split(",") if word.strip())


def split_flavors(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Split each of several ``A,B`` at its commas."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def named(spell: Callable[[str], T]) -> Callable[..., T | None]:
    """Return a callback that accepts what a function of `fedora_openqa.model.spelling` does."""

    def check(_ctx: click.Context, _param: click.Parameter, value: str | None) -> T | None:
        try:
            return None if value is None else spell(value)
        except ValueError as exc:
            raise click.BadParameter(str(exc)) from exc

    return check


def arches_named(text: str) -> tuple[str, ...]:
    """Return the arches of ``A,B``; none for an empty string.

    Raises:
        ValueError: Fedora is not made for one of them.
    """
    return tuple(arch_named(word.strip()) for word in text.split(",") if word.strip())


def as_extra_settings(
    _ctx: click.Context, _param: click.Parameter, url: str | None
) -> dict[str, str]:
    """Return the job settings that make the installer use an updates image.

    Raises:
        click.BadParameter: openQA cannot keep the URL.
    """
    if url is None:
        return {}
    if url.split() != [url] or one_line(url) != url:
        raise click.BadParameter("not a URL")
    if len(url.encode()) > SETTING_SIZE:
        raise click.BadParameter(f"more than {SETTING_SIZE} bytes")
    return {"GRUBADD": f"inst.updates={url}"}


def compose_options(command: F) -> F:
    """Add what the commands that test a compose, or a part of one, take."""
    for option in (
        click.option(
            "-u",
            "--updates",
            "extra",
            metavar="URL",
            callback=as_extra_settings,
            help="Test with this updates image; such a run is never reported.",
        ),
        click.option("-f", "--force", is_flag=True, help="Schedule also what openQA already has."),
    ):
        command = option(command)
    return command


def packages_options(command: F) -> F:
    """Add what the commands that test packages take."""
    for option in (
        click.option("-f", "--force", is_flag=True, help="Schedule also what openQA already has."),
        click.option(
            "-a",
            "--arch",
            metavar="ARCH",
            callback=named(arch_named),
            help="Only this arch (default: the configured ones).",
        ),
        click.option(
            "--flavor",
            "flavors",
            multiple=True,
            callback=split_flavors,
            metavar="F",
            help="Only this flavor, with or without updates-; may be given several times.",
        ),
    ):
        command = option(command)
    return command


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


def dry_run_option(command: F) -> F:
    """Add what every command that only changes the store takes."""
    return click.option("--dry-run", is_flag=True, help="Change nothing; print what would be.")(
        command
    )


def format_option(command: F) -> F:
    """Add what every command that only shows something takes."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="How to print it.",
    )(command)
