"""Keeps a lease while the work under it is done."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context

from fedora_openqa.texts import first_line

log = logging.getLogger(__name__)


@contextlib.contextmanager
def kept(renew: Callable[[], bool], *, name: str, seconds: float, longest: float) -> Iterator[None]:
    """Renew a lease while the block runs.

    :param renew: renews it, and returns False if it is lost
    :param name: of its owner, for the name of the thread
    :param seconds: of the lease
    :param longest: seconds after which it is not renewed any more
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

    thread = threading.Thread(
        target=copy_context().run, args=(keep,), name=f"{name}-lease", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
