"""The command ``fedora-openqa``.

Commands import what they need when they run: help must be there at once.
"""

import logging
import sys
from pathlib import Path
from typing import Any

import click

from fedora_openqa import __version__
from fedora_openqa.cli.blocked import blocked
from fedora_openqa.cli.check_compose import check_compose
from fedora_openqa.cli.compose import compose
from fedora_openqa.cli.config import configuration
from fedora_openqa.cli.explain import explain
from fedora_openqa.cli.gating import gating
from fedora_openqa.cli.image import image
from fedora_openqa.cli.packages import copr, fcosbuild, tag, task, update
from fedora_openqa.cli.parked import parked
from fedora_openqa.cli.pauses import pause, resume
from fedora_openqa.cli.replay import replay
from fedora_openqa.cli.report import report
from fedora_openqa.cli.rerun import rerun
from fedora_openqa.cli.sandbox import sandbox
from fedora_openqa.cli.status import status
from fedora_openqa.cli.sweep import sweep
from fedora_openqa.cli.waive import waive
from fedora_openqa.cli.worker import worker
from fedora_openqa.errors import ConfigError, FedoraOpenQAError, shortage
from fedora_openqa.logs import log_lines
from fedora_openqa.texts import one_line


class _Failure(click.ClickException):
    """One of our errors, shown as one line."""


class _Misconfigured(_Failure):
    """Ours to mend, like a wrong option."""

    exit_code = 2


class _Commands(click.Group):
    """Turns our errors into an exit status: 2 for a wrong deployment, 1 for all else."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(ctx)
        except ConfigError as exc:
            raise _Misconfigured(str(exc)) from exc
        except FedoraOpenQAError as exc:
            raise _Failure(str(exc)) from exc
        except (OSError, MemoryError, RuntimeError) as exc:
            # standard output, too, may be on a full disk
            if short := shortage(exc):
                raise _Failure(str(short)) from exc
            raise
        except click.ClickException as exc:
            # click quotes what was typed
            exc.message = "\n".join(  # type: ignore[misc] # nothing else is shown
                map(one_line, exc.message.split("\n"))
            )
            raise


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fedora-openqa")
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Configuration file (default: $FEDORA_OPENQA_CONFIG,"
    " ~/.config/fedora-openqa/config.toml, /etc/fedora-openqa/config.toml).",
)
@click.option("-v", "--verbose", is_flag=True, help="Show every write as an openqa-cli call.")
@click.pass_context
def main(ctx: click.Context, config: Path | None, *, verbose: bool) -> None:
    """Schedule openQA tests of Fedora composes and updates, and report their results.

    \b
    Exit status: 0 something was scheduled; 1 nothing was, for the reason on
    standard error; 2 wrong usage or configuration; 3 partly done.
    """  # noqa: D301 - click wants the character
    ctx.obj = config
    log_lines()
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(levelname)s: %(message)s",
    )


for command in (
    compose,
    check_compose,
    image,
    rerun,
    report,
    gating,
    waive,
    blocked,
    update,
    task,
    tag,
    copr,
    fcosbuild,
    configuration,
    sandbox,
    sweep,
    worker,
    status,
    explain,
    parked,
    pause,
    resume,
    replay,
):
    main.add_command(command)


def check_compose_alone() -> None:
    """Run ``fedora-openqa check-compose`` under the name people know."""
    main(["check-compose", *sys.argv[1:]], prog_name="fedora-openqa")
