"""``fedora-openqa worker``."""

from pathlib import Path

import click


@click.command()
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Subjects to work on at once.",
)
@click.pass_obj
def worker(config_file: Path | None, *, threads: int) -> None:
    """Work on what messages asked for, until Ctrl-C or SIGTERM.

    The consumer's own process does that unless its worker.threads is 0. Start as many of
    these, on as many hosts, as should share one PostgreSQL store.
    """
    import signal
    import threading

    from fedora_openqa.cli.scheduling import open_config
    from fedora_openqa.errors import ConfigError
    from fedora_openqa.wiring.service import open_service

    ended = threading.Event()
    failures: list[ConfigError] = []

    def fail(failure: ConfigError) -> None:
        failures.append(failure)
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    service = open_service(open_config(config_file, None), threads=threads)
    workers = service.start(fail)
    ended.wait()
    service.stop()
    for thread in workers:
        # a subject under way is finished; a second signal need not wait for that
        signal.signal(signal.SIGINT, signal.default_int_handler)
        thread.join()
    if failures:
        raise failures[0]
