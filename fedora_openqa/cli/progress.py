"""How far a long command is, for a person who watches a terminal."""

import sys
from types import TracebackType
from typing import Self

from fedora_openqa.model.products import ProductResult

#: ECMA-48: back to the first column, erase the line
CLEAR_LINE = "\r\x1b[K"


class PostProgress:
    """A line on standard error that is gone when the posts are through."""

    def __init__(self) -> None:
        """Show nothing yet: there may be nothing to post."""
        self._terminal = sys.stderr
        self._posted = 0

    def show(self, result: ProductResult, total: int) -> None:
        """Count a product of ``total``."""
        self._posted += 1
        if self._terminal.isatty():
            name = f"{result.product.flavor} {result.product.arch}"
            self._terminal.write(f"{CLEAR_LINE}[{self._posted}/{total}] {name}")
            self._terminal.flush()

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
        if self._posted and self._terminal.isatty():
            self._terminal.write(CLEAR_LINE)
            self._terminal.flush()
