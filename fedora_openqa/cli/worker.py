"""``fedora-openqa worker``."""

import signal
import threading
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.errors import FedoraOpenQAError
from fedora_openqa.model.deliveries import Sink
from fedora_openqa.wiring.deliver import enabled_sinks
from fedora_openqa.wiring.service import open_service


@click.command()
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Subjects to work on at once, in each lane.",
)
@click.option(
    "--only",
    "lanes",
    multiple=True,
    type=click.Choice(["scheduling", "resultsdb", "wiki", "mail"]),
    help="Only this lane; may be given several times (default: scheduling, and the sinks that"
    " the configuration switches on).",
)
@click.pass_obj
def worker(config_file: Path | None, *, threads: int, lanes: tuple[str, ...]) -> None:
    """Work on what messages asked for, until Ctrl-C or SIGTERM.

    Subjects are scheduled, and each sink that is switched on is told of jobs, each in a
    lane of its own: none delays another. The consumers' own processes do that unless their
    worker.threads is 0. Start as many of these, on as many hosts, as should share one
    PostgreSQL store.
    """
    ended = threading.Event()
    failures: list[BaseException] = []

    def fail(failure: BaseException) -> None:
        failures.append(failure)
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    config = open_config(config_file, None)
    enabled = enabled_sinks(config)
    wanted = lanes or ("scheduling", *enabled)
    for lane in lanes:
        if lane != "scheduling" and lane not in enabled:
            raise click.UsageError(f"[{lane}] enabled is false: nothing would be told there")
    service = open_service(
        config,
        threads=threads,
        schedules="scheduling" in wanted,
        sinks=[sink for sink in Sink if sink in wanted],
    )
    workers = service.start(fail)
    ended.wait()
    service.stop()
    for thread in workers:
        # a subject under way is finished; a second signal need not wait for that
        signal.signal(signal.SIGINT, signal.default_int_handler)
        thread.join()
    if failures:
        if isinstance(failures[0], FedoraOpenQAError):
            raise failures[0]
        # its traceback is logged
        raise click.ClickException(f"a worker ended: {failures[0]!r}")
