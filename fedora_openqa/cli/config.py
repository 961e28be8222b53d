"""``fedora-openqa config check``."""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.config_import import import_config_files
from fedora_openqa.cli.config_samples import write_samples
from fedora_openqa.cli.deployment import open_deployment, sort_files
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.config import find_config, with_options
from fedora_openqa.model.findings import distinct
from fedora_openqa.wiring.check_tables import check_config, describe_openqa
from fedora_openqa.workflows.check_tables import Checked

#: exit statuses
FINE, PROBLEMS = 0, 1


@click.group()
def config() -> None:
    """Check the configuration, import that of the existing tools, or write samples."""


config.add_command(import_config_files)
config.add_command(write_samples)


@config.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path))
@click.option(
    "--connect",
    is_flag=True,
    help="Try each service that is configured, and the brokers of consumers' files; nothing is"
    " written there.",
)
@click.option("--openqa", is_flag=True, help="Compare with the templates on the openQA server.")
@click.option(
    "--openqa-hostname",
    metavar="HOST",
    help="With --openqa: the server, host, host:port or URL (default: the configured one, or the"
    " first in client.conf).",
)
@click.option(
    "--greenwave",
    metavar="FILE_OR_URL",
    is_flag=False,
    flag_value="",
    help="Compare with gating policies: a policy file, or the URL of a Greenwave server"
    " (default: the configured one).",
)
@click.option("--wiki", is_flag=True, help="Compare with the result pages on the wiki.")
@click.option(
    "--compose",
    metavar="ID",
    help="With --wiki: the result pages of this compose (default: of the newest nightly that"
    " has some).",
)
@click.option(
    "--wiki-hostname",
    metavar="HOST",
    help="With --wiki: the wiki, host or host:port (default: the configured one).",
)
@format_option
@click.pass_obj
def check(
    config_file: Path | None,
    *,
    files: tuple[Path, ...],
    connect: bool,
    openqa: bool,
    openqa_hostname: str | None,
    greenwave: str | None,
    wiki: bool,
    compose: str | None,
    wiki_hostname: str | None,
    output: str,
) -> None:
    """Validate configuration and tables, and show what is in force.

    FILE is a configuration file, instead of the usual one, or a file of fedora-messaging for one
    of our consumers; there may be several of these. Files with passwords and tokens must exist.

    Exit status: 0 no problem; 1 a problem, or a server that does not answer;
    2 wrong usage, configuration or tables.
    """
    if openqa_hostname is not None and not openqa:
        raise click.UsageError("--openqa-hostname needs --openqa")
    for name, value in (("--compose", compose), ("--wiki-hostname", wiki_hostname)):
        if value is not None and not wiki:
            raise click.UsageError(f"{name} needs --wiki")
    ours, theirs = sort_files(files)
    if len([*ours, *filter(None, [config_file])]) > 1:
        raise click.UsageError("there can be one configuration file only")
    config_file = next(iter(ours), config_file)
    chosen = open_config(config_file, openqa_hostname)
    if wiki_hostname is not None:
        chosen = with_options(chosen, {"wiki": {"hostname": wiki_hostname}})
    checked = check_config(
        chosen, openqa=openqa, greenwave=greenwave, wiki=(compose or "") if wiki else None
    )
    deployment = open_deployment(chosen, theirs, connect=connect)
    checked = replace(checked, findings=distinct([*checked.findings, *deployment.findings]))
    source = str(find_config(config_file) or "defaults")
    server = describe_openqa(chosen)
    if output == "json":
        say_json({**as_json(checked, source), "openqa": server, **deployment.as_json()})
    else:
        say(*describe(checked, source, server, deployment.describe()))
    sys.exit(PROBLEMS if checked.problems else FINE)


def as_json(checked: Checked, source: str) -> dict[str, object]:
    """Return what ``--format json`` prints."""
    site = checked.site
    return {
        "configuration": source,
        "images": len(site.compose_tables.images),
        "imageless": len(site.compose_tables.imageless),
        "flavors": {
            "fedora": list(site.flavor_tables.fedora.all_flavors),
            "eln": list(site.flavor_tables.eln.all_flavors),
        },
        "test_suites": len(checked.wiki_tables.suites),
        "test_cases": len(checked.wiki_tables.cases),
        "result_pages": checked.compose or None,
        "blocklist": dict(site.holds.blocked),
        "paused": dict(site.holds.paused),
        "problems": [
            {"kind": finding.kind.name.lower(), "text": str(finding)}
            for finding in checked.problems
        ],
        "notices": [
            {"kind": finding.kind.name.lower(), "text": str(finding)} for finding in checked.notices
        ],
    }


def describe(
    checked: Checked, source: str, server: str, deployment: Iterable[str]
) -> Iterator[str]:
    """Yield a line for each part of the configuration, each problem and each notice.

    :param source: the configuration file
    :param server: the openQA server, and where its API key was found
    :param deployment: lines about consumers and services
    """
    site = checked.site
    tables = site.compose_tables
    yield f"Configuration: {source}"
    yield f"openQA: {server}"
    yield (
        f"Composes: {len(tables.images)} wanted images,"
        f" {len(tables.imageless)} products without an image"
    )
    for line, table in (("Fedora", site.flavor_tables.fedora), ("ELN", site.flavor_tables.eln)):
        yield f"Updates of {line}: {', '.join(table.all_flavors)}"
    yield (
        f"Wiki: {len(checked.wiki_tables.suites)} test suites pass"
        f" {len(checked.wiki_tables.cases)} test cases"
    )
    if checked.compose:
        yield f"Result pages: {checked.compose}"
    for pattern, reason in site.holds.blocked.items():
        yield f"Blocked: {pattern}: {reason}"
    for lane, reason in site.holds.paused.items():
        yield f"Paused: {lane}: {reason}"
    yield from deployment
    for finding in checked.problems:
        yield f"Problem: {finding}"
    for finding in checked.notices:
        yield f"Notice: {finding}"
    yield f"Problems: {len(checked.problems)}, notices: {len(checked.notices)}"
