"""Conflicts of two requests that use a new name at the same time.

ResultsDB adds a test case or group that it does not have. If two requests do so at once, PostgreSQL
lets the second wait for the first, and then fail.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from fedora_openqa.sandbox.resultsdb.refusals import internal_error
from fedora_openqa.sandbox.resultsdb.results import Field


class FirstUses:
    """The names that are being added; used in the thread of the event loop only."""

    def __init__(self, seconds: float) -> None:
        """Let each addition take some seconds; 0: none."""
        self._seconds = seconds
        self._held: set[tuple[Field, str]] = set()

    @asynccontextmanager
    async def adding(self, names: Collection[tuple[Field, str]]) -> AsyncIterator[None]:
        """Add new names inside the context.

        Raises:
            RefusalError: another request is adding one of them.
        """
        if not self._held.isdisjoint(names):
            # the other request began earlier, and ends within this time
            await asyncio.sleep(self._seconds)
            raise internal_error()
        self._held.update(names)
        try:
            if names and self._seconds:
                await asyncio.sleep(self._seconds)
            yield
        finally:
            self._held.difference_update(names)
