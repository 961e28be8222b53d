"""``fedora-openqa report``."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from fedora_openqa.cli.common import DONE, NOTHING, PARTLY, open_config
from fedora_openqa.cli.options import writing_options
from fedora_openqa.cli.output import progress, say, say_json
from fedora_openqa.config import Config, with_options
from fedora_openqa.model.deliveries import ManualDelivery
from fedora_openqa.wiring.deliver import open_by_hand


@click.command()
@click.argument("targets", metavar="JOB_OR_BUILD…", nargs=-1, required=True)
@click.option("--resultsdb", "to_resultsdb", is_flag=True, help="Send the results to ResultsDB.")
@click.option("--wiki", "to_wiki", is_flag=True, help="File passes on the wiki.")
@click.option(
    "--resultsdb-url", metavar="URL", help="URL of ResultsDB's API (default: the configured one)."
)
@click.option(
    "--wiki-hostname",
    metavar="HOST",
    help="The wiki: host or host:port (default: the configured one).",
)
@click.option(
    "--openqa-baseurl",
    metavar="URL",
    help="Begin the URLs of jobs in results with this (default: the configured one).",
)
@writing_options("Send nothing; print the results that would be sent.")
@click.pass_obj
def report(
    config_file: Path | None,
    *,
    targets: tuple[str, ...],
    to_resultsdb: bool,
    to_wiki: bool,
    resultsdb_url: str | None,
    wiki_hostname: str | None,
    openqa_baseurl: str | None,
    openqa_hostname: str | None,
    dry_run: bool,
    output: str,
) -> None:
    """Send results of jobs, or of whole builds (composes, updates, BUILDs of openQA), to sinks.

    Without --resultsdb and --wiki it only prints the results that both would get. A result that
    the sink already has is not sent again; finished results that never arrived are.

    Exit status: 0 all results are there; 1 none is; 2 wrong usage or configuration; 3 some are.
    """
    config = _with_hosts(
        open_config(config_file, openqa_hostname),
        resultsdb_url=resultsdb_url,
        wiki_hostname=wiki_hostname,
        openqa_baseurl=openqa_baseurl,
    )
    only_show = dry_run or not (to_resultsdb or to_wiki)
    with progress() as show:
        reports = open_by_hand(config, progress=show)
        jobs = reports.select(targets)
        told: dict[str, Sequence[ManualDelivery]] = {}
        if to_resultsdb or not to_wiki:
            told["resultsdb"] = reports.deliver_resultsdb(jobs, dry_run=only_show)
        if to_wiki or not to_resultsdb:
            told["wiki"] = reports.deliver_wiki(jobs, dry_run=only_show)
    told = {sink: sorted(some, key=lambda one: one.job_id) for sink, some in told.items()}
    if output == "json":
        rows = {sink: list(rows_for(sink, some)) for sink, some in told.items()}
        say_json(next(iter(rows.values())) if len(rows) == 1 else rows)
    else:
        say(*describe(told, only_show=only_show))
    _end([one for some in told.values() for one in some])


def rows_for(sink: str, told: Sequence[ManualDelivery]) -> Iterator[dict[str, object]]:
    """Yield the objects that ``--format json`` prints for a sink.

    Most jobs pass no cell of the wiki; they are left out.
    """
    for one in told:
        if sink != "wiki" or one.cells or not one.skip:
            yield from as_json(one)


def as_json(told: ManualDelivery) -> Iterator[dict[str, object]]:
    """Yield the objects of a job: one, or for the wiki one for each cell."""
    after = {} if told.delivery is None else {"state": str(told.delivery.state)}
    if told.failure:
        yield {"job": told.job_id, "failed": told.failure}
    elif told.skip:
        yield {"job": told.job_id, "skip": told.skip}
    elif told.body is not None:
        yield {"job": told.job_id, "result": dict(told.body), **after}
    else:
        for cell in told.cells:
            own = told.ends[cell].as_json() if cell in told.ends else after
            yield {"job": told.job_id, **asdict(cell), **own}


def lines(told: ManualDelivery) -> Iterator[str]:
    """Yield the lines about a job."""
    if told.failure:
        yield f"job {told.job_id}: failed: {told.failure}"
    elif told.skip:
        yield f"job {told.job_id}: not reported: {told.skip}"
    elif told.body is not None:
        testcase: Any = told.body["testcase"]
        where = f", result {told.delivery.reference}" if told.delivery else ""
        yield f"job {told.job_id}: {testcase['name']} is {told.body['outcome']}{where}"
    else:
        for cell in told.cells:
            end = f": {told.ends[cell]}" if cell in told.ends else ""
            yield f"job {told.job_id}: {cell.testcase} passes: {cell.place}{end}"


def describe(told: Mapping[str, Sequence[ManualDelivery]], *, only_show: bool) -> Iterator[str]:
    """Yield a line for each result, and the count of each sink."""
    for sink, some in told.items():
        for one in some:
            yield from (f"{sink}: {line}" for line in lines(one))
        count = sum(one.is_delivered for one in some)
        verb = "would be reported" if only_show else "reported"
        yield f"{sink}: {count} of {len(some)} jobs {verb}"


def _with_hosts(
    config: Config,
    *,
    resultsdb_url: str | None,
    wiki_hostname: str | None,
    openqa_baseurl: str | None,
) -> Config:

    return with_options(
        config,
        {
            "openqa": {"baseurl": openqa_baseurl},
            "resultsdb": {"url": resultsdb_url},
            "wiki": {"hostname": wiki_hostname},
        },
    )


def _end(told: Sequence[ManualDelivery]) -> None:
    failures = [f"job {one.job_id}: {reason}" for one in told for reason in one.failures]
    for failure in failures:
        say(f"Failed: {failure}", err=True)
    if not any(one.is_delivered for one in told):
        if not failures:
            say("Nothing to report", err=True)
        sys.exit(NOTHING)
    sys.exit(PARTLY if failures else DONE)
