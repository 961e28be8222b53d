"""Runs a process of ours until a signal, and ends it as a service."""

import contextlib
import logging
import os
import signal
from collections.abc import Iterator
from queue import SimpleQueue

import click

from fedora_openqa.cli.output import say
from fedora_openqa.errors import FedoraOpenQAError, why_not_started
from fedora_openqa.logs import HANGUP
from fedora_openqa.signals import first_of
from fedora_openqa.workflows.service import Process

log = logging.getLogger(__name__)

#: exit status after a second Ctrl-C, as of a shell
INTERRUPTED = 130

#: what ends a process: a signal, or the exception of a thread
Ends = SimpleQueue[BaseException | int]


@contextlib.contextmanager
def as_service() -> Iterator[None]:
    """End with the exit status of a service if its deployment is wrong, or cannot work now."""
    try:
        yield
    except (FedoraOpenQAError, OSError, MemoryError, RuntimeError) as exc:
        if not (why := why_not_started(exc)):
            raise
        status, reason = why
        say(f"Error: {reason}", err=True)
        raise SystemExit(status) from exc


def catch_signals() -> Ends:
    """Return a queue that gets the signals of this process from now on."""
    ends: Ends = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: ends.put(number))
    return ends


def run_until_end(process: Process, ends: Ends, *, what: str) -> None:
    """Start the parts of a process, and let them end after a signal or a failure.

    :param what: a part, in the error: ``"a worker"``

    Raises:
        FedoraOpenQAError: it ended one of the parts.
        ClickException: another exception did.
    """
    process.start(ends.put)
    while (end := first_of(ends)) == signal.SIGHUP:
        log.warning(HANGUP)
    # the current subjects are finished first; a second Ctrl-C does not wait for them
    signal.signal(signal.SIGINT, lambda *_: os._exit(INTERRUPTED))
    if not process.end():
        # Python would wait for the threads that are left
        logging.shutdown()
        os._exit(1 if isinstance(end, BaseException) else 0)
    if isinstance(end, FedoraOpenQAError):
        raise end
    if isinstance(end, BaseException):
        # its traceback is logged
        raise click.ClickException(f"{what} ended: {end!r}")
