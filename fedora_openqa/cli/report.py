"""``fedora-openqa report``."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from fedora_openqa.cli.common import DONE, NOTHING, PARTLY, open_config, writes_nothing
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
    only_show = writes_nothing(config, dry_run=dry_run) or not (to_resultsdb or to_wiki)
    with progress() as show:
        reports = open_by_hand(config, progress=show)
        jobs = reports.select(targets)
        sent: dict[str, Sequence[ManualDelivery]] = {}
        if to_resultsdb or not to_wiki:
            sent["resultsdb"] = reports.deliver_resultsdb(jobs, dry_run=only_show)
        if to_wiki or not to_resultsdb:
            sent["wiki"] = reports.deliver_wiki(jobs, dry_run=only_show)
    sent = {sink: sorted(some, key=lambda one: one.job_id) for sink, some in sent.items()}
    if output == "json":
        rows = {sink: list(rows_for(sink, some)) for sink, some in sent.items()}
        say_json(next(iter(rows.values())) if len(rows) == 1 else rows)
    else:
        say(*describe(sent, only_show=only_show))
    _end([one for some in sent.values() for one in some])


def rows_for(sink: str, sent: Sequence[ManualDelivery]) -> Iterator[dict[str, object]]:
    """Yield the objects that ``--format json`` prints for a sink.

    Most jobs pass no cell of the wiki; they are left out.
    """
    for one in sent:
        if sink != "wiki" or one.cells or not one.skip:
            yield from as_json(one)


def as_json(sent: ManualDelivery) -> Iterator[dict[str, object]]:
    """Yield the objects of a job: one, or for the wiki one for each cell."""
    after = {} if sent.delivery is None else {"state": str(sent.delivery.state)}
    if sent.failure:
        yield {"job": sent.job_id, "failed": sent.failure}
    elif sent.skip:
        yield {"job": sent.job_id, "skip": sent.skip}
    elif sent.body is not None:
        yield {"job": sent.job_id, "result": dict(sent.body), **after}
    else:
        for cell in sent.cells:
            own = sent.ends[cell].as_json() if cell in sent.ends else after
            yield {"job": sent.job_id, **asdict(cell), **own}


def lines(sent: ManualDelivery) -> Iterator[str]:
    """Yield the lines about a job."""
    if sent.failure:
        yield f"job {sent.job_id}: failed: {sent.failure}"
    elif sent.skip:
        yield f"job {sent.job_id}: not reported: {sent.skip}"
    elif sent.body is not None:
        testcase: Any = sent.body["testcase"]
        where = f", result {sent.delivery.reference}" if sent.delivery else ""
        yield f"job {sent.job_id}: {testcase['name']} is {sent.body['outcome']}{where}"
    else:
        for cell in sent.cells:
            end = f": {sent.ends[cell]}" if cell in sent.ends else ""
            yield f"job {sent.job_id}: {cell.testcase} passes: {cell.place}{end}"


def describe(sent: Mapping[str, Sequence[ManualDelivery]], *, only_show: bool) -> Iterator[str]:
    """Yield a line for each result, and the count of each sink."""
    for sink, some in sent.items():
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


def _end(sent: Sequence[ManualDelivery]) -> None:
    failures = [f"job {one.job_id}: {reason}" for one in sent for reason in one.failures]
    for failure in failures:
        say(f"Failed: {failure}", err=True)
    if not any(one.is_delivered for one in sent):
        if not failures:
            say("Nothing to report", err=True)
        sys.exit(NOTHING)
    sys.exit(PARTLY if failures else DONE)
