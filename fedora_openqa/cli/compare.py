"""``fedora-openqa compare``."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.model.builds import Category
from fedora_openqa.views.builds import ChangeView, ComparisonView, TestRunView, comparison_view
from fedora_openqa.views.times import duration
from fedora_openqa.wiring.builds import open_builds
from fedora_openqa.workflows.builds import PREVIOUS

#: exit statuses
NO_WORSE, WORSE = 0, 3

#: categories that are counted only, without --all
QUIET = frozenset({Category.STILL_PASSING})

#: categories of tests that fail and did not before
NEWLY_FAILING = (Category.REGRESSION, Category.NEW_FAILURE)


@click.command()
@click.argument("build")
@click.argument("other", default=PREVIOUS)
@click.option("--all", "whole", is_flag=True, help="List also the tests that passed in both.")
@format_option
@click.pass_obj
def compare(config_file: Path | None, *, build: str, other: str, whole: bool, output: str) -> None:
    """Compare the tests of BUILD with those of OTHER, by the jobs that the store knows.

    Both are ids or URLs, or openQA's BUILD. OTHER may be `previous`, the newest build before of
    the same release and type whose jobs have all ended (the default), or `last-good`, the newest of
    these whose tests have all passed. Of each test its newest job counts. Nothing is asked.

    Exit status: 0 no test fails that did not before; 3 some do; 1 a build is not known; 2 wrong
    usage or configuration.
    """
    view = comparison_view(open_builds(open_config(config_file, None)).compare(build, other))
    if output == "json":
        say_json(view)
    else:
        say(*describe(view, whole=whole))
    sys.exit(WORSE if any(view.counts[one] for one in NEWLY_FAILING) else NO_WORSE)


def describe(view: ComparisonView, *, whole: bool = False) -> Iterator[str]:
    """Yield a heading for each category with its tests below, and the number of each.

    :param whole: list also the tests that passed in both
    """
    for category, tests in groupby(view.tests, key=lambda one: one.category):
        if whole or category not in QUIET:
            yield f"{category[:1].upper()}{category[1:]}:"
            yield from (f"  {_line(one)}" for one in tests)
    if soft := [one for one in view.tests if one.after and one.after.soft_failed]:
        yield "Soft failed now:"
        yield from (f"  {_name(one)}, job {one.after.id}" for one in soft if one.after)
    counts = ", ".join(f"{number} {category}" for category, number in view.counts.items() if number)
    yield f"{view.build}, compared with {view.other}: {counts}"


def _name(one: ChangeView) -> str:
    return f"{one.arch} {one.flavor} {one.test}@{one.machine}"


def _line(one: ChangeView) -> str:
    return f"{_name(one)}: {_end(one.before)} → {_end(one.after)}"


def _end(run: TestRunView | None) -> str:
    if run is None:
        return "not there"
    module = f" in {run.module}" if run.module else ""
    why = f": {run.reason}" if run.reason else ""
    lasted = "" if run.seconds is None else f", {duration(timedelta(seconds=run.seconds))}"
    return f"{run.end}{module}{why} (job {run.id}{lasted})"
