"""How commands print: one line for each argument, whatever foreign text is in it."""

import json

import click

from fedora_openqa.texts import one_line


def say(*lines: str, err: bool = False) -> None:
    """Print lines; a character that is invisible or would end a line becomes U+FFFD.

    A tab is kept: the compose report has columns.

    :param err: print to standard error
    """
    for line in lines:
        click.echo(one_line(line, keep="\t"), err=err)


def say_json(value: object) -> None:
    """Print a value as JSON in which each control character is escaped."""
    # ASCII, so that all but DEL is escaped by the encoder
    click.echo(json.dumps(value, indent=2).replace("\x7f", "\\u007f"))
