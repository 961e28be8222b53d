"""``fedora-openqa now``."""

from collections.abc import Iterator
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.model.forecast import BuildForecast
from fedora_openqa.model.now import Now, Present, Stage
from fedora_openqa.views.now import now_view
from fedora_openqa.views.times import ago, when
from fedora_openqa.wiring.present import open_look_around

TITLES = {
    Stage.RUNNING: "Running",
    Stage.WAITING: "Waiting in openQA",
    Stage.UNPOSTED: "Not scheduled yet",
}


@click.command()
@format_option
@click.pass_obj
def now(config_file: Path | None, *, output: str) -> None:
    """Show what is tested or waits, who asked for it, why it waits, and when it will be done.

    openQA's queue is played through with what its tests took before. Not before: all tests take
    their usual time, or less as far as one of twenty earlier builds did. Usually by: they take
    long, and more as far as one of five earlier builds did; it is left out until ten builds of the
    kind were compared. What comes into the queue later is not known. Before its tests are scheduled
    a subject is assumed to take as long as the builds of its kind in the last month.

    openQA is not asked: a process with workers reads it once a minute (openqa.watch).

    Exit status: 0; 2 wrong usage or configuration.
    """
    found = open_look_around(open_config(config_file, None)).now()
    if output == "json":
        say_json(now_view(found))
    else:
        say(*describe(found))


def describe(found: Now) -> Iterator[str]:
    """Yield the lines about all subjects."""
    yield from describe_age(found.seen, found.now, is_stale=found.is_stale, errors=found.errors)
    for stage, title in TITLES.items():
        some = [one for one in found.subjects if one.stage is stage]
        if some:
            yield f"{title}: {len(some)}"
        for one in some:
            yield from _describe(one, found.now)
    if not found.subjects:
        yield "Nothing is tested or waits"


def describe_age(
    seen: float | None, now: float, *, is_stale: bool, errors: tuple[str, ...]
) -> Iterator[str]:
    """Yield when openQA was read, and why it was not."""
    if seen is not None:
        note = ", which says nothing about the present" if is_stale else ""
        yield f"openQA was read {ago(seen, now)}{note}"
    for error in errors:
        yield f"Problem: {error}"


def _describe(one: Present, now: float) -> Iterator[str]:
    known = one.forecast
    jobs = (
        f": {one.done} done, {known.running} running, {known.waiting} waiting"
        if known and one.build
        else ""
    )
    yield f"  {one.key or one.build}{jobs}"
    yield f"    asked for by {one.asked_by}, {ago(one.since, now)}"
    if known:
        yield f"    {describe_eta(known)}"
    for why in one.waits:
        yield f"    waits: {why}"
    if one.due is not None and one.attempts:
        yield f"    attempts: {one.attempts}, the next is due {when(one.due)}"
    if known and known.assumed:
        assumed = ", ".join(known.assumed)
        prefix = "duration not known, as other tests of the flavor" if one.build else "assumed"
        yield f"    {prefix}: {assumed}"


def describe_eta(known: BuildForecast) -> str:
    """Return when a build will be done."""
    if known.never:
        return f"never done, while {'; '.join(known.never)}"
    if known.not_before is None:
        return f"when it will be done is not known: {known.unknown}"
    usually = f", usually by {when(known.usually_by)}" if known.usually_by is not None else ""
    return f"not before {when(known.not_before)}{usually}"
