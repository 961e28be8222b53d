"""``fedora-openqa shadow diff``."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from fedora_openqa.cli.common import counted, open_config
from fedora_openqa.cli.options import as_seconds, format_option
from fedora_openqa.cli.output import progress, say, say_json
from fedora_openqa.model.shadow import Comparison, Service, ShadowDiff
from fedora_openqa.wiring.shadow import open_comparing

#: exit statuses
SAME, DIFFERENT, UNKNOWN = 0, 1, 2


@click.group()
def shadow() -> None:
    """Compare a shadow with the system beside it."""


@shadow.command()
@click.option(
    "--since",
    "seconds",
    default="7d",
    show_default=True,
    callback=as_seconds,
    metavar="TIME",
    help="Compare what was recorded in this time: 90m, 24h, 7d.",
)
@format_option
@click.pass_obj
def diff(config_file: Path | None, *, seconds: float, output: str) -> None:
    """Compare what a shadow would have done with what the system beside it did.

    Compares products with the settings of openQA's jobs, results with those of ResultsDB, and
    cells with the wiki's result pages. Known defects of the old tools are named as such. Reports
    that would have been mailed are listed; no service shows which mails were sent.

    Exit status: 0 no difference, or only explained ones; 1 differences; 2 none was found, but
    something could not be found out, or the usage or configuration is wrong.
    """
    comparing = open_comparing(open_config(config_file, None))
    with progress() as show:
        found = comparing.diff(seconds, progress=show)
    if output == "json":
        say_json(_as_json(found))
    else:
        say(*_describe(found))
    say(*(f"Could not find out: {one}" for one in found.unknown), err=True)
    if found.differences:
        sys.exit(DIFFERENT)
    sys.exit(UNKNOWN if found.unknown else SAME)


def _as_json(found: ShadowDiff) -> dict[str, object]:
    return {
        "differences": [_row(one) for one in found.differences],
        "explained": [_row(one) for one in found.explained],
        "same": {service: found.number_of_same(service) for service in Service},
        "not_compared": list(found.skipped),
        "mails": list(found.mails),
        "unknown": list(found.unknown),
    }


def _row(one: Comparison) -> dict[str, object]:
    return asdict(one)


def _describe(found: ShadowDiff) -> Iterator[str]:
    for one in found.differences:
        yield from _lines(one)
    for one in found.explained:
        for line in _lines(one):
            yield f"Explained: {line}: {one.explanation}"
    for line in found.skipped:
        yield f"Not compared: {line}"
    for line in found.mails:
        yield f"Would have mailed: {line}"
    same = ", ".join(f"{service} {found.number_of_same(service)}" for service in Service)
    yield (
        f"Same: {same}. {counted(len(found.differences), 'difference')},"
        f" {len(found.explained)} explained"
    )


def _lines(one: Comparison) -> Iterator[str]:
    about = f"{one.service} {one.build}: {one.about}"
    if not one.keys:
        reason = f" ({one.reason})" if one.reason else ""
        yield f"{about}: {one.verdict}{reason}"
    for key in one.keys:
        yield f"{about}: {key}"
