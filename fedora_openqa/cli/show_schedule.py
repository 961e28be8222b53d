"""What the commands that schedule share: run the workflow, print what was scheduled, exit."""

import itertools
import sys
from collections import Counter
from collections.abc import Collection, Iterable
from typing import NoReturn

from fedora_openqa.cli.common import DONE, NOTHING, PARTLY, counted, ranges, writes_nothing
from fedora_openqa.cli.output import progress, say, say_json
from fedora_openqa.config import Config
from fedora_openqa.model.products import ProductResult, ProductState, ScheduleResult
from fedora_openqa.model.requests import Request
from fedora_openqa.wiring.scheduling import open_schedule


def schedule_and_show(config: Config, request: Request, *, output: str, dry_run: bool) -> NoReturn:
    """Schedule a subject, with progress on a terminal; exit as `show_scheduled` does.

    Raises: as the workflow.
    """
    dry_run = writes_nothing(config, dry_run=dry_run)
    workflow = open_schedule(config, dry_run=dry_run)
    posted = itertools.count(1)
    with progress() as show:

        def count(result: ProductResult, total: int) -> None:
            show(next(posted), total, f"{result.product.flavor} {result.product.arch}")

        scheduled = workflow.schedule(request, progress=count)
    show_scheduled(scheduled, output=output, dry_run=dry_run)


def show_scheduled(scheduled: ScheduleResult, *, output: str, dry_run: bool) -> NoReturn:
    """Print the scheduled products and exit."""
    if output == "json":
        posts = [dict(result.product.settings) for result in scheduled.posted]
        say_json(posts if dry_run else as_json(scheduled))
    else:
        for result in scheduled.products:
            say(*describe(result, dry_run=dry_run))
    say(*complaints(scheduled), err=True)
    if scheduled.posted and output == "text":
        say(
            f"Would post {counted(len(scheduled.posted), 'product')}"
            if dry_run
            else f"Scheduled jobs: {ranges(scheduled.job_ids)}"
        )
    sys.exit(exit_status(scheduled))


def exit_status(scheduled: ScheduleResult) -> int:
    """Return whether all, some or no products were scheduled."""
    if not scheduled.posted:
        return NOTHING
    return PARTLY if scheduled.failed else DONE


def as_json(scheduled: ScheduleResult) -> dict[str, object]:
    """Return what ``--format json`` prints."""
    shown: dict[str, object] = {
        "target": scheduled.target,
        "jobs": list(scheduled.job_ids),
        "products": [
            {
                "flavor": result.product.flavor,
                "arch": result.product.arch,
                "state": result.state.value,
                "jobs": list(result.job_ids),
                "reason": result.reason,
            }
            for result in scheduled.products
        ],
    }
    return shown | ({"reason": scheduled.reason} if scheduled.reason else {})


def describe(result: ProductResult, *, dry_run: bool) -> list[str]:
    """Return a line about a product, and in a dry run one for each of its settings."""
    name = f"{result.product.flavor} {result.product.arch}"
    if result.state is ProductState.POSTED and dry_run:
        settings = [f"  {key}={value}" for key, value in result.product.settings.items()]
        return [f"{name}: would be posted", *settings]
    jobs = counted(len(result.job_ids), "job")
    if result.state is ProductState.POSTED:
        return [f"{name}: {jobs}" + (f" ({result.reason})" if result.reason else "")]
    return [f"{name}: {result.state}: {result.reason}"]


def complaints(scheduled: ScheduleResult) -> list[str]:
    """Return a line for each reason not to schedule products."""
    if scheduled.reason:
        return [f"Nothing scheduled: {scheduled.reason}"]
    states = Counter(result.state for result in scheduled.products)
    existing, empty = states[ProductState.EXISTING], states[ProductState.EMPTY]
    lines = []
    if existing and existing + empty == len(scheduled.products):
        which = "products that have job templates" if empty else "products"
        lines.append(
            f"Nothing scheduled: openQA already has jobs of all {existing} {which}"
            " (--force schedules them again)"
        )
    elif not scheduled.posted:
        lines.append("Nothing scheduled")
    if not scheduled.posted:
        lines += _by_reason("No jobs", scheduled.products, states=(ProductState.EMPTY,))
    return lines + _by_reason("Failed", scheduled.failed, states=tuple(ProductState))


def _by_reason(
    what: str, results: Iterable[ProductResult], *, states: Collection[ProductState]
) -> list[str]:
    """Return a line for each reason, with the products in these states that have it."""
    names: dict[str, list[str]] = {}
    for result in results:
        if result.state in states:
            name = f"{result.product.flavor} {result.product.arch}"
            names.setdefault(result.reason or "", []).append(name)
    return [f"{what}: {', '.join(found)}: {reason}" for reason, found in names.items()]
