"""``fedora-openqa worker``."""

from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.serving import as_service, catch_signals, run_until_end
from fedora_openqa.config import with_options, with_threads
from fedora_openqa.logs import log_as_service
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.wiring.deliver import worked_sinks
from fedora_openqa.wiring.service import open_service


@click.command()
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    help="Subjects to work on at once, in each lane (default: worker.threads, or 2 where that is 0;"
    " worker.sink_threads for a sink).",
)
@click.option(
    "--only",
    "lanes",
    multiple=True,
    type=click.Choice(["scheduling", "resultsdb", "wiki", "mail"]),
    help="Only this lane; may be given several times (default: scheduling, the sinks that the"
    " configuration enables, and mail, whose reports are logged otherwise).",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Answer /live, /ready and /metrics there (default: monitoring.listen).",
)
@click.pass_obj
@as_service()
def worker(
    config_file: Path | None, *, threads: int | None, lanes: tuple[str, ...], listen: str | None
) -> None:
    """Schedule wanted subjects and send results to sinks, until Ctrl-C or SIGTERM.

    Scheduling and each enabled sink are lanes of their own: none delays another. Of two or more
    threads that schedule, one is reserved for updates and candidate composes. Consumers work in
    their own processes, too, unless worker.threads is 0. Several workers, on several hosts, can
    share one PostgreSQL store.

    Exit status: 0 after SIGTERM; 1 after a fault of ours; 2 wrong usage; 75 something is missing
    at the start that may come back, such as the database; 78 the configuration is wrong.
    """
    ends = catch_signals()
    config = with_options(open_config(config_file, None), {"monitoring": {"listen": listen}})
    log_as_service(config.log.level, config.log.format)
    possible = {"scheduling", *worked_sinks(config)}
    wanted = set(lanes) or possible
    for lane in lanes:
        if lane not in possible:
            raise click.UsageError(f"[{lane}] enabled is false: nothing would be sent there")
    service = open_service(
        with_threads(config, threads),
        "worker",
        schedules="scheduling" in wanted,
        sinks=[sink for sink in Sink if sink in wanted],
    )
    run_until_end(service, ends, what="a worker")
