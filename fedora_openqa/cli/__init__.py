"""The command ``fedora-openqa``: its sections and commands.

A command is imported when it is called, so that the list of commands is printed at once.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from fedora_openqa import __version__
from fedora_openqa.errors import ConfigError, FedoraOpenQAError, shortage
from fedora_openqa.logs import log_as_command
from fedora_openqa.texts import one_line, without_logins

#: section of ``--help`` -> command -> its module, and its help of at most 45 characters; in the
#: module it has its own name, with ``_`` for ``-``
COMMANDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Schedule": {
        "compose": ("compose", "Schedule the tests of a compose"),
        "image": ("image", "Schedule the tests of one image of a compose"),
        "update": ("packages", "Schedule the tests of a Bodhi update"),
        "task": ("packages", "Schedule tests of the builds of Koji tasks"),
        "tag": ("packages", "Schedule tests of a Koji side tag"),
        "copr": ("packages", "Schedule tests of a COPR project"),
        "fcosbuild": ("packages", "Schedule the tests of a CoreOS build"),
        "rerun": ("rerun", "Restart failed or chosen jobs"),
    },
    "Report": {
        "report": ("report", "Send results to ResultsDB and the wiki"),
        "check-compose": (
            "check_compose",
            "Print or mail the compose check report",
        ),
        "sweep": ("sweep", "Find untested subjects and unsent results"),
    },
    "Look": {
        "status": ("status", "Show lanes, pauses and waiting work"),
        "now": ("now", "Show what is tested or waits, and until when"),
        "capacity": ("capacity", "Show openQA's workers and what waits for them"),
        "explain": ("explain", "Show the history of a subject and its jobs"),
        "history": ("history", "Show the last runs of a test"),
        "failures": ("failures", "List failed jobs that have one cause"),
        "flakes": ("flakes", "List tests that fail now and then"),
        "compare": ("compare", "Compare the tests of two builds"),
        "gating": ("gating", "Show which tests gating requires of a subject"),
        "audit": ("audit", "List what people did, and what came of it"),
        "shadow": ("shadow", "Compare a shadow with the system beside it"),
        "blocked": ("blocked", "Find updates that wait for unsent results"),
    },
    "Decide": {
        "parked": ("parked", "List, show, release or drop parked items"),
        "pause": ("pauses", "Stop a lane: scheduling or a sink"),
        "resume": ("pauses", "Let a paused lane go on"),
        "drain": ("drain", "Pause all lanes until openQA runs nothing"),
        "keep": ("keep", "Let openQA keep the results of a build"),
        "waive": ("waive", "Waive a test in WaiverDB"),
    },
    "Run": {
        "worker": ("worker", "Schedule and deliver what the store wants"),
        "web": ("web", "Serve the pages"),
        "store": ("store", "Upgrade, check, back up or restore the store"),
        "assets": ("assets", "Find base disk images that openQA lacks"),
        "config": ("config", "Check or import configuration and tables"),
    },
    "Try": {
        "sandbox": ("sandbox", "Run embedded servers to try everything on"),
        "replay": ("replay", "Take recorded messages in, or plan for them"),
    },
}


class _Failure(click.ClickException):
    """One of our errors, shown as one line."""


class _Misconfigured(_Failure):
    """A wrong deployment, which ends a command like a wrong option."""

    exit_code = 2


class _Commands(click.Group):
    """Imports a command when it is needed; turns our errors into an exit status.

    The status is 2 for a wrong deployment and 1 for all other errors.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return [name for section in COMMANDS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        for section in COMMANDS.values():
            if cmd_name in section:
                module = import_module(f"{__name__}.{section[cmd_name][0]}")
                command: click.Command = getattr(module, cmd_name.replace("-", "_"))
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        width = max(map(len, self.list_commands(ctx)))
        for section, commands in COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl(
                    [(name.ljust(width), text) for name, (_, text) in commands.items()]
                )

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
            # click quotes the arguments
            exc.message = "\n".join(  # type: ignore[misc] # nothing else is shown
                without_logins(one_line(line)) for line in exc.message.split("\n")
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
    Exit status, unless a command's help says otherwise: 0 done; 1 nothing was
    done, for the reason on standard error; 2 wrong usage or configuration;
    3 partly done.
    """  # noqa: D301 - click wants the character
    ctx.obj = config
    log_as_command(verbose=verbose)


def check_compose_alone() -> None:
    """Run ``fedora-openqa check-compose`` as the command ``check-compose``."""
    main(["check-compose", *sys.argv[1:]], prog_name="fedora-openqa")
