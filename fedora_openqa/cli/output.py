"""How commands print: every argument is one printable line, whatever foreign text is in it.

Nothing else in `cli` prints. On a terminal rich adds colour, tables and progress, unless
``NO_COLOR`` or ``TERM=dumb`` forbid it; where output is piped it is plain text and rich is not
loaded. Foreign text is never read as rich's markup.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from fedora_openqa.texts import one_line, without_logins

#: colour -> states that have it on a terminal
COLOURS = {
    "green": r"passed|delivered|scheduled|satisfied|waived|PASSED",
    "red": r"failed|parked|incomplete|timeout_exceeded|not satisfied|Error|Failed|Problem|FAILED",
    "yellow": r"missing|paused|Paused|softfailed|skipped|waits|Warning|Notice|NEEDS_INSPECTION",
}


def say(*lines: str, err: bool = False) -> None:
    """Print lines; a character that is invisible or would end a line becomes U+FFFD.

    User names and passwords in URLs are left out.

    A tab is kept: the compose report has columns.

    :param err: print to standard error
    """
    cleaned = [without_logins(one_line(line, keep="\t")) for line in lines]
    stream = sys.stderr if err else sys.stdout
    if not stream.isatty():
        for line in cleaned:
            click.echo(line, err=err)
        return
    from rich.console import Console

    console = Console(file=stream)
    for line in cleaned:
        console.print(_coloured(line), soft_wrap=True)


def say_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; its columns are as wide as their widest cell, on a terminal they wrap."""
    if not sys.stdout.isatty():
        cleaned = [[one_line(cell) for cell in row] for row in (headings, *rows)]
        widths = [max(map(len, column)) for column in zip(*cleaned, strict=True)]
        for line in cleaned:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            say("  ".join(cells).rstrip())
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(*headings, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(_coloured(one_line(cell)) for cell in row))
    Console().print(table)


def say_json(value: object) -> None:
    """Print a value or a view as JSON in which each control character is escaped."""
    # ASCII, so that the encoder escapes all but DEL
    click.echo(json.dumps(msgspec.to_builtins(value), indent=2).replace("\x7f", "\\u007f"))


@contextmanager
def progress() -> Iterator[Callable[..., None]]:
    """Yield a function that shows ``done, total, name`` on a terminal on standard error.

    The line is removed afterwards. Where standard error is no terminal, nothing is shown.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _total, _name="": None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", visible=False)

        def show(done: int, total: int, name: str = "") -> None:
            bar.update(
                task,
                completed=done,
                total=total,
                description=one_line(name),
                visible=True,
                refresh=True,
            )

        yield show


def _coloured(line: str) -> Any:  # noqa: ANN401 - a Text, which is loaded here
    from rich.text import Text

    text = Text(line)
    for colour, states in COLOURS.items():
        text.highlight_regex(re.compile(rf"\b(?:{states})\b"), colour)
    return text
