"""Options that several commands have, and checks of what is typed."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from fedora_openqa.config import seconds_in
from fedora_openqa.model.spelling import arch_named
from fedora_openqa.texts import SETTING_SIZE, one_line

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


def split_list(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> tuple[str, ...] | None:
    """Return the words of ``A,B``; empty for an empty string, None for None."""
    if value is None:
        return None
    return tuple(word.strip() for word in value.split(",") if word.strip())


def split_flavors(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    """Return the words of several ``A,B``."""
    return tuple(word.strip() for value in values for word in value.split(",") if word.strip())


def named(spell: Callable[[str], T]) -> Callable[..., T | None]:
    """Return a callback that checks a value with a function of `fedora_openqa.model.spelling`."""

    def check(_ctx: click.Context, _param: click.Parameter, value: str | None) -> T | None:
        try:
            return None if value is None else spell(value)
        except ValueError as exc:
            raise click.BadParameter(str(exc)) from exc

    return check


def arches_named(text: str) -> tuple[str, ...]:
    """Return the arches of ``A,B``; empty for an empty string.

    Raises:
        ValueError: Fedora is not made for one of them.
    """
    return tuple(arch_named(word.strip()) for word in text.split(",") if word.strip())


def as_seconds(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    """Return the seconds in ``90m``, ``24h`` or ``3d``; None for None."""
    try:
        return None if value is None else seconds_in(value)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from exc


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
    """Add the options of commands that test a compose or a part of it."""
    for option in (
        click.option(
            "-u",
            "--updates",
            "extra",
            metavar="URL",
            callback=as_extra_settings,
            help="Test the installer with this updates image; results are not reported.",
        ),
        click.option(
            "-f",
            "--force",
            is_flag=True,
            help="Schedule also products that openQA already has jobs of.",
        ),
    ):
        command = option(command)
    return command


def packages_options(command: F) -> F:
    """Add the options of commands that test packages."""
    for option in (
        click.option(
            "-f",
            "--force",
            is_flag=True,
            help="Schedule also products that openQA already has jobs of.",
        ),
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


def writing_options(dry_run: str) -> Callable[[F], F]:
    """Return a decorator that adds the options of commands that ask openQA and write.

    :param dry_run: the help of ``--dry-run``: what the command does not do then, and prints
    """

    def add(command: F) -> F:
        for option in (
            click.option(
                "--format",
                "output",
                type=click.Choice(["text", "json"]),
                default="text",
                show_default=True,
                help="Print text for people or JSON for scripts.",
            ),
            click.option("--dry-run", is_flag=True, help=dry_run),
            click.option(
                "--openqa-hostname",
                metavar="HOST",
                help="openQA server: host, host:port or URL (default: the configured one, or the"
                " first in client.conf).",
            ),
        ):
            command = option(command)
        return command

    return add


#: options of commands that schedule
scheduling_options = writing_options("Post nothing; print the products with their settings.")


def dry_run_option(command: F) -> F:
    """Add the option of commands that only change the store."""
    return click.option(
        "--dry-run", is_flag=True, help="Change nothing in the store; print what would be changed."
    )(command)


def format_option(command: F) -> F:
    """Add the option of commands that only show something."""
    return click.option(
        "--format",
        "output",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Print text for people or JSON for scripts.",
    )(command)
