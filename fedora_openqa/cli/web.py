"""``fedora-openqa web``."""

from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.output import say
from fedora_openqa.cli.serving import as_service, catch_signals, run_until_end
from fedora_openqa.config import with_options
from fedora_openqa.errors import ConfigError
from fedora_openqa.logs import log_as_service


@click.command()
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Serve the pages there (default: web.listen).",
)
@click.option(
    "--monitor",
    metavar="HOST:PORT",
    help="Answer /live, /ready and /metrics there (default: monitoring.listen).",
)
@click.pass_obj
@as_service()
def web(config_file: Path | None, *, listen: str | None, monitor: str | None) -> None:
    """Serve the pages about subjects, tests and lanes, until Ctrl-C or SIGTERM.

    The pages are made from the store: no visitor makes us ask openQA. Persons whom web.roles names
    may log in and act; without a provider of identities the holder of the token may, which is
    printed at the start. Programs act below /api/v1, with the token. Where web.openid.waiver_scope
    is set, everybody may waive whom WaiverDB lets. The pages listen on the loopback interface
    unless web.listen says otherwise; encryption and the name of the host are for a proxy in front
    of them.

    Exit status: 0 after SIGTERM; 1 after a fault of ours; 2 wrong usage; 75 something is missing
    at the start that may come back, such as the database; 78 the configuration is wrong.
    """
    try:
        # late: the command's help needs no extra
        from fedora_openqa.wiring.web import open_web  # noqa: PLC0415
    except ModuleNotFoundError as exc:
        raise ConfigError(f"the pages need {exc.name}: pip install 'fedora-openqa[web]'") from exc
    ends = catch_signals()
    options = {"web": {"listen": listen}, "monitoring": {"listen": monitor}}
    config = with_options(open_config(config_file, None), options)
    log_as_service(config.log.level, config.log.format)
    run_until_end(open_web(config, announce=say), ends, what="a thread")
