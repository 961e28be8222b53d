"""Keeps a lease while the work under it is done."""

import _thread
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from functools import partial

from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)

#: seconds in which a thread must begin
START_SECONDS = 10.0


@contextlib.contextmanager
def kept(renew: Callable[[], bool], *, seconds: float, longest: float) -> Iterator[None]:
    """Renew a lease while the block runs.

    :param renew: renews it, and returns False if it is lost
    :param seconds: of the lease
    :param longest: seconds after which it is not renewed any more

    Raises:
        RuntimeError: no thread can be started.
    """
    done = threading.Event()
    begun = time.monotonic()

    def keep() -> None:
        while not done.wait(seconds / 3):
            if time.monotonic() - begun > longest:
                log.error("takes too long: the lease is not renewed")
                return
            try:
                if not renew():
                    log.warning("lease lost")
                    return
            except Exception as exc:  # noqa: BLE001 - the next renewal may succeed
                log.warning("lease not renewed: %s", first_line(str(exc)))

    ended = _start(partial(copy_context().run, keep))
    try:
        yield
    finally:
        done.set()
        ended.wait()


def _start(work: Callable[[], object]) -> threading.Event:
    """Run a function in a thread; return what is set at its end.

    `threading.Thread` waits for ever for a thread that lacks the memory to begin.

    Raises:
        RuntimeError: no thread can be started.
    """
    begun, ended = threading.Event(), threading.Event()

    def run() -> None:
        begun.set()
        try:
            work()
        finally:
            ended.set()

    _thread.start_new_thread(run, ())
    if not begun.wait(START_SECONDS):
        raise RuntimeError("can't start new thread")
    return ended
