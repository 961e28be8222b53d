"""How far a long command is, for a person who watches a terminal."""

import sys
from types import TracebackType
from typing import Self

import click

from fedora_openqa.model.products import ProductResult
from fedora_openqa.texts import one_line

#: ECMA-48: back to the first column, erase the line
CLEAR_LINE = "\r\x1b[K"


def show_progress(text: str) -> None:
    """Overwrite the current line of a terminal on standard error; print nothing elsewhere."""
    if sys.stderr.isatty():
        click.echo(f"{CLEAR_LINE}{one_line(text)}", err=True, nl=False)


class PostProgress:
    """A line on standard error that is gone when the posts are through."""

    def __init__(self) -> None:
        """Show nothing yet: there may be nothing to post."""
        self._posted = 0

    def show(self, result: ProductResult, total: int) -> None:
        """Count a product of ``total``."""
        self._posted += 1
        name = f"{result.product.flavor} {result.product.arch}"
        show_progress(f"[{self._posted}/{total}] {name}")

    def __enter__(self) -> Self:
        """Watch."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the terminal as it was."""
        if self._posted:
            show_progress("")
