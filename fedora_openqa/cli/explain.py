"""``fedora-openqa explain``."""

import sys
from pathlib import Path

import click

from fedora_openqa.cli.common import open_config
from fedora_openqa.cli.options import format_option
from fedora_openqa.cli.output import say, say_json
from fedora_openqa.cli.show_explain import as_json, describe
from fedora_openqa.wiring.operator import open_explainer

#: exit statuses
KNOWN, UNKNOWN = 0, 1


@click.command()
@click.argument("subject")
@click.option("--offline", is_flag=True, help="Do not ask openQA how the jobs are at present.")
@format_option
@click.pass_obj
def explain(config_file: Path | None, *, subject: str, offline: bool, output: str) -> None:
    """Tell the whole story of SUBJECT: messages, rules, products, jobs and their states.

    SUBJECT is the id or URL of a compose, an update or a CoreOS build, the id of a message,
    or a key of the store.

    Exit status: 0 it is known; 1 it is not; 2 wrong usage or configuration.
    """
    found = open_explainer(open_config(config_file, None), offline=offline).explain(subject)
    if output == "json":
        say_json(as_json(found))
    else:
        say(*describe(found))
    sys.exit(KNOWN if found.stories else UNKNOWN)
