"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable


def wait_for(done: Callable[[], object], seconds: float = 120.0) -> None:
    """Return as soon as a condition holds; fail the test after some seconds."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, f"not within {seconds:g} s"
        time.sleep(0.02)
