"""Waits in the main thread for what signal handlers report."""

import contextlib
from queue import Empty, SimpleQueue
from typing import TypeVar

#: seconds after which a signal is noticed that came just before the main thread began to wait:
#: Python calls a handler between two steps of that thread only
SIGNAL_SECONDS = 1.0

T = TypeVar("T")


def first_of(reports: SimpleQueue[T]) -> T:
    """Wait for the first entry of a queue that signal handlers fill, and return it.

    A handler must not set a `threading.Event`: the main thread may hold its lock.
    """
    while True:
        with contextlib.suppress(Empty):
            return reports.get(timeout=SIGNAL_SECONDS)
