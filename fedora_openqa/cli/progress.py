"""Progress of a long command, on a terminal."""

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
    """A line on standard error that is removed after the last POST."""

    def __init__(self) -> None:
        """Show nothing until the first POST."""
        self._posted = 0

    def show(self, result: ProductResult, total: int) -> None:
        """Show that one more of ``total`` products is posted."""
        self._posted += 1
        name = f"{result.product.flavor} {result.product.arch}"
        show_progress(f"[{self._posted}/{total}] {name}")

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the line."""
        if self._posted:
            show_progress("")
