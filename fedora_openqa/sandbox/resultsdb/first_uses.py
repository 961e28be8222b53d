"""What happens to names that are used for the first time, twice at the same moment.

ResultsDB looks whether there is such a test case or group and adds it if not. Of two that do so
at once PostgreSQL has the second wait for the first, and fail.
"""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from fedora_openqa.sandbox.resultsdb.refusals import internal_error
from fedora_openqa.sandbox.resultsdb.results import Field


class FirstUses:
    """The names that are being added; used from the thread of the event loop only."""

    def __init__(self, seconds: float) -> None:
        """Let each addition take some time; 0 for none."""
        self._seconds = seconds
        self._held: set[tuple[Field, str]] = set()

    @asynccontextmanager
    async def adding(self, names: Collection[tuple[Field, str]]) -> AsyncIterator[None]:
        """Add new names inside.

        Raises:
            RefusalError: one of them is being added already.
        """
        if not self._held.isdisjoint(names):
            # the other began earlier and is done when this ends
            await asyncio.sleep(self._seconds)
            raise internal_error()
        self._held.update(names)
        try:
            if names and self._seconds:
                await asyncio.sleep(self._seconds)
            yield
        finally:
            self._held.difference_update(names)
